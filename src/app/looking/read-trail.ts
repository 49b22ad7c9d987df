import { sha256 } from "../../adapters/runtime/hash.ts";
import type { ReadSide } from "../../adapters/store/read-side.ts";
import { entriesOf } from "../../core/audit/trail.ts";
import { verifyTrail } from "../../core/audit/verify.ts";
import type { TrailFacts } from "../../core/compliance/check-input.ts";
import { CreError } from "../../core/model/errors.ts";
import type { AuditSegment } from "../../core/ports/store.ts";
import type { StateFacts } from "../../core/state/facts.ts";

/** The whole trail, as far as it can be read, with what its verification found. */
export interface TrailRead extends TrailFacts {
  readonly segments: readonly AuditSegment[];
  /** Why the heads that commits recorded could not be compared; undefined: they were. */
  readonly uncompared?: string;
}

/** Reads and verifies the trail, also against the heads that commits recorded where this clone has them. */
export async function readTrail(side: ReadSide, state: StateFacts): Promise<TrailRead> {
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
