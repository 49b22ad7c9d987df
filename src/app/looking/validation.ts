import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { readWorkTree } from "../../adapters/documents/work-tree.ts";
import { openReadSide } from "../../adapters/store/read-side.ts";
import { isFrameworkFile } from "../../core/compliance/shipped-names.ts";
import type { Documents, Problem } from "../../core/documents/kinds.ts";
import type { ProblemsReport } from "../../core/evaluate/published-schemas.ts";
import { lookAtDocuments } from "./look-around.ts";
import { privateKeysIn } from "./private-keys.ts";
import type { DocumentsSight, LookOptions } from "./sight.ts";
import { branchPoint } from "./since.ts";

/** What `cre validate` found. */
export interface Validation {
  readonly report: ProblemsReport;
  readonly warnings: readonly Problem[];
  readonly allowances: DocumentsSight["allowances"];
  readonly differs: string | undefined;
}

/**
 * Every problem of every document; with `since` those of documents that changed since the branch point of that commit,
 * and those that the changes caused elsewhere.
 */
export async function validation(options: LookOptions, since: string | undefined): Promise<Validation> {
  const sight = await lookAtDocuments(options);
  const { warnings, allowances, differs } = sight;
  const keys =
    options.asOf === undefined
      ? [
          ...privateKeysIn(options.repo, sight.documents),
          ...(await frameworkProblems(options.repo, sight.documents)),
        ]
      : [];
  if (since === undefined) {
    return { report: reportOf([...sight.problems, ...keys], sight.count), warnings, allowances, differs };
  }
  const changes = await changesSince(options, since);
  return {
    report: reportOf(
      [...sight.problems.filter((problem) => changes.isAbout(problem) || changes.isNew(problem)), ...keys],
      changes.documents,
    ),
    warnings: warnings.filter((warning) => changes.isAbout(warning)),
    allowances: allowances.filter((allowance) => changes.isAbout(allowance)),
    differs,
  };
}

/** Most repositories have no framework of their own: what reads one is loaded for those that do. */
async function frameworkProblems(repo: string, documents: Documents): Promise<readonly Problem[]> {
  if (documents.settings?.document.spec.reports?.frameworks.some(isFrameworkFile) !== true) return [];
  const { frameworksOf, workTreeFiles } = await import("./frameworks.ts");
  return (await frameworksOf(documents, workTreeFiles(repo))).problems;
}

function reportOf(problems: readonly Problem[], documents: number): ProblemsReport {
  return {
    ok: problems.length === 0,
    documents,
    problems: problems.map(({ file, line, column, code, message, fix }) => ({
      file,
      line,
      column,
      code,
      message,
      fix,
    })),
  };
}

interface Changes {
  /** Number of documents that are new or different. */
  readonly documents: number;
  /** The place lies in a document that is new or different. */
  isAbout(place: { readonly file: string; readonly line: number }): boolean;
  /** The problem was not there before. */
  isNew(problem: Problem): boolean;
}

async function changesSince(options: LookOptions, since: string): Promise<Changes> {
  const before = await filesBefore(options, since);
  const known = new Set(
    before.flatMap(({ path, bytes }) => piecesOf(bytes).map(({ text }) => `${path}\n${text}`)),
  );
  const old = new Set(readDocuments(before).problems.map(problemKey));
  const changed = new Map<string, readonly Piece[]>();
  for (const { path, bytes } of readWorkTree(options.repo)) {
    const pieces = piecesOf(bytes).filter(({ text }) => !known.has(`${path}\n${text}`));
    // A file that cannot be read, or an empty one, has no pieces to compare.
    changed.set(path, bytes.length === 0 ? [{ text: "", first: 1, last: Infinity, says: false }] : pieces);
  }
  return {
    documents: [...changed.values()].flat().filter(({ says }) => says).length,
    isAbout: ({ file, line }) =>
      changed.get(file)?.some(({ first, last }) => first <= line && line <= last) ?? false,
    isNew: (problem) => !old.has(problemKey(problem)),
  };
}

async function filesBefore(options: LookOptions, since: string) {
  const side = await openReadSide(options);
  const { ref, base } = await branchPoint(options, since);
  // What the other branch did meanwhile is none of our changes.
  return side.filesAt(base ?? ref);
}

/** The text of one document with its lines, from 1, both inclusive. */
interface Piece {
  readonly text: string;
  readonly first: number;
  readonly last: number;
  /** It holds more than comments. */
  readonly says: boolean;
}

/** A file cut before each `---`; bytes that are no UTF-8 only need to compare. */
function piecesOf(bytes: Uint8Array): readonly Piece[] {
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const starts = lines.flatMap((line, at) => (at > 0 && /^---(\s|$)/.test(line) ? [at] : []));
  return [0, ...starts].map((start, at) => {
    const end = starts[at] ?? lines.length;
    const own = lines.slice(start, end);
    const says = own.some((line) => !/^\s*(#.*|---\s*|\.\.\.\s*)?$/.test(line));
    return { text: own.join("\n").trimEnd(), first: start + 1, last: end, says };
  });
}

function problemKey({ file, code, message }: Problem): string {
  return `${file}\n${code}\n${message}`;
}
