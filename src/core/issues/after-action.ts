import type { ForgeIssue } from "../ports/forge.ts";
import type { IssueAction } from "./issue-action.ts";

/** The forge's issues as they are after an action was done, without asking the forge again. */
export function afterAction(
  issues: readonly ForgeIssue[],
  action: IssueAction,
  opened?: ForgeIssue,
): readonly ForgeIssue[] {
  if (action.kind === "open") return opened === undefined ? issues : [...issues, opened];
  if (action.kind !== "change" || action.change === undefined) return issues;
  const { number, change } = action;
  const { reason: _reason, ...facts } = change;
  return issues.map((issue) => (issue.number === number ? { ...issue, ...facts } : issue));
}
