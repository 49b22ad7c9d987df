import { createHash } from "node:crypto";
import { load } from "js-yaml";

/** What a change of documents is told by: which document a text holds, and whether it says the same as another. */
export interface DocumentOutline {
  readonly kind: string;
  readonly name: string;
  readonly file: string;
  readonly formerNames: readonly string[];
  /** Equal for equal content, whatever the layout. */
  readonly digest: string;
  /** The same without the name. */
  readonly body: string;
}

const LARGEST = 4 * 1024 * 1024;

/**
 * The documents of a file as far as their names can be read, whether they are valid or not: people's changes belong in
 * the trail also when they are wrong. A file with a part that is no document counts as one of kind `Unreadable`, too.
 */
export function outlinesOf(path: string, bytes: Uint8Array): DocumentOutline[] {
  if (bytes.length > LARGEST) return [unreadable(path, bytes)];
  const text = new TextDecoder().decode(bytes);
  // At the beginning of a line three dashes always begin a document, even inside of quotes and block texts.
  const parts = text.split(/^---(?=\s|$)/m).filter((part) => /^[^\S\r\n]*[^\s#]/m.test(part));
  const outlines = parts.map((part) => outlineOf(path, part));
  const found = outlines.filter((outline) => outline !== undefined);
  return found.length === parts.length ? found : [...found, unreadable(path, bytes)];
}

function outlineOf(file: string, text: string): DocumentOutline | undefined {
  let value: unknown;
  try {
    value = load(text, { maxDepth: 64 });
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isRecord(value["metadata"])) return undefined;
  const { kind, metadata } = value;
  const { name, formerNames } = metadata;
  if (typeof kind !== "string" || typeof name !== "string") return undefined;
  // Aliases can make a small text a huge value; such a document is compared by its text.
  const aliased = /[\s:[,{-]\*[^\s]/.test(text);
  const said = (content: unknown) => digestOf(aliased ? text : JSON.stringify(content));
  return {
    kind: kind.slice(0, 100),
    name: name.slice(0, 200),
    file,
    formerNames: Array.isArray(formerNames)
      ? formerNames.filter((former: unknown) => typeof former === "string").slice(0, 100)
      : [],
    digest: said(value),
    body: said({ ...value, metadata: { ...metadata, name: "" } }),
  };
}

function unreadable(file: string, bytes: Uint8Array): DocumentOutline {
  const digest = digestOf(bytes);
  return { kind: "Unreadable", name: file, file, formerNames: [], digest, body: digest };
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
