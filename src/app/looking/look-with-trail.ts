import { sha256 } from "../../adapters/runtime/hash.ts";
import type { ReadSide } from "../../adapters/store/read-side.ts";
import { entriesOf } from "../../core/audit/trail.ts";
import { verifyTrail } from "../../core/audit/verify.ts";
import type { TrailFacts } from "../../core/compliance/check-input.ts";
import { CreError } from "../../core/model/errors.ts";
import type { AuditSegment } from "../../core/ports/store.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import { judge, lookAtMoment, stateBranchOf } from "./look-around.ts";
import type { LookOptions, Sight } from "./sight.ts";

/** The whole trail, as far as it can be read, with what its verification found. */
export interface TrailRead extends TrailFacts {
  readonly segments: readonly AuditSegment[];
  /** Why the heads that commits recorded could not be compared; undefined: they were. */
  readonly uncompared?: string;
}

/** Documents, records and evaluation of a moment, beside the whole trail. */
export interface TrailSight {
  readonly side: ReadSide;
  readonly looked: Sight;
  /** The records as the branch has them, before renamed documents are joined. */
  readonly tip: StateFacts;
  readonly trail: TrailRead;
}

/** Looks around as `lookAround` does, and at the whole trail. A broken one stops nothing: its verdict says so. */
export async function lookWithTrail(options: LookOptions, step: (text: string) => void): Promise<TrailSight> {
  const { signal } = options;
  step("Reading documents and records.");
  const moment = await lookAtMoment(options);
  const { side } = moment;
  const evenIfBroken = true;
  const tip = await side.readState(stateBranchOf(moment.sight.documents), moment.at, evenIfBroken);
  signal.throwIfAborted();
  step("Verifying the audit chain.");
  const trail = await readTrail(side, tip);
  signal.throwIfAborted();
  return { side, looked: judge(moment, tip), tip, trail };
}

/** Reads and verifies the trail, also against the heads that commits recorded where this clone has them. */
async function readTrail(side: ReadSide, state: StateFacts): Promise<TrailRead> {
  const segments = await side.readAudit(state);
  const entries = entriesOf(segments);
  try {
    const heads = await side.recordedHeads(state);
    return { verdict: verifyTrail(segments, sha256, undefined, heads), entries, segments };
  } catch (error) {
    if (!(error instanceof CreError) || error.code !== "shallow") throw error;
    return { verdict: verifyTrail(segments, sha256), entries, segments, uncompared: error.message };
  }
}

/** What checks are told of the trail; a text says why it cannot be verified whole here. */
export function trailFacts({ commit }: StateFacts, trail: TrailRead): TrailFacts | string {
  if (commit === undefined) return "There is no trail yet.";
  const { uncompared } = trail;
  return uncompared === undefined ? trail : `The trail cannot be verified in this clone: ${uncompared}.`;
}
