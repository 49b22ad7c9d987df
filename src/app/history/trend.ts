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
    const commit = await documentsAt(side, at);
    if (commit === undefined) continue;
    const { documents, problems } = readDocuments(await side.filesAt(commit), read);
    // The settings of then say which branch the records of then are on.
    const branch = stateBranchOf(documents);
    const { state: recorded } = await side.resolveAsOf(at, branch);
    const tip = await side.readState(branch, { commit: recorded }, true);
    const { state } = joinRecords(tip, documents);
    const incomplete = problems.length > 0;
    const { credentials } = evaluate({ documents, state, now: at, commit: undefined, sha256, incomplete });
    const meant = [...credentials.values()].filter(({ name }) => isMeant(name));
    points.push({ at, credentials: meant.length, ...ratiosOf(meant) });
  }
  return points;
}

async function documentsAt(side: ReadSide, at: Instant): Promise<string | undefined> {
  try {
    return (await side.resolveAsOf(at, undefined)).documents;
  } catch (error) {
    if (error instanceof CreError && (error.code === "as-of" || error.code === "shallow")) return undefined;
    throw error;
  }
}
