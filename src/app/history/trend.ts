import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { rememberingReader } from "../../adapters/documents/remembering.ts";
import { sha256 } from "../../adapters/runtime/hash.ts";
import type { ReadSide } from "../../adapters/store/read-side.ts";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { TrendPoint } from "../../core/report/history-schema.ts";
import { ratiosOf } from "../../core/report/scorecard.ts";
import { joinRecords } from "../../core/state/rename.ts";
import { stateBranchOf } from "../looking/look-around.ts";

/**
 * How compliant everything, or what `isMeant` names, was at each instant: documents, records and clock of then. An
 * instant before the first commit, or one that this clone has not the commits for, has no point.
 */
export async function trendOf(
  side: ReadSide,
  instants: readonly Instant[],
  isMeant: (credential: string) => boolean,
  signal: AbortSignal,
): Promise<readonly TrendPoint[]> {
  const read = rememberingReader();
  const points: TrendPoint[] = [];
  for (const at of instants) {
    signal.throwIfAborted();
    const commit = await commitAt(side, at);
    if (commit === undefined) continue;
    const { documents, problems } = readDocuments(await side.filesAt(commit.documents), read);
    const tip = await side.readState(
      stateBranchOf(documents),
      { commit: await commit.state(documents) },
      true,
    );
    const { state } = joinRecords(tip, documents);
    const incomplete = problems.length > 0;
    const { credentials } = evaluate({ documents, state, now: at, commit: undefined, sha256, incomplete });
    const meant = [...credentials.values()].filter(({ name }) => isMeant(name));
    points.push({ at, credentials: meant.length, ...ratiosOf(meant) });
  }
  return points;
}

async function commitAt(side: ReadSide, at: Instant) {
  try {
    const { documents } = await side.resolveAsOf(at, undefined);
    const state = (present: Parameters<typeof stateBranchOf>[0]) => side.stateAt(at, stateBranchOf(present));
    return { documents, state };
  } catch (error) {
    if (error instanceof CreError && (error.code === "as-of" || error.code === "shallow")) return undefined;
    throw error;
  }
}
