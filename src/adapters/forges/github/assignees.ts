import type { Asked, GithubApi } from "./api.ts";

/** Those of the given ones that an issue can be assigned to, each once. */
export type Assignees = (logins: readonly string[], signal: AbortSignal) => Promise<readonly string[]>;

/** Accounts of people, of companies (`alice_acme`) and of apps. */
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,80}(\[bot\])?$/;

/**
 * Asks about each login once. One that GitHub does not know, or that may not be assigned, is left out and told to
 * `warn`; a team (`org/team`) is left out without a word, since issues are assigned to people only.
 */
export function checkedAssignees(api: GithubApi, warn: (message: string) => void): Assignees {
  const known = new Map<string, boolean>();
  const isAssignable = async (login: string, signal: AbortSignal): Promise<boolean> => {
    const before = known.get(login.toLowerCase());
    if (before !== undefined) return before;
    const asked: Asked = {
      method: "GET",
      path: "/assignees/{assignee}",
      action: `ask whether issues can be assigned to ${login}`,
      permission: "Issues: read",
      fields: { assignee: login },
    };
    const found = LOGIN.test(login) ? await api.askMaybe(asked, signal, () => true) : undefined;
    if (found === undefined) {
      warn(
        `${api.label}: issues cannot be assigned to ${JSON.stringify(login.slice(0, 100))}, who is left out`,
      );
    }
    known.set(login.toLowerCase(), found === true);
    return found === true;
  };
  return async (logins, signal) => {
    const found: string[] = [];
    for (const login of new Set(logins)) {
      if (login.includes("/")) continue;
      if (await isAssignable(login, signal)) found.push(login);
    }
    return found;
  };
}
