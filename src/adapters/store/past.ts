import { isDocumentPath } from "../../core/documents/document-path.ts";
import { type Instant, instantOf } from "../../core/model/instant.ts";
import type { DocumentChange } from "../../core/ports/store.ts";
import type { Status } from "../../core/state/status.ts";
import { changesOnLine, parseFiles } from "./document-changes.ts";
import type { Git } from "./git.ts";
import { isCut, listFiles, readBlobs } from "./objects.ts";
import { recordReaders } from "./records.ts";
import { DOCUMENT_FOLDERS, listDocuments, type SourceFile } from "./source-files.ts";

/** The files of documents from one instant on. */
export interface PastDocuments {
  readonly at: Instant;
  readonly commit: string;
  readonly files: readonly SourceFile[];
}

/** Records that changed at one instant, by their paths; undefined: the file was removed. */
export interface PastRecords {
  readonly at: Instant;
  readonly records: ReadonlyMap<string, Status | undefined>;
}

/** The first-parent line of a branch up to one commit, as `--as-of` sees it. */
export interface Past {
  /** When its oldest commit came into force. */
  readonly beginsAt: Instant;
  /** Older commits are missing in this clone. */
  readonly isCut: boolean;
  /** Documents as they were at `since`, and at each later instant at which some of them changed; the oldest first. */
  documents(since: Instant): AsyncGenerator<PastDocuments>;
  /** The same of the records of credentials. A record that cannot be read changes nothing. */
  records(since: Instant): AsyncGenerator<PastRecords>;
  /** What people changed from `since` on, the oldest first. */
  changes(since: Instant, signal: AbortSignal): Promise<readonly DocumentChange[]>;
}

/** Contents that are held at once. */
const BLOBS_AT_ONCE = 4000;
const RECORDS = "registry/status";
const RECORD = /^registry\/status\/[^/_][^/]*\/[^/]+\.json$/;

interface Commit {
  readonly id: string;
  /** From when on `--as-of` takes it or a later one. */
  readonly inForce: Instant;
}

interface Step {
  readonly at: Instant;
  readonly commit: string;
  /** Contents by path; undefined: removed. */
  readonly blobs: Map<string, string | undefined>;
}

/** Reads the line of commits that ends with this one. */
export async function pastOf(git: Git, tip: string): Promise<Past> {
  const line = await lineTo(git, tip);
  const oldest = line.at(-1)?.inForce ?? instantOf(0);
  return {
    beginsAt: oldest,
    isCut: await isCut(git, tip),
    documents: (since) => documentsOf(git, tip, line, since),
    records: (since) => recordsOf(git, tip, line, since),
    changes: async (since, signal) => await changesOnLine(git, lastAt(line, since)?.id, tip, signal),
  };
}

/** Newest first. A commit whose clock was ahead of that of a later one is in force only with the later one. */
async function lineTo(git: Git, tip: string): Promise<readonly Commit[]> {
  const log = await git.text(["log", "--first-parent", "--format=%H %ct", tip, "--"]);
  let earliest = Number.POSITIVE_INFINITY;
  return log.split("\n").map((record) => {
    const [id = "", seconds = ""] = record.split(" ");
    earliest = Math.min(earliest, Number(seconds));
    return { id, inForce: instantOf(earliest) };
  });
}

function lastAt(line: readonly Commit[], instant: Instant): Commit | undefined {
  return line.find(({ inForce }) => inForce <= instant);
}

async function* documentsOf(
  git: Git,
  tip: string,
  line: readonly Commit[],
  since: Instant,
): AsyncGenerator<PastDocuments> {
  const start = lastAt(line, since);
  const files = new Map<string, SourceFile>();
  if (start !== undefined) {
    const listed = await listDocuments(git, start.id);
    const contents = await readBlobs(
      git,
      listed.map(({ blob }) => blob),
    );
    for (const { path, blob, symlink } of listed) {
      const bytes = contents.get(blob) ?? Buffer.alloc(0);
      files.set(path, { path, blob, bytes, ...(symlink ? { symlink } : {}) });
    }
    yield { at: since, commit: start.id, files: [...files.values()] };
  }
  const steps = await stepsOf(git, { tip, line, start, folders: DOCUMENT_FOLDERS, isMeant: isDocumentPath });
  for await (const { steps: some, contents } of batches(git, steps)) {
    for (const { at, commit, blobs } of some) {
      for (const [path, blob] of blobs) {
        if (blob === undefined) files.delete(path);
        else files.set(path, { path, blob, bytes: contents.get(blob) ?? Buffer.alloc(0) });
      }
      yield { at, commit, files: [...files.values()] };
    }
  }
}

async function* recordsOf(
  git: Git,
  tip: string,
  line: readonly Commit[],
  since: Instant,
): AsyncGenerator<PastRecords> {
  const start = lastAt(line, since);
  const first: Step[] = [];
  if (start !== undefined) {
    const files = (await listFiles(git, start.id, [RECORDS])).filter(({ path }) => isRecordPath(path));
    const blobs = new Map(files.map(({ path, blob }) => [path, blob]));
    first.push({ at: since, commit: start.id, blobs });
  }
  const steps = await stepsOf(git, { tip, line, start, folders: [RECORDS], isMeant: isRecordPath });
  const { status } = recordReaders();
  for await (const { steps: some, contents } of batches(git, [...first, ...steps])) {
    for (const { at, blobs } of some) {
      const records = new Map<string, Status | undefined>();
      for (const [path, blob] of blobs) {
        if (blob === undefined) {
          records.set(path, undefined);
          continue;
        }
        const reading = status.parse(contents.get(blob) ?? Buffer.alloc(0));
        if ("record" in reading) records.set(path, reading.record);
      }
      yield { at, records };
    }
  }
}

function isRecordPath(path: string): boolean {
  return RECORD.test(path);
}

interface Walk {
  readonly tip: string;
  readonly line: readonly Commit[];
  readonly start: Commit | undefined;
  readonly folders: readonly string[];
  readonly isMeant: (path: string) => boolean;
}

/** What the commits after the start changed, joined by the instant at which it came into force. */
async function stepsOf(git: Git, { tip, line, start, folders, isMeant }: Walk): Promise<readonly Step[]> {
  const range = start === undefined ? tip : `${start.id}..${tip}`;
  const raw = ["--raw", "-z", "--no-abbrev", "--no-renames", "--format=%x01%H%x00"];
  const args = ["log", "--first-parent", "--reverse", "-m", "--root", ...raw, range, "--", ...folders];
  const log = await git.text(args);
  const inForce = new Map(line.map((commit) => [commit.id, commit.inForce]));
  const steps: Step[] = [];
  for (const record of log.split("\u0001")) {
    if (record === "") continue;
    const [commit = "", ...tokens] = record.split("\0");
    const at = inForce.get(commit);
    const changed = parseFiles(tokens, isMeant);
    if (at === undefined || changed.length === 0) continue;
    let step = steps.at(-1);
    if (step?.at !== at) {
      step = { at, commit, blobs: new Map() };
      steps.push(step);
    }
    for (const { path, after } of changed) step.blobs.set(path, after);
  }
  return steps;
}

/** The steps in their order with the contents that they need, no more at once than memory has room for. */
async function* batches(
  git: Git,
  steps: readonly Step[],
): AsyncGenerator<{ readonly steps: readonly Step[]; readonly contents: ReadonlyMap<string, Buffer> }> {
  for (let at = 0; at < steps.length; ) {
    const some: Step[] = [];
    const wanted = new Set<string>();
    for (let step = steps[at]; step !== undefined; step = steps[at]) {
      if (some.length > 0 && wanted.size + step.blobs.size > BLOBS_AT_ONCE) break;
      some.push(step);
      for (const blob of step.blobs.values()) if (blob !== undefined) wanted.add(blob);
      at += 1;
    }
    yield { steps: some, contents: await readBlobs(git, wanted) };
  }
}
