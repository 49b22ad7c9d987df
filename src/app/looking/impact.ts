import { placeFaults } from "../../adapters/documents/place-faults.ts";
import { type DocumentsRead, readDocuments } from "../../adapters/documents/read-documents.ts";
import type { SourceFile } from "../../adapters/documents/source-file.ts";
import { readWorkTree } from "../../adapters/documents/work-tree.ts";
import { sha256 } from "../../adapters/runtime/hash.ts";
import { Git } from "../../adapters/store/git.ts";
import { openReadSide, type ReadSide } from "../../adapters/store/read-side.ts";
import { isDocumentPath } from "../../core/documents/document-path.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import type { ImpactSide } from "../../core/impact/comparable.ts";
import { type FieldPlace, impactBetween } from "../../core/impact/impact.ts";
import type { ImpactReport } from "../../core/impact/impact-report.ts";
import { CreError } from "../../core/model/errors.ts";
import { EMPTY_STATE, type StateFacts } from "../../core/state/facts.ts";
import { capabilitiesFor } from "../catalogue.ts";
import { clockOf, stateBranchOf } from "./look-around.ts";
import type { LookOptions } from "./sight.ts";
import { branchPoint } from "./since.ts";

/** What a change does, and what of the records could not be read for it. */
export interface Impact {
  readonly report: ImpactReport;
  readonly unreadable: NonNullable<StateFacts["unreadable"]>;
}

/**
 * What the work tree changes against the branch point of HEAD and `since`: documents of both, the records and the
 * clock of now. Without records, as in a clone of a fork, a note says so. Writes nothing and fetches nothing. Rejects
 * with a CreError when there is no repository, no such commit, or too little of it here.
 */
export async function impactOf(options: LookOptions, since: string): Promise<Impact> {
  const side = await openReadSide(options);
  const { base, notes: notesOfBase } = await baseOf(options, since);
  const old = readDocuments(await side.filesAt(base));
  const files = readWorkTree(options.repo);
  const now = readDocuments(files);
  // The records are those that the reviewed settings name: a change of them is not in force yet.
  const { state, notes } = await recordsFor(
    side,
    stateBranchOf((old.documents.settings ? old : now).documents),
  );
  const changedFiles = await filesChangedSince(options, base);
  options.signal.throwIfAborted();
  const report = impactBetween({
    before: sideOf(old),
    after: sideOf(now),
    state,
    now: clockOf(options),
    sha256,
    capabilities: (documents) => capabilitiesFor(withoutZones(documents), {}),
    problems: now.problems,
    linesOf: (places) => linesIn(files, places),
    changedFiles,
    base,
    notes: [...notesOfBase, ...notes],
  });
  return { report, unreadable: state.unreadable ?? [] };
}

function sideOf({ documents, invalid, problems }: DocumentsRead): ImpactSide {
  return { documents, invalid, darkFiles: new Set(problems.map(({ file }) => file)) };
}

/** Where fields stand: at their keys, as a difference of the file would show them. */
function linesIn(files: readonly SourceFile[], places: readonly FieldPlace[]): readonly number[] {
  const faults = places.map(({ source, path }) => {
    return { source, path, at: "key" as const, code: "", message: "", fix: "" };
  });
  return placeFaults(faults, new Map(files.map((file) => [file.path, file]))).map(({ line }) => line);
}

async function baseOf(
  options: LookOptions,
  since: string,
): Promise<{ readonly base: string; readonly notes: readonly string[] }> {
  const { ref, base, cut } = await branchPoint(options, since);
  if (base !== undefined) return { base, notes: [] };
  if (cut) {
    throw new CreError("shallow", `this clone is too shallow to know where ${since} and HEAD parted`, {
      fix: "run: git fetch --unshallow (in a workflow, give actions/checkout `fetch-depth: 0`)",
    });
  }
  return { base: ref, notes: [`HEAD and ${since} have no commit in common: they are compared as they are.`] };
}

/** The records, or none with a note where this clone lacks them: what documents say is worth telling without. */
async function recordsFor(
  side: ReadSide,
  branch: string | undefined,
): Promise<{ readonly state: StateFacts; readonly notes: readonly string[] }> {
  try {
    const state = await side.readState(branch);
    if (state.commit !== undefined) return { state, notes: [] };
    return { state, notes: ["Nothing is recorded yet: dates are those of the documents."] };
  } catch (error) {
    if (!(error instanceof CreError) || !UNKNOWN.has(error.code)) throw error;
    const fix = error.fix === undefined ? "" : ` (${error.fix})`;
    return {
      state: EMPTY_STATE,
      notes: [
        `Without the records dates are those of the documents alone, and may be older than the truth: ${error.message}${fix}.`,
      ],
    };
  }
}

const UNKNOWN: ReadonlySet<string> = new Set(["state-unknown", "state-not-fetched"]);

/** Files of the work tree that are not what they are in `base`, and that are no documents. */
async function filesChangedSince({ repo, env }: LookOptions, base: string): Promise<ReadonlySet<string>> {
  const git = new Git(repo, env);
  const changed = await git.text(["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", base]);
  const added = await git.text(["ls-files", "--others", "--exclude-standard", "-z"]);
  return new Set(`${changed}\0${added}`.split("\0").filter((path) => path !== "" && !isDocumentPath(path)));
}

/** Whichever runner does it, a rotation follows: all of them together have every zone. */
function withoutZones(documents: Documents): Documents {
  const connections = [...documents.connections].map(([name, source]) => {
    const { zone: _zone, ...spec } = source.document.spec;
    return [name, { ...source, document: { ...source.document, spec } }] as const;
  });
  return { ...documents, connections: new Map(connections) };
}
