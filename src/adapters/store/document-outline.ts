import { createHash } from "node:crypto";
import { load } from "js-yaml";
import { canonical } from "../../core/audit/seal.ts";

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
  /** When a credential was to be retired, as it is written. */
  readonly retiredAt?: string;
}

const LARGEST = 4 * 1024 * 1024;

/**
 * The documents of a file as far as their names can be read, whether they are valid or not: people's changes belong in
 * the trail also when they are wrong. A file with a part that is no document counts as one of kind `Unreadable`, too.
 */
export function outlinesOf(path: string, bytes: Uint8Array): DocumentOutline[] {
  if (bytes.length > LARGEST) return [unreadable(path, bytes)];
  const parts = partsOf(bytes);
  const outlines = parts.map((part) => outlineOf(path, part));
  const found = outlines.filter((outline) => outline !== undefined);
  return found.length === parts.length ? found : [...found, unreadable(path, bytes)];
}

/** A document of a file by its kind and name, and what some of its fields say. */
export interface DocumentFields {
  readonly kind: string;
  readonly name: string;
  /** Equal for equal content of these fields, whatever the layout and the order of keys. */
  said(fields: readonly (readonly string[])[]): string;
}

/** The documents of a file, as far as their names can be read, to compare parts of them. */
export function fieldsOf(bytes: Uint8Array): DocumentFields[] {
  if (bytes.length > LARGEST) return [];
  return partsOf(bytes).flatMap((text): DocumentFields[] => {
    const parsed = parse(text);
    if (parsed === undefined) return [];
    const { kind, name, value } = parsed;
    const said: DocumentFields["said"] = (fields) =>
      digestOf(isAliased(text) ? text : canonicalText(fields.map((path) => valueAt(value, path))));
    return [{ kind, name, said }];
  });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found ?? null;
}

/** Numbers that JSON does not have are told apart by their names. */
function canonicalText(value: unknown): string {
  const plain = JSON.stringify(value, (_, member: unknown) =>
    typeof member === "number" && !Number.isFinite(member) ? `number ${member}` : member,
  );
  return canonical(JSON.parse(plain));
}

function partsOf(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes);
  // At the beginning of a line three dashes always begin a document, even inside of quotes and block texts.
  return text.split(/^---(?=\s|$)/m).filter((part) => /^[^\S\r\n]*[^\s#]/m.test(part));
}

function parse(text: string) {
  let value: unknown;
  try {
    value = load(text, { maxDepth: 64 });
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isRecord(value["metadata"])) return undefined;
  const { kind, metadata } = value;
  const { name } = metadata;
  if (typeof kind !== "string" || typeof name !== "string") return undefined;
  return { kind, name, metadata, value };
}

/** Aliases can make a small text a huge value; such a document is compared by its text. */
function isAliased(text: string): boolean {
  return /[\s:[,{-]\*[^\s]/.test(text);
}

function outlineOf(file: string, text: string): DocumentOutline | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const { kind, name, metadata, value } = parsed;
  const { formerNames } = metadata;
  const said = (content: unknown) => digestOf(isAliased(text) ? text : JSON.stringify(content));
  const retiredAt = valueAt(value, ["spec", "retiredAt"]);
  return {
    kind: kind.slice(0, 100),
    name: name.slice(0, 200),
    file,
    formerNames: Array.isArray(formerNames)
      ? formerNames.filter((former: unknown) => typeof former === "string").slice(0, 100)
      : [],
    digest: said(value),
    body: said({ ...value, metadata: { ...metadata, name: "" } }),
    ...(typeof retiredAt === "string" ? { retiredAt: retiredAt.slice(0, 40) } : {}),
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
