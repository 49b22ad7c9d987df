import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { readWorkTree } from "../../adapters/documents/work-tree.ts";
import { sha256 } from "../../adapters/runtime/hash.ts";
import { openReadSide, type ReadSide, type WorkTreeStanding } from "../../adapters/store/read-side.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import { CreError } from "../../core/model/errors.ts";
import { type Instant, parseInstant } from "../../core/model/instant.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import { joinRecords } from "../../core/state/rename.ts";
import type { DocumentsSight, LookOptions, Sight } from "./sight.ts";

/** People's documents alone, from the work tree or of then: no network, no records. Works without a git repository. */
export async function lookAtDocuments(options: LookOptions): Promise<DocumentsSight> {
  if (options.asOf === undefined) return documentsHere(options, await repositoryIfAny(options));
  const side = await openReadSide(options);
  const { documents } = await side.resolveAsOf(options.asOf, undefined);
  return documentsAt(side, documents);
}

/**
 * Documents, records and evaluation: of now, by another clock, or of then. Writes nothing and fetches nothing. Rejects
 * with a CreError when there is no repository, or when the records cannot be known from this clone.
 */
export async function lookAround(options: LookOptions): Promise<Sight> {
  const moment = await lookAtMoment(options);
  const tip = await moment.side.readState(stateBranchOf(moment.sight.documents), moment.at);
  options.signal.throwIfAborted();
  return judge(moment, tip);
}

/** The evaluation of a moment's documents with these records. */
export function judge({ sight, now }: Pick<Moment, "sight" | "now">, tip: StateFacts): Sight {
  const { state } = joinRecords(tip, sight.documents);
  const evaluation = evaluate({
    documents: sight.documents,
    state,
    now,
    commit: sight.commit,
    sha256,
    incomplete: sight.problems.length > 0,
  });
  return { ...sight, now, state, evaluation };
}

/** Documents with the moment and, for `--as-of`, the commit of the records of then. */
export interface Moment {
  readonly side: ReadSide;
  readonly sight: DocumentsSight;
  readonly now: Instant;
  readonly at: { readonly commit: string | undefined } | undefined;
}

export async function lookAtMoment(options: LookOptions): Promise<Moment> {
  const side = await openReadSide(options);
  if (options.asOf === undefined) {
    return { side, sight: await documentsHere(options, side), now: clockOf(options), at: undefined };
  }
  // The settings of then say which branch the records of then are on.
  const { documents, instant } = await side.resolveAsOf(options.asOf, undefined);
  const sight = await documentsAt(side, documents);
  const { state } = await side.resolveAsOf(options.asOf, stateBranchOf(sight.documents));
  return { side, sight, now: instant, at: { commit: state } };
}

/** Branch of the machine's records as the settings name it; undefined: the default. */
export function stateBranchOf(documents: Documents): string | undefined {
  return documents.settings?.document.spec.state?.branch;
}

async function repositoryIfAny(options: LookOptions): Promise<ReadSide | undefined> {
  try {
    return await openReadSide(options);
  } catch (error) {
    // Documents can be checked before there is a repository.
    if (error instanceof CreError && error.code === "no-repository") return undefined;
    throw error;
  }
}

async function documentsHere(options: LookOptions, side: ReadSide | undefined): Promise<DocumentsSight> {
  const standing = await side?.standing();
  const read = readDocuments(readWorkTree(options.repo));
  return {
    ...read,
    commit: standing?.head,
    differs: standing === undefined ? undefined : difference(standing),
  };
}

async function documentsAt(side: ReadSide, commit: string): Promise<DocumentsSight> {
  const read = readDocuments(await side.filesAt(commit));
  return { ...read, commit, differs: undefined };
}

function difference({ head, tip, uncommitted, differsFromTip }: WorkTreeStanding): string | undefined {
  const reasons = [
    ...(uncommitted ? ["changes that are not committed"] : []),
    ...(differsFromTip ? [`HEAD ${short(head)} is not its tip ${short(tip)}`] : []),
  ];
  return reasons.length === 0 ? undefined : reasons.join(", and ");
}

function short(commit: string | undefined): string {
  return commit?.slice(0, 10) ?? "(none)";
}

/** The clock to judge by: that of `--now`, else of this machine. Throws a usage error. */
export function clockOf({ now, clock }: LookOptions): Instant {
  if (now === undefined) return clock;
  const instant = parseInstant(now);
  if (instant !== undefined) return instant;
  throw new CreError("usage", `--now cannot be \`${now}\`.`, {
    fix: "Write 2026-11-23 or 2026-11-23T00:00:00Z.",
  });
}
