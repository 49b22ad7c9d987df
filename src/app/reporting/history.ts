import type { PeriodFacts } from "../../core/compliance/check-input.ts";
import { storiesOf } from "../../core/history/stories.ts";
import { milestonesOf, monthEndsBefore, type Period } from "../../core/period/period.ts";
import type { ReportHistory } from "../../core/report/report-history.ts";
import { lookBack, type Viewpoint } from "../history/look-back.ts";
import { trendOf } from "../history/trend.ts";

/** What happened before the instant of a report, for its pages and for its checks. */
export interface History {
  readonly history: ReportHistory;
  /** What checks test of the period that was asked for. */
  readonly facts: PeriodFacts | undefined;
}

/** Months that a report tells the trend of when no period is asked for. */
const TREND_MONTHS = 6;

/**
 * The life of each credential, how compliance developed, and, if one is asked for, what happened in a period. Rejects
 * with a CreError when the history of a period is not in this clone.
 */
export async function historyOf(view: Viewpoint, period: Period | undefined): Promise<History> {
  const { sight, entries, side, isMeant, signal, step } = view;
  const { stories } = storiesOf(entries, sight.documents);
  const told = period === undefined ? undefined : await lookBack(view, period);
  step("Reading how compliance developed.");
  const milestones = period === undefined ? monthEndsBefore(sight.now, TREND_MONTHS) : milestonesOf(period);
  const past = milestones.filter((at) => at < sight.now);
  const trend = sight.commit === undefined ? [] : await trendOf(side, past, isMeant, signal);
  return {
    history: {
      stories,
      trend,
      ...(told === undefined || period === undefined ? {} : { period: { asked: period, rows: told.rows } }),
      warnings: told?.warnings ?? [],
    },
    facts: told?.facts,
  };
}
