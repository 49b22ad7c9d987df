import type { PlanItem } from "../../core/plan/plan.ts";
import { planRun } from "../../core/plan/plan-run.ts";
import { capabilitiesFor } from "../catalogue.ts";
import type { Sight } from "./sight.ts";

/** What a run of this zone would do with what is seen here. Nothing is executed. */
export function planFrom(sight: Sight, zone: string | undefined): readonly PlanItem[] {
  return planRun({
    evaluation: sight.evaluation,
    documents: sight.documents,
    state: sight.state,
    now: sight.now,
    capabilities: capabilitiesFor(sight.documents, zone === undefined ? {} : { zone }),
    valid: sight.problems.length === 0,
  });
}
