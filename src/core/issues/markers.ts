import type { ForgeIssue } from "../ports/forge.ts";

/** What an issue of ours is about: `finding FINGERPRINT`, `digest OWNER`, `dashboard`. */
export type IssueKey = string;

export const DASHBOARD: IssueKey = "dashboard";
/** On every issue of ours. */
export const LABEL = "cre";

export function findingKey(fingerprint: string): IssueKey {
  return `finding ${fingerprint}`;
}

/** `owner` is a team, or empty for what no team owns. */
export function digestKey(owner: string): IssueKey {
  return `digest ${owner === "" ? "-" : owner}`;
}

/** First line of an issue's body, by which it is known again. */
export function markerOf(key: IssueKey): string {
  return `<!-- cre:${key} -->`;
}

const MARKER = /^<!-- cre:(finding [0-9a-f]{16}|digest (?:-|[a-z0-9][a-z0-9-]{0,62})|dashboard) -->/;

/** What the marker on the first line of a body says, whoever wrote it. */
export function keyIn(body: string): IssueKey | undefined {
  return MARKER.exec(body)?.[1];
}

export function isBy({ author }: ForgeIssue, login: string): boolean {
  return author.toLowerCase() === login.toLowerCase();
}

/**
 * The issues that the runner opened, by what they are about, oldest first. A marker in what somebody else wrote, or
 * further down in a text, is nothing.
 */
export function ownIssues(
  issues: readonly ForgeIssue[],
  login: string,
): ReadonlyMap<IssueKey, readonly ForgeIssue[]> {
  const own = new Map<IssueKey, ForgeIssue[]>();
  for (const issue of issues) {
    const key = keyIn(issue.body);
    if (key === undefined || !isBy(issue, login)) continue;
    const known = own.get(key);
    if (known === undefined) own.set(key, [issue]);
    else known.push(issue);
  }
  return own;
}
