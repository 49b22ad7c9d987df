import { sha256 } from "../../adapters/runtime/hash.ts";
import { type Baseline, type Grandfathered, planBaseline } from "../../core/baseline/baseline.ts";
import type { Exception } from "../../core/documents/waiver.ts";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import { CreError } from "../../core/model/errors.ts";
import { type Instant, parseInstant } from "../../core/model/instant.ts";
import { isSameLogin } from "../../core/model/login.ts";
import { counted } from "../../core/text/counted.ts";
import { lookAround } from "../looking/look-around.ts";
import type { LookOptions, Sight } from "../looking/sight.ts";
import { addDocuments, newText } from "./new-document.ts";
import { endOption } from "./waivers.ts";
import { openWorkTree, type WorkTree } from "./work-tree.ts";
import { shortInstant } from "./written.ts";

/** Well below what the reader of documents takes of one file. */
const MOST_BYTES = 200_000;
/** The most names that one document lists. */
const MOST_CREDENTIALS = 1000;

export interface BaselineOptions {
  /** An instant, or a duration from today. */
  readonly until: string;
  readonly perWeek?: number;
  readonly justification?: string;
  readonly requestedBy: string;
  readonly approvedBy?: string;
}

/** An exception that was written. */
export interface BaselineException extends Grandfathered {
  readonly name: string;
  readonly file: string;
}

export interface BaselineWritten extends Omit<Baseline, "exceptions"> {
  readonly exceptions: readonly BaselineException[];
  /** A forge is asked who approved them; without one the documents say so. */
  readonly reviewed: boolean;
  readonly until: Instant;
}

/**
 * `cre baseline`: writes exceptions for the violations of today, with ends that are spread until a date. What an
 * exception of the work tree covers, approved or not, is left as it is, so that the same again writes nothing. Rejects
 * with a CreError and writes nothing when documents are invalid or the exceptions could never count.
 */
export async function writeBaseline(options: LookOptions, asked: BaselineOptions): Promise<BaselineWritten> {
  const sight = await lookAround(options);
  if (sight.problems.length > 0) throw invalid(sight);
  const day = sight.now.slice(0, 10);
  const startsAt = parseInstant(day) ?? sight.now;
  const until = parseInstant(endOption(asked.until, startsAt)) ?? startsAt;
  if (until <= sight.now) {
    throw new CreError("usage", `--until ${asked.until} is over.`, { fix: "Give a day in the future." });
  }
  const reviewed = sight.documents.settings?.document.spec.forge?.kind === "github";
  checkApproval(asked, reviewed);
  const plan = planBaseline({
    documents: sight.documents,
    evaluation: evaluate({ ...sight, commit: undefined, sha256, assumeApproved: true }),
    startsAt,
    until,
    ...(asked.perWeek === undefined ? {} : { perWeek: asked.perWeek }),
  });
  const tree = openWorkTree(options.repo);
  const drafts = named(tree, day, plan.exceptions.flatMap(inParts)).map(({ name, exception }) => ({
    exception,
    document: { kind: "Exception" as const, name, spec: specOf(exception, asked, { day, until }) },
  }));
  const files = filesFor(tree, day, drafts);
  for (const [file, inFile] of files) {
    // Each file is validated with those that were written before it.
    addDocuments(
      openWorkTree(options.repo),
      file,
      inFile.map(({ document }) => document),
    );
  }
  const exceptions = [...files].flatMap(([file, inFile]) =>
    inFile.map(({ exception, document }) => ({ ...exception, name: document.name, file })),
  );
  return { ...plan, exceptions, reviewed, until };
}

function invalid({ problems }: Sight): CreError {
  return new CreError("documents-invalid", "Nothing is written while documents are invalid.", {
    evidence: `${counted(problems.length, "problem")}: what they are about might be a violation too`,
    fix: "`cre validate` says what is wrong; mend it first.",
  });
}

function checkApproval({ requestedBy, approvedBy }: BaselineOptions, reviewed: boolean): void {
  if (approvedBy === undefined) {
    if (reviewed) return;
    throw new CreError("usage", "There is no forge whose reviews could tell who approved the exceptions.", {
      fix: "Give --approved-by PERSON, another person than the one who asks.",
    });
  }
  if (!isSameLogin(approvedBy, requestedBy)) return;
  throw new CreError(
    "exception-void",
    `The exceptions would not count: ${requestedBy} cannot approve them.`,
    {
      fix: "Have another person approve them: --approved-by PERSON.",
    },
  );
}

function specOf(
  { subject, expiresAt, credentials }: Grandfathered,
  { justification, requestedBy, approvedBy }: BaselineOptions,
  { day, until }: { readonly day: string; readonly until: Instant },
): Exception["spec"] {
  return {
    credentials: [...credentials],
    ...subject,
    justification:
      justification ??
      `Violated already when policies were adopted on ${day}; all of these are put right, step by step, until ${shortInstant(until)}.`,
    requestedBy,
    ...(approvedBy === undefined ? {} : { approvedBy }),
    startsAt: day,
    expiresAt: shortInstant(expiresAt),
  };
}

/** One document lists only so many names. */
function inParts(exception: Grandfathered): readonly Grandfathered[] {
  const { credentials } = exception;
  const parts = Math.ceil(credentials.length / MOST_CREDENTIALS);
  return Array.from({ length: parts }, (_, part) => ({
    ...exception,
    credentials: credentials.slice(part * MOST_CREDENTIALS, (part + 1) * MOST_CREDENTIALS),
  }));
}

interface Named {
  readonly name: string;
  readonly exception: Grandfathered;
}

/** Each with a name of its own that nobody has yet. */
function named({ read }: WorkTree, day: string, exceptions: readonly Grandfathered[]): readonly Named[] {
  const taken = new Set([
    ...read.documents.exceptions.keys(),
    ...read.invalid.filter(({ kind }) => kind === "Exception").map(({ name }) => name),
  ]);
  return exceptions.map((exception) => {
    const { subject } = exception;
    const about = "policy" in subject ? subject.policy : subject.finding;
    const stem = `baseline-${day.replaceAll("-", "")}-${about.slice(0, 36).replace(/-+$/, "")}`;
    let number = 1;
    while (taken.has(`${stem}-${number}`)) number += 1;
    taken.add(`${stem}-${number}`);
    return { name: `${stem}-${number}`, exception };
  });
}

/** One file, or as many as it takes so that none is too large to be read. */
function filesFor<T extends { readonly document: Parameters<typeof newText>[0] }>(
  { files }: WorkTree,
  day: string,
  drafts: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const sizes = new Map(files.map(({ path, bytes }) => [path, bytes.length]));
  const plan = new Map<string, T[]>();
  let number = 1;
  for (const draft of drafts) {
    const size = Buffer.byteLength(newText(draft.document)) + "---\n".length;
    let file = fileName(day, number);
    while ((sizes.get(file) ?? 0) > 0 && (sizes.get(file) ?? 0) + size > MOST_BYTES) {
      number += 1;
      file = fileName(day, number);
    }
    sizes.set(file, (sizes.get(file) ?? 0) + size);
    plan.set(file, [...(plan.get(file) ?? []), draft]);
  }
  return plan;
}

function fileName(day: string, number: number): string {
  return `exceptions/baseline-${day}${number === 1 ? "" : `-${number}`}.yaml`;
}
