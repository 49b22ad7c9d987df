import type { IssueDraft } from "../ports/forge.ts";
import type { IssueBook } from "../state/issue-book.ts";
import { DASHBOARD_TITLE, dashboardBody } from "./dashboard-text.ts";
import type { IssueAction } from "./issue-action.ts";
import type { IssuesInput } from "./issues-input.ts";
import { type IssueView, timesAgain } from "./keep-issue.ts";
import { dayOf } from "./markdown-parts.ts";
import { DASHBOARD, LABEL } from "./markers.ts";

export interface DashboardPlan {
  readonly actions: readonly IssueAction[];
  readonly note: Pick<IssueBook, "health">;
}

/**
 * The one dashboard, always up to date. Whoever closes it may: it is then kept up to date closed, and never opened
 * again.
 */
export function planDashboard(input: IssuesInput, { entry, issue }: IssueView): DashboardPlan {
  const { scope, evaluation, state, book, sha256 } = input;
  if (scope.of === "emergencies") return { actions: [], note: {} };
  const day = dayOf(evaluation.asOf);
  const health = book.health?.day === day ? book.health : { day, seq: state.auditHead?.seq ?? 0 };
  const draft: IssueDraft = {
    title: DASHBOARD_TITLE,
    body: dashboardBody(input, health),
    labels: [LABEL, `${LABEL}/dashboard`],
    assignees: [],
  };
  const hash = sha256(JSON.stringify([draft.title, draft.body])).slice(0, 16);
  return { actions: actionsFor({ entry, issue }, draft, hash), note: { health } };
}

function actionsFor({ entry, issue }: IssueView, draft: IssueDraft, hash: string): readonly IssueAction[] {
  const key = DASHBOARD;
  if (issue === undefined) {
    const again = timesAgain(entry);
    return again === undefined ? [] : [{ kind: "open", key, draft, entry: { hash, ...again } }];
  }
  if (entry?.hash === hash && entry.number === issue.number) return [];
  const { title, body, labels } = draft;
  return [{ kind: "change", key, number: issue.number, change: { title, body, labels }, entry: { hash } }];
}
