import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { readWorkTree } from "../../adapters/documents/work-tree.ts";
import { sha256 } from "../../adapters/runtime/hash.ts";
import { openReadSide, type ReadSide } from "../../adapters/store/read-side.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import { CreError } from "../../core/model/errors.ts";
import { type Instant, parseInstant } from "../../core/model/instant.ts";
import { joinRecords } from "../../core/state/rename.ts";
import type { DocumentsSight, LookOptions, Sight } from "./sight.ts";

/** People's documents alone, from the work tree or of then: no network, no records. */
export async function lookAtDocuments(options: LookOptions): Promise<DocumentsSight> {
  if (options.asOf === undefined) return documentsHere(options, await repositoryIfAny(options));
  return (await documentsOfThen(await openReadSide(options), options.asOf)).sight;
}

/** Documents, records and evaluation, of now, of another clock, or of then. Writes nothing and fetches nothing. */
export async function lookAround(options: LookOptions): Promise<Sight> {
  const side = await openReadSide(options);
  if (options.asOf !== undefined) {
    const then = await documentsOfThen(side, options.asOf);
    return sightOf(side, then.sight, then.instant, then.state, options);
  }
  const sight = await documentsHere(options, side);
  return sightOf(side, sight, clockOf(options), undefined, options);
}

/** Document files that differ between a commit and the work tree. */
export async function changedSince(options: LookOptions, ref: string): Promise<ReadonlySet<string>> {
  const side = await openReadSide(options);
  const { documents: commit } = await side.resolveAsOf(ref, undefined);
  const then = new Map(
    (await side.filesAt(commit)).map(({ path, bytes }) => [path, Buffer.from(bytes).toString("base64")]),
  );
  const now = readWorkTree(options.repo);
  return new Set(
    now
      .filter(({ path, bytes }) => then.get(path) !== Buffer.from(bytes).toString("base64"))
      .map(({ path }) => path),
  );
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
    uncommitted: standing?.uncommitted ?? false,
    committedAt: undefined,
  };
}

interface Then {
  readonly sight: DocumentsSight;
  readonly instant: Instant;
  readonly state: { readonly commit: string | undefined };
}

/** The settings of then say which branch the records of then are on. */
async function documentsOfThen(side: ReadSide, asOf: string): Promise<Then> {
  const first = await side.resolveAsOf(asOf, undefined);
  const read = readDocuments(await side.filesAt(first.documents));
  const then = await side.resolveAsOf(asOf, branchOf(read.documents));
  const sight = { ...read, commit: first.documents, uncommitted: false, committedAt: first.instant };
  return { sight, instant: first.instant, state: { commit: then.state } };
}

async function sightOf(
  side: ReadSide,
  sight: DocumentsSight,
  now: Instant,
  at: Then["state"] | undefined,
  options: LookOptions,
): Promise<Sight> {
  options.signal.throwIfAborted();
  const tip = await side.readState(branchOf(sight.documents), at);
  const { state } = joinRecords(tip, sight.documents);
  const evaluation = evaluate({ documents: sight.documents, state, now, commit: sight.commit, sha256 });
  return {
    ...sight,
    now,
    state,
    evaluation,
    audit: () => side.readAudit(state),
    recordedHeads: () => side.recordedHeads(state),
  };
}

function branchOf(documents: Documents): string | undefined {
  return documents.settings?.document.spec.state?.branch;
}

function clockOf({ now, clock }: LookOptions): Instant {
  if (now === undefined) return clock;
  const instant = parseInstant(now);
  if (instant !== undefined) return instant;
  throw new CreError("usage", `--now cannot be \`${now}\`.`, {
    fix: "Write 2026-11-23 or 2026-11-23T00:00:00Z.",
  });
}
