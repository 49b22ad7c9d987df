import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { CreError } from "../../core/model/errors.ts";
import { commentsOf } from "./comments.ts";
import { type EditPath, parseEditPath, pathText, withValue } from "./edit-path.ts";
import { documentsOf, hasBareReturn, valuesOf } from "./editable-documents.ts";
import { blockItem, blockPair, flowPair, flowText, scalarText } from "./yaml-text.ts";

export type { EditPath } from "./edit-path.ts";

/** Which document of a file is meant. */
export interface DocumentName {
  readonly kind: string;
  readonly name: string;
}

/** Puts `value` at `path` of a document: replaces what is there, else adds the key (after `after`, if it exists). */
export interface Edit {
  readonly path: EditPath | string;
  readonly value: unknown;
  /** Key of the same map behind which a new key reads best. */
  readonly after?: string;
}

/** Replacement of a piece of text. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Changes one document of a YAML text and leaves every other byte as it is: comments, quotes, indentation, line ends.
 * The result is read again and compared with what was asked for; when it is not exactly that, or the place cannot be
 * changed without touching others (aliases), it throws a CreError and the text is not to be written.
 */
export function editDocument(text: string, target: DocumentName, edits: readonly Edit[]): string {
  return edits.reduce((current, edit) => editOnce(current, target, edit), text);
}

function editOnce(text: string, target: DocumentName, edit: Edit): string {
  const path = typeof edit.path === "string" ? parseEditPath(edit.path) : edit.path;
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const source = text.slice(mark.length);
  const documents = parse(source);
  const before = valuesOf(documents);
  if (before === undefined) throw unreadable("an alias (`*name`) stands before its anchor or has none");
  const index = documents.findIndex((document) => isNamed(document, target));
  const document = documents[index];
  if (document === undefined) {
    throw new CreError("document-not-found", `The file has no ${target.kind} \`${target.name}\`.`);
  }
  // What is so already stays as it is written.
  if (isDeepStrictEqual(withValue(before[index], path, edit.value), before[index])) return text;
  const splice = place(source, document.contents, path, edit, path);
  const result = source.slice(0, splice.start) + splice.text + source.slice(splice.end);
  check({ before, source, index }, result, path, edit.value);
  return mark + result;
}

function parse(source: string): readonly Document.Parsed[] {
  if (hasBareReturn(source)) throw unreadable("a carriage return stands without a line feed");
  const documents = documentsOf(source);
  if (documents === undefined) throw unreadable("lists and maps are nested too deep");
  const broken = documents.flatMap((document) => document.errors)[0];
  if (broken !== undefined) throw unreadable(broken.message.split("\n")[0] ?? "");
  return documents;
}

function unreadable(evidence: string): CreError {
  return new CreError(
    "document-unreadable",
    "The file is not well-formed YAML, so it cannot be edited safely.",
    { evidence, fix: "`cre validate` shows the place; correct it and run the command again." },
  );
}

function isNamed(document: Document.Parsed, target: DocumentName): boolean {
  return document.get("kind") === target.kind && document.getIn(["metadata", "name"]) === target.name;
}

function refuse(path: EditPath, why: string): CreError {
  return new CreError("edit-refused", `\`${pathText(path)}\` cannot be changed by a command: ${why}.`, {
    fix: "Edit the file by hand.",
  });
}

/** Where and how the text changes, descending from `node` along the rest of the path. */
function place(source: string, node: Node | null, rest: EditPath, edit: Edit, whole: EditPath): Splice {
  const [key, ...deeper] = rest;
  if (key === undefined) throw refuse(whole, "it names the whole document");
  if (isMap(node)) return placeInMap(source, node, String(key), deeper, edit, whole);
  if (isSeq(node)) return placeInSeq(source, node, key, deeper, edit, whole);
  throw refuse(whole, "something above it is neither a map nor a list");
}

function placeInMap(
  source: string,
  map: YAMLMap,
  key: string,
  deeper: EditPath,
  edit: Edit,
  whole: EditPath,
): Splice {
  const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  if (pair === undefined) {
    const after = deeper.length === 0 ? edit.after : undefined;
    return insertPair(source, map, key, nested(deeper, edit.value, whole), after);
  }
  // The library types a parsed pair's sides as unknown; both are nodes.
  const value = pair.value as Node | null;
  if (isAlias(value)) throw refuse(whole, "it is an alias shared with other places");
  const empty = value === null || (isScalar(value) && value.value === null);
  if (deeper.length > 0 && !empty) return place(source, value, deeper, edit, whole);
  return replaceInMap(source, map, pair, value, nested(deeper, edit.value, whole));
}

function replaceInMap(source: string, map: YAMLMap, pair: Pair, value: Node | null, wanted: unknown): Splice {
  // Keys of parsed maps are scalar nodes with a range; checked by the caller.
  const key = pair.key as Node;
  const [start, keyEnd] = rangeOf(key);
  const colon = source.indexOf(":", keyEnd) + 1;
  const empty = value === null || rangeOf(value)[0] === rangeOf(value)[1];
  const scalar = wanted === null || typeof wanted !== "object";
  if (scalar && empty) return { start: colon, end: colon, text: ` ${scalarText(wanted, undefined)}` };
  if (scalar && isScalar(value)) return replaceRange(source, value, scalarText(wanted, value.type));
  if (map.flow === true || (!empty && isFlow(value))) {
    return empty
      ? { start: colon, end: colon, text: ` ${flowText(wanted)}` }
      : replaceRange(source, value, flowText(wanted));
  }
  const eol = lineEnd(source);
  const text = blockPair(source.slice(start, keyEnd), wanted, columnOf(source, start), eol);
  if (!empty) return { start, end: spokenEnd(source, value), text };
  // A comment behind the bare key stays on its line.
  const below = text.indexOf(eol);
  if (below === -1) return { start, end: colon, text };
  return insertLine(source, colon, text.slice(below + eol.length));
}

function replaceRange(source: string, node: Node, text: string): Splice {
  const [start] = rangeOf(node);
  return { start, end: spokenEnd(source, node), text };
}

/** Like `contentEnd`, without the line end that belongs to a block scalar: what replaces it stands on a line that ends. */
function spokenEnd(source: string, node: Node): number {
  const end = contentEnd(node);
  const text = source.slice(rangeOf(node)[0], end);
  return end - (/(\r?\n[ \t]*)+$/.exec(text)?.[0].length ?? 0);
}

function insertPair(
  source: string,
  map: YAMLMap,
  key: string,
  value: unknown,
  after: string | undefined,
): Splice {
  const last = map.items.find((item) => isScalar(item.key) && item.key.value === after) ?? map.items.at(-1);
  if (map.flow === true || last === undefined) {
    return insertInFlow(map, last && pairEnd(last), flowPair(key, value));
  }
  // Keys of a parsed block map are nodes with a range.
  const column = columnOf(source, rangeOf(map.items[0]?.key as Node)[0]);
  const line = " ".repeat(column) + blockPair(scalarText(key, undefined), value, column, lineEnd(source));
  return insertLine(source, pairEnd(last), line);
}

function placeInSeq(
  source: string,
  seq: YAMLSeq,
  key: string | number,
  deeper: EditPath,
  edit: Edit,
  whole: EditPath,
): Splice {
  const position = Number(key);
  if (!Number.isInteger(position) || position < 0 || position > seq.items.length) {
    throw refuse(whole, `\`${key}\` is no position of a list of ${seq.items.length}`);
  }
  const item = seq.items[position] as Node | undefined; // Items of parsed lists are nodes.
  if (item === undefined) return appendItem(source, seq, nested(deeper, edit.value, whole));
  if (isAlias(item)) throw refuse(whole, "it is an alias shared with other places");
  if (deeper.length > 0) return place(source, item, deeper, edit, whole);
  const scalar = edit.value === null || typeof edit.value !== "object";
  if (scalar && isScalar(item)) return replaceRange(source, item, scalarText(edit.value, item.type));
  if (seq.flow === true || isFlow(item)) return replaceRange(source, item, flowText(edit.value));
  const column = columnOf(source, rangeOf(item)[0]);
  return replaceRange(source, item, blockItem(edit.value, column - 2, lineEnd(source)).slice(2));
}

function appendItem(source: string, seq: YAMLSeq, value: unknown): Splice {
  const last = seq.items.at(-1) as Node | undefined; // Items of parsed lists are nodes.
  if (seq.flow === true || last === undefined) {
    return insertInFlow(seq, last && contentEnd(last), flowText(value));
  }
  const column = columnOf(source, rangeOf(seq)[0]);
  return insertLine(source, contentEnd(last), " ".repeat(column) + blockItem(value, column, lineEnd(source)));
}

function insertInFlow(collection: YAMLMap | YAMLSeq, lastEnd: number | undefined, text: string): Splice {
  const [start, end] = rangeOf(collection);
  if (lastEnd !== undefined) return { start: lastEnd, end: lastEnd, text: `, ${text}` };
  return { start, end, text: isMap(collection) ? `{ ${text} }` : `[${text}]` };
}

/** A line of its own behind the line in which `offset` lies. */
function insertLine(source: string, offset: number, line: string): Splice {
  const eol = lineEnd(source);
  if (source[offset - 1] === "\n") return { start: offset, end: offset, text: line + eol };
  const newline = source.indexOf("\n", offset);
  if (newline === -1) return { start: source.length, end: source.length, text: eol + line };
  return { start: newline + 1, end: newline + 1, text: line + eol };
}

/** What has to stand at the first missing key so that the rest of the path leads to the value. */
function nested(path: EditPath, value: unknown, whole: EditPath): unknown {
  return path.reduceRight<unknown>((inner, key) => {
    if (typeof key === "string") return { [key]: inner };
    if (key !== 0) throw refuse(whole, `there is no list to put position ${key} into`);
    return [inner];
  }, value);
}

function rangeOf(node: Node): readonly [number, number, number] {
  if (node.range === undefined || node.range === null) throw new Error("a parsed node has no range");
  return node.range;
}

function isFlow(node: Node | null): boolean {
  return isScalar(node) || ((isMap(node) || isSeq(node)) && node.flow === true);
}

/** End of what the node says, without the comments and empty lines behind it. */
function contentEnd(node: Node | null): number {
  if (node === null) throw new Error("an absent node has no end");
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined ? rangeOf(node)[1] : pairEnd(last);
  }
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1) as Node | undefined; // Items of parsed lists are nodes.
    return last === undefined ? rangeOf(node)[1] : contentEnd(last);
  }
  return rangeOf(node)[1];
}

function pairEnd(pair: Pair): number {
  // Sides of parsed pairs are nodes.
  return contentEnd((pair.value ?? pair.key) as Node);
}

function columnOf(source: string, offset: number): number {
  return offset - (source.lastIndexOf("\n", offset - 1) + 1);
}

function lineEnd(source: string): string {
  return source.includes("\r\n") ? "\r\n" : "\n";
}

/** Every document says what it said, but for the value that was asked for, and no comment is lost. */
function check(
  { before, source, index }: { before: readonly unknown[]; source: string; index: number },
  result: string,
  path: EditPath,
  value: unknown,
): void {
  const documents = documentsOf(result) ?? [];
  const after = documents.every(({ errors }) => errors.length === 0) ? valuesOf(documents) : undefined;
  const expected = before.with(index, withValue(before[index], path, value));
  if (!isDeepStrictEqual(after, expected)) {
    throw refuse(path, "the file is written in a way that a small edit would disturb elsewhere");
  }
  if (!isDeepStrictEqual(commentsOf(result), commentsOf(source))) {
    throw refuse(path, "what it would replace holds comments");
  }
}
