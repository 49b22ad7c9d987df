import type { Allowance } from "../../core/documents/check/allowance.ts";
import { checkDocuments } from "../../core/documents/check/check-documents.ts";
import { connectionUses } from "../../core/documents/check/connection-uses.ts";
import { placeKey } from "../../core/documents/check/fault.ts";
import {
  documentsIn,
  type InvalidDocument,
  identityKey,
  indexDocuments,
  withoutDocuments,
} from "../../core/documents/check/index-documents.ts";
import { isDocumentPath } from "../../core/documents/document-path.ts";
import {
  type Documents,
  FOLDER_OF,
  type Kind,
  type Problem,
  type Sourced,
} from "../../core/documents/kinds.ts";
import { LIMITS } from "./limits.ts";
import { placeFaults } from "./place-faults.ts";
import { type FileRead, readFile } from "./read-file.ts";
import type { SourceFile } from "./source-file.ts";

export interface DocumentsRead {
  /**
   * Every document that is valid by itself and in what it refers to. Settings with a fault in a reference stay, since
   * they say where the state is.
   */
  readonly documents: Documents;
  /** Every problem of every file, sorted by file and place. With any of them nothing may start. */
  readonly problems: readonly Problem[];
  /** Worth saying, but nothing is held back by them. */
  readonly warnings: readonly Problem[];
  /** Documents that are there, valid or not. */
  readonly count: number;
  /** Every line whose secret-looking value people accepted. */
  readonly allowances: readonly Allowance[];
  /**
   * Documents that are there but not in `documents`: they are *not gone*. An invalid Hold may be meant to stop
   * something; invalid Settings may name another state branch.
   */
  readonly invalid: readonly InvalidDocument[];
}

/**
 * Reads, validates and cross-checks people's documents in one pass. Files that are no documents by their path are left
 * out. Throws nothing for whatever stands in a file, and no message quotes anything that could be a secret. The same
 * files in any order give the same result. `read` may remember what it has read.
 */
export function readDocuments(
  files: readonly SourceFile[],
  read: (file: SourceFile) => FileRead = readFile,
): DocumentsRead {
  const sorted = files.filter(isRead).toSorted((a, b) => compare(a.path, b.path));
  const reads = sorted.map(read);
  const count = reads.reduce((sum, read) => sum + read.count, 0);
  const valid = reads.flatMap((read) => read.valid);
  const indexed = indexDocuments(valid);
  const isInvalid = invalidLookup(reads, valid, indexed.documents);
  const faults = [...indexed.faults, ...checkDocuments({ documents: indexed.documents, isInvalid })];
  const documents = withoutFaulty(
    indexed.documents,
    new Set(faults.filter(({ warning }) => !warning).map(({ source }) => placeKey(source))),
    reads.some(({ unread, invalid }) => unread || invalid.length > 0),
  );

  const byPath = new Map(sorted.map((file) => [file.path, file]));
  const place = (warning: boolean): readonly Problem[] =>
    placeFaults(
      faults.filter((fault) => (fault.warning ?? false) === warning),
      byPath,
    );
  return {
    documents,
    problems: [
      ...reads.flatMap((read) => read.problems),
      ...tooMany(sorted[0], count),
      ...place(false),
    ].toSorted(byPlace),
    warnings: [...reads.flatMap((read) => read.warnings), ...place(true)].toSorted(byPlace),
    count,
    allowances: reads.flatMap((read) => read.allowances),
    invalid: [...reads.flatMap((read) => read.invalid), ...missingFrom(documents, valid)],
  };
}

/** Folders are in the list only because something is wrong with them. */
function isRead({ path }: SourceFile): boolean {
  return isDocumentPath(path) || path.endsWith("/");
}

/**
 * Whether a document that is referred to may exist although it is not there: it is invalid, stands twice, or its folder
 * has a file that cannot be read.
 */
function invalidLookup(
  reads: readonly FileRead[],
  valid: readonly Sourced[],
  indexed: Documents,
): (kind: Kind, name: string) => boolean {
  const names = new Set(
    [...reads.flatMap((read) => read.invalid), ...missingFrom(indexed, valid)].map(({ kind, name }) =>
      identityKey(kind, name),
    ),
  );
  const darkFolders = new Set(reads.filter(({ unread }) => unread).map(({ file }) => file.split("/")[0]));
  return (kind, name) => names.has(identityKey(kind, name)) || darkFolders.has(FOLDER_OF[kind]);
}

/** Without documents that have a fault, and without credentials whose connection is not there after that. */
function withoutFaulty(documents: Documents, faulty: Set<string>, mayMiss: boolean): Documents {
  if (documents.settings !== undefined) faulty.delete(placeKey(documents.settings));
  if (faulty.size === 0 && !mayMiss) return documents;
  const sound = withoutDocuments(documents, faulty);
  const cutOff = [...sound.credentials.values()].filter(({ document }) =>
    connectionUses(document.spec).some(({ name }) => !sound.connections.has(name)),
  );
  return withoutDocuments(sound, new Set(cutOff.map(placeKey)));
}

function missingFrom(documents: Documents, valid: readonly Sourced[]): InvalidDocument[] {
  const there = new Set(documentsIn(documents));
  if (there.size === valid.length) return [];
  return valid
    .filter((source) => !there.has(source))
    .map(({ document, file, line }) => ({ kind: document.kind, name: document.metadata.name, file, line }));
}

function tooMany(first: SourceFile | undefined, count: number): Problem[] {
  if (count <= LIMITS.documents || first === undefined) return [];
  return [
    {
      file: first.path,
      line: 1,
      column: 1,
      code: "too-many-documents",
      message: `the repository holds ${count} documents, more than ${LIMITS.documents}`,
      fix: "split the registry over several repositories",
    },
  ];
}

function byPlace(a: Problem, b: Problem): number {
  return (
    compare(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compare(a.code, b.code) ||
    compare(a.message, b.message)
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
