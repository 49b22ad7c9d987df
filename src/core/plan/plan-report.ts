import type { PlanReport } from "../evaluate/published-schemas.ts";
import type { Instant } from "../model/instant.ts";
import type { PlanItem } from "./plan.ts";

/** The stable JSON shape of a plan, by credential. */
export function planReport(asOf: Instant, items: readonly PlanItem[]): PlanReport {
  const rows = items.map(({ credential, action, reason, step, notBefore }) => ({
    credential,
    action,
    reason,
    step,
    notBefore,
  }));
  return { asOf, items: rows.toSorted((a, b) => (a.credential < b.credential ? -1 : 1)) };
}
