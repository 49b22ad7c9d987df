import { type Document, parseAllDocuments } from "yaml";

/** The parser's warnings would show parts of the file on the terminal. */
const QUIET = { logLevel: "error" } as const;

/** The documents of a text with their places; undefined where the parser gives up (nested without end). */
export function documentsOf(text: string): readonly Document.Parsed[] | undefined {
  try {
    const parsed = parseAllDocuments(text, QUIET);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return undefined;
  }
}

/** What the documents say; undefined where an alias has nothing to stand for. */
export function valuesOf(documents: readonly Document.Parsed[]): readonly unknown[] | undefined {
  try {
    return documents.map((document): unknown => document.toJS());
  } catch {
    return undefined;
  }
}

/** Readers differ on whether a bare carriage return ends a line, so that such a text is left to people. */
export function hasBareReturn(text: string): boolean {
  return /\r(?!\n)/.test(text);
}
