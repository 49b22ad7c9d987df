import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { compareKeys } from "../evaluate/order.ts";
import { addTo, type Instant } from "../model/instant.ts";
import { daysUntil } from "./days-until.ts";
import { type ReportModel, SPANS, type Span } from "./report-schema.ts";

const DAY = 86_400;

/** Rotations that are overdue or due within 90 days, by due date; retired credentials have none. */
export function timelineOf(
  credentials: readonly EvaluatedCredential[],
  now: Instant,
): ReportModel["timeline"] {
  const horizon = addTo(now, 91 * DAY);
  const dueDates = credentials
    .flatMap(({ name, state, dueAt, policy, exception, source }) => {
      if (dueAt === undefined || state === "retired" || dueAt >= horizon) return [];
      const { service, owner, method } = source.document.spec;
      const days = daysUntil(dueAt, now);
      return [
        {
          credential: name,
          service,
          team: owner.team,
          method,
          dueAt,
          days,
          span: spanOf(dueAt, days, now),
          policy: policy ?? null,
          exception: exception ?? null,
        },
      ];
    })
    .toSorted((a, b) => compareKeys([a.dueAt, a.credential], [b.dueAt, b.credential]));
  const spans = SPANS.map((span) => ({
    span,
    credentials: dueDates.filter((row) => row.span === span).length,
  }));
  return { spans, dueDates };
}

function spanOf(dueAt: Instant, days: number, now: Instant): Span {
  if (dueAt <= now) return "overdue";
  if (days <= 30) return "0-30";
  return days <= 60 ? "31-60" : "61-90";
}
