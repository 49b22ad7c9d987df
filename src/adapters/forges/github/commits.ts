import { fieldOf, listOf, maybeText, textOf } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";

/** One commit as GitHub shows it. */
export interface ShownCommit {
  readonly sha: string;
  readonly parents: readonly string[];
  /** Message and the author's own time: what a rebase keeps. */
  readonly outline: string;
  /** Logins of author, committer and co-authors; undefined for who has none. */
  readonly people: readonly (string | undefined)[];
  /** It says that GitHub's own pages made it, and GitHub's signature is on it. */
  readonly isMadeByPages: boolean;
}

/** The committer of what people do on GitHub's pages. The person is the author then. */
export const PAGES = "web-flow";

export function commitOf(data: unknown): ShownCommit {
  const message = textOf(data, "commit", "message");
  const people = [accountIn(data, "author"), accountIn(data, "committer"), ...coAuthors(message)];
  return {
    sha: textOf(data, "sha"),
    parents: listOf(data, "parents").map((parent) => textOf(parent, "sha")),
    outline: `${maybeText(data, "commit", "author", "date") ?? ""} ${message.trim()}`,
    people,
    isMadeByPages: people.includes(PAGES) && fieldOf(data, "commit", "verification", "verified") === true,
  };
}

/** GitHub writes null, and sometimes an object with nothing in it, for an address that belongs to no account. */
function accountIn(data: unknown, role: "author" | "committer"): string | undefined {
  return maybeText(data, role, "login");
}

/** Only addresses that name an account: what else stands there is anybody's text. */
function coAuthors(message: string): readonly string[] {
  const lines = message.matchAll(
    /^co-authored-by:.*<\d+\+([A-Za-z0-9_-]+(?:\[bot\])?)@users\.noreply\.github\.com>/gim,
  );
  return [...lines].map((line) => line[1] ?? "").filter((login) => login !== "");
}

/** The newest commits of a line, newest first; at most `count`, which is at most 250. */
export async function lineOf(
  api: GithubApi,
  from: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly ShownCommit[]> {
  const found: ShownCommit[] = [];
  for (let page = 1; found.length < count; page += 1) {
    const asked: Asked = {
      method: "GET",
      path: "/commits",
      action: `list the commits up to ${from}`,
      permission: "Contents: read",
      fields: { sha: from, per_page: Math.min(100, count), page },
    };
    const listed = await api.ask(asked, signal, ({ data }) => listOf(data).map(commitOf));
    if (listed.length === 0) break;
    found.push(...listed);
  }
  return found.slice(0, count);
}
