import type { AuditEntry } from "../../core/audit/entry.ts";
import { storiesOf } from "../../core/history/stories.ts";
import type { ReportHistory } from "../../core/report/report-history.ts";
import type { Sight } from "../looking/sight.ts";

/** What a history is looked up with. */
export interface HistoryRequest {
  readonly sight: Sight;
  /** The whole trail, as far as it can be read. */
  readonly entries: readonly AuditEntry[];
}

/** What happened before the instant of a report. */
export async function historyOf({ sight, entries }: HistoryRequest): Promise<ReportHistory> {
  const { stories } = storiesOf(entries, sight.documents);
  return { stories, trend: [], warnings: [] };
}
