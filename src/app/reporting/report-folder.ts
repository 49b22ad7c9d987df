import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { sha256Of } from "../../adapters/runtime/hash.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { Reporter } from "../../core/ports/reporter.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { MANIFEST, type Manifest, type ManifestFile, readManifest } from "./manifest.ts";

/** How a report is written. */
export interface WriteOptions {
  readonly folder: string;
  readonly reporters: readonly Reporter[];
  /** Stands in the manifest alone: every other byte is made of the model. */
  readonly generatedAt: Instant;
  /** Version of this program, where it is known. */
  readonly version?: string;
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
}

/** How many files are written before others get their turn: the signal of an interruption, for one. */
const BATCH = 500;
/** Progress is told once for so many files. */
const TOLD = 20_000;

/**
 * Writes the files of a report and a manifest that lists them with their digests. A report that was written here
 * before is replaced, with files that this one has no more; whatever else is in the folder is left alone, and nothing
 * is written over it: then, and when it cannot be written, it throws a CreError and leaves all as it was.
 */
export async function writeReport(model: ReportModel, options: WriteOptions): Promise<Manifest> {
  const { folder } = options;
  const staged = inFolder(folder, () => {
    mkdirSync(folder, { recursive: true });
    return mkdtempSync(join(folder, ".report-"));
  });
  try {
    const files = await stage(model, staged, options);
    const former = readManifest(folder);
    refuseForeign(folder, files, former);
    return inFolder(folder, () => putInPlace(staged, files, former, options));
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

async function stage(
  model: ReportModel,
  staged: string,
  { folder, reporters, signal, step }: WriteOptions,
): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  const made = new Set<string>();
  for (const reporter of reporters) {
    step(`Writing ${reporter.format}.`);
    for await (const { path, content } of reporter.files(model)) {
      inFolder(folder, () => {
        makeFolderOf(join(staged, path), made);
        writeFileSync(join(staged, path), content);
      });
      files.push({ path, bytes: Buffer.byteLength(content), sha256: sha256Of(content) });
      if (files.length % BATCH === 0) await setImmediate();
      if (files.length % TOLD === 0) step(`${files.length} files are written.`);
      signal.throwIfAborted();
    }
  }
  return files;
}

/** What is not of the report that was written here before, or was changed since, is somebody's. */
function refuseForeign(folder: string, files: readonly ManifestFile[], former: Manifest | undefined): void {
  const own = new Map(former?.files.map((file) => [file.path, file]));
  const foreign = files.filter(({ path }) => {
    if (!exists(join(folder, path))) return false;
    const known = own.get(path);
    return known === undefined || !isOurs(folder, known, former);
  });
  for (const parent of new Set(files.map(({ path }) => dirname(path)))) {
    if (parent === "." || isPlainFolder(folder, parent)) continue;
    foreign.push({ path: parent, bytes: 0, sha256: "" });
  }
  const [first] = foreign;
  if (first === undefined) return;
  throw new CreError(
    "report-not-written",
    `${join(folder, first.path)} is not a file of an earlier report, or was changed since, and is not overwritten${foreign.length === 1 ? "" : `; so are ${foreign.length - 1} more`}.`,
    { fix: "Give --out a folder of its own, or remove what is there." },
  );
}

/** A report whose writing was cut off lists its files without knowing which of them it got to. */
function isOurs(
  folder: string,
  { path, sha256: digest }: ManifestFile,
  former: Manifest | undefined,
): boolean {
  const target = join(folder, path);
  if (!lstatSync(target).isFile()) return false;
  return former?.complete === false || sha256Of(readFileSync(target)) === digest;
}

/** Neither a link nor a file stands anywhere on the way. */
function isPlainFolder(folder: string, path: string): boolean {
  const parts = path.split("/");
  return parts.every((_, at) => {
    const step = join(folder, ...parts.slice(0, at + 1));
    return !exists(step) || lstatSync(step).isDirectory();
  });
}

function putInPlace(
  staged: string,
  files: readonly ManifestFile[],
  former: Manifest | undefined,
  { folder, generatedAt, version }: WriteOptions,
): Manifest {
  const paths = new Set(files.map(({ path }) => path));
  const gone = (former?.files ?? []).filter(
    (file) =>
      !paths.has(file.path) &&
      exists(join(folder, file.path)) &&
      isPlainFolder(folder, dirname(file.path)) &&
      isOurs(folder, file, former),
  );
  const manifest: Manifest = {
    apiVersion: "cre/v1",
    kind: "ReportManifest",
    complete: true,
    generatedAt,
    generator: `credential-rotation-enforcer${version === undefined ? "" : ` ${version}`}`,
    files,
  };
  // Whoever is cut off here has said which files are its own, so that the next report may replace them.
  writeManifest(folder, { ...manifest, complete: false, files: [...files, ...gone] });
  const made = new Set<string>();
  for (const { path } of files) {
    makeFolderOf(join(folder, path), made);
    renameSync(join(staged, path), join(folder, path));
  }
  for (const { path } of gone) rmSync(join(folder, path));
  writeManifest(folder, manifest);
  return manifest;
}

/** `made` remembers the folders that are there: most files share one. */
function makeFolderOf(path: string, made: Set<string>): void {
  const folder = dirname(path);
  if (made.has(folder)) return;
  mkdirSync(folder, { recursive: true });
  made.add(folder);
}

function writeManifest(folder: string, manifest: Manifest): void {
  const target = join(folder, MANIFEST);
  writeFileSync(`${target}.new`, `${JSON.stringify(manifest, undefined, 2)}\n`);
  renameSync(`${target}.new`, target);
}

/** A link that leads nowhere is there, too. */
function exists(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CreError("report-not-written", `The report could not be written to ${folder}.`, {
      evidence: error instanceof Error ? error.message : String(error),
      fix: "Give --out a folder that you may write to.",
      cause: error,
    });
  }
}
