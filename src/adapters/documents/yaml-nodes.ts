import { EVENT_ID, type Event, getScalarValue, type ScalarEvent } from "js-yaml";
import type { FieldPath } from "../../core/documents/check/fault.ts";

/** What is written in a document, with offsets into its text. -1: nothing is written, as in `key:`. */
export type YamlNode =
  | {
      readonly kind: "map";
      readonly offset: number;
      readonly tag: string;
      readonly entries: readonly YamlEntry[];
      /** The first entry of each key. */
      readonly byKey: ReadonlyMap<string, YamlEntry>;
    }
  | {
      readonly kind: "list";
      readonly offset: number;
      readonly tag: string;
      readonly items: readonly YamlNode[];
    }
  | { readonly kind: "scalar"; readonly offset: number; readonly tag: string; readonly text: string }
  | { readonly kind: "alias"; readonly offset: number };

export interface YamlEntry {
  /** undefined: the key is a list or a map. */
  readonly key: string | undefined;
  readonly keyOffset: number;
  readonly value: YamlNode;
}

const QUOTED = new Set([2, 3]);

/** The tree of one document. `events` begin with its DOCUMENT event; `base` is where their text begins in the file. */
export function nodesOf(text: string, events: readonly Event[], base: number): YamlNode {
  const root: YamlNode[] = [];
  const open: YamlNode[][] = [root];
  const closing: (() => void)[] = [];
  for (const event of events.slice(1)) {
    const inner = open.at(-1) ?? root;
    if (event.type === EVENT_ID.POP) {
      closing.pop()?.();
      open.pop();
    } else if (event.type === EVENT_ID.SCALAR) {
      const value = event.valueStart < 0 ? "" : getScalarValue(text, event);
      inner.push({
        kind: "scalar",
        offset: moved(scalarOffset(event), base),
        tag: tagOf(text, event),
        text: value,
      });
    } else if (event.type === EVENT_ID.ALIAS) {
      inner.push({ kind: "alias", offset: event.anchorStart - 1 + base });
    } else if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      const children: YamlNode[] = [];
      const place = { offset: moved(earliest(event.start, event), base), tag: tagOf(text, event) };
      const isList = event.type === EVENT_ID.SEQUENCE;
      open.push(children);
      closing.push(
        () => void inner.push(isList ? { kind: "list", ...place, items: children } : mapOf(place, children)),
      );
    }
  }
  return root[0] ?? { kind: "scalar", offset: -1, tag: "", text: "" };
}

function moved(offset: number, base: number): number {
  return offset < 0 ? offset : offset + base;
}

function mapOf(
  place: { readonly offset: number; readonly tag: string },
  children: readonly YamlNode[],
): YamlNode {
  const entries: YamlEntry[] = [];
  const byKey = new Map<string, YamlEntry>();
  for (let at = 0; at + 1 < children.length; at += 2) {
    const key = children[at];
    const value = children[at + 1];
    if (key === undefined || value === undefined) continue;
    const entry = { key: key.kind === "scalar" ? key.text : undefined, keyOffset: key.offset, value };
    entries.push(entry);
    if (entry.key !== undefined && !byKey.has(entry.key)) byKey.set(entry.key, entry);
  }
  return { kind: "map", ...place, entries, byKey };
}

interface Properties {
  readonly anchorStart: number;
  readonly tagStart: number;
  readonly tagEnd: number;
}

function tagOf(text: string, event: Properties): string {
  return event.tagStart < 0 ? "" : text.slice(event.tagStart, event.tagEnd);
}

function scalarOffset(event: ScalarEvent): number {
  const value = QUOTED.has(event.style) && event.valueStart > 0 ? event.valueStart - 1 : event.valueStart;
  return earliest(value, event);
}

function earliest(value: number, { anchorStart, tagStart }: Properties): number {
  const places = [value, tagStart, anchorStart < 0 ? -1 : anchorStart - 1].filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** Offset of the value at a path, or of its key; of the nearest parent that is written where there is none. */
export function offsetOf(root: YamlNode, path: FieldPath, at: "key" | "value", start: number): number {
  let node = root;
  let keyOffset = start;
  for (const part of path) {
    if (node.kind === "map") {
      const entry = node.byKey.get(String(part));
      if (entry === undefined) return keyOffset;
      keyOffset = entry.keyOffset < 0 ? keyOffset : entry.keyOffset;
      node = entry.value;
    } else if (node.kind === "list") {
      const item = node.items[Number(part)];
      if (item === undefined) return keyOffset;
      keyOffset = item.offset < 0 ? keyOffset : item.offset;
      node = item;
    } else {
      return node.offset < 0 ? keyOffset : node.offset;
    }
  }
  return at === "key" || node.offset < 0 ? keyOffset : node.offset;
}
