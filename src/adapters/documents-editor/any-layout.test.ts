import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { CORE_SCHEMA, loadAll } from "js-yaml";
import { expect, test } from "vitest";
import { CreError } from "../../core/model/errors.ts";
import { files, type LaidOut, values } from "../../testing/properties/yaml-layout.ts";
import { appendDocument } from "./append-document.ts";
import { commentsOf } from "./comments.ts";
import { editDocument } from "./edit-document.ts";
import { type EditPath, withValue } from "./edit-path.ts";

/** Whatever a file looks like, an edit says exactly what was asked for and touches nothing else, or it is refused. */

const TARGET = { kind: "Credential", name: "orders-db" };

/** Read by the parser that the product reads documents with, which is not the editor's. */
function documentsIn(text: string): unknown[] {
  return loadAll(text.replace(/^\ufeff/, ""), { schema: CORE_SCHEMA }).filter((value) => value !== null);
}

function isTarget(document: unknown): boolean {
  return (document as { kind?: unknown }).kind === "Credential";
}

/** The result, or the words of the refusal. */
function edited(
  text: string,
  path: EditPath,
  value: unknown,
): { readonly text?: string; readonly refusal?: string } {
  try {
    return { text: editDocument(text, TARGET, [{ path, value }]) };
  } catch (error) {
    if (!(error instanceof CreError) || error.fix === undefined) throw error;
    return { refusal: `${error.code}: ${error.message}` };
  }
}

function expectSaid(before: string, after: string, path: EditPath, value: unknown): void {
  const expected = documentsIn(before).map((document) =>
    isTarget(document) ? withValue(document, path, value) : document,
  );
  expect(documentsIn(after)).toEqual(expected);
  expect(commentsOf(after)).toEqual(commentsOf(before));
}

/** Characters of `text` that stand in `result` before and behind what changed. */
function keptOf(text: string, result: string): { readonly before: number; readonly behind: number } {
  const most = Math.min(text.length, result.length);
  let before = 0;
  while (before < most && text[before] === result[before]) before += 1;
  let behind = 0;
  while (behind < most - before && text.at(-1 - behind) === result.at(-1 - behind)) behind += 1;
  return { before, behind };
}

/** A place where a key may be added: the spec itself or a map in it. */
function mapsIn({
  places,
  spec,
}: LaidOut & { readonly spec: object }): readonly { path: EditPath; value: object }[] {
  const found = places.flatMap(({ path, value }) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? [{ path, value }] : [],
  );
  return [{ path: ["spec"], value: spec }, ...found];
}

test("a file is laid out as it is meant to be", () => {
  fc.assert(
    fc.property(files, ({ text, spec, places }) => {
      const found = documentsIn(text).find(isTarget) as { spec: unknown };
      expect(found.spec).toEqual(spec);
      expect(places.every(({ start, end }) => start <= end && end <= text.length)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("a value is replaced in its place, and every byte before its key and behind it stays", () => {
  const counts = { done: 0, refused: 0 };
  fc.assert(
    fc.property(files, fc.nat(), values, (file, pick, value) => {
      const { text, places } = file;
      const place = places[pick % places.length];
      if (place === undefined) return;
      const { text: result, refusal } = edited(text, place.path, value);
      expect(refusal ?? "edit-refused: holds comments").toMatch(/^edit-refused: .*(holds comments|disturb)/);
      counts[result === undefined ? "refused" : "done"] += 1;
      if (result === undefined) return;
      expectSaid(text, result, place.path, value);
      // Behind a bare key the comment stays on its line, so that the value stands below it.
      const { before, behind } = keptOf(text, result);
      const isAdded = place.value === null && before + behind >= text.length;
      const rest = text.slice(place.end).replace(/^[ \t]+(?=\r?\n|$)/, "");
      expect(result.startsWith(text.slice(0, place.start))).toBe(true);
      expect(isAdded || result.endsWith(rest)).toBe(true);
      // The same once more says nothing new.
      expect(edited(result, place.path, value).text).toBe(result);
    }),
    { numRuns: 400 },
  );
  expect(counts.refused).toBeLessThan(counts.done / 5);
});

test("a key is added without touching a single byte that was there", () => {
  fc.assert(
    fc.property(files, fc.nat(), values, (file, pick, value) => {
      const maps = mapsIn(file);
      const map = maps[pick % maps.length];
      if (map === undefined) return;
      const path = [...map.path, "added"];
      const { text: result = "" } = edited(file.text, path, value);
      expectSaid(file.text, result, path, value);
      const { before, behind } = keptOf(file.text, result);
      const isEmpty = Object.keys(map.value).length === 0;
      expect(before + behind).toBeGreaterThanOrEqual(file.text.length - (isEmpty ? 6 : 0));
    }),
    { numRuns: 300 },
  );
});

test("an item is added to a list without touching a single byte that was there", () => {
  fc.assert(
    fc.property(files, fc.nat(), values, (file, pick, value) => {
      const lists = file.places.flatMap(({ path, value: list }) =>
        Array.isArray(list) ? [{ path, list }] : [],
      );
      const chosen = lists[pick % lists.length];
      fc.pre(chosen !== undefined);
      const path = [...chosen.path, chosen.list.length];
      const { text: result = "" } = edited(file.text, path, value);
      expectSaid(file.text, result, path, value);
      const { before, behind } = keptOf(file.text, result);
      expect(before + behind).toBeGreaterThanOrEqual(file.text.length - (chosen.list.length === 0 ? 4 : 0));
    }),
    { numRuns: 200 },
  );
});

test("a document is put behind any file without touching a single byte that was there", () => {
  fc.assert(
    fc.property(files, ({ text }) => {
      const added = "kind: Snooze\nmetadata: { name: s }\n";
      const result = appendDocument(text, added);
      expect(result.startsWith(text)).toBe(true);
      expect(documentsIn(result)).toEqual([
        ...documentsIn(text),
        { kind: "Snooze", metadata: { name: "s" } },
      ]);
    }),
    { numRuns: 200 },
  );
});

const pieces = fc.constantFrom(
  ..."kind: Credential|metadata: { name: orders-db }|spec:|  a: 1|  b: &x [1]|  c: *x|  ? d|  : 2|---|...|\t|  - y|{|}|[|]|\"|'|# c| |  e: !!str 1|  <<: *x|  a: 3|%TAG|\u0000|\ud800|  f: >|   g".split(
    "|",
  ),
);
const anyText = fc.oneof(
  fc.array(pieces, { maxLength: 14 }).map((lines) => lines.join("\n")),
  fc.tuple(files, fc.nat(), pieces).map(([{ text }, at, piece]) => {
    const cut = at % (text.length + 1);
    return text.slice(0, cut) + piece + text.slice(cut + piece.length);
  }),
);

test("whatever stands in a file, an edit is done as asked or refused with a reason", () => {
  const paths = fc.constantFrom<EditPath[]>(
    ["spec", "a"],
    ["spec", "b", 0],
    ["spec"],
    ["spec", "c"],
    ["spec", "new", "key"],
  );
  fc.assert(
    fc.property(anyText, paths, values, (text, path, value) => {
      const { text: result } = reasoned(text, path, value);
      if (result === undefined) return;
      // What the product's own reader takes must say what was asked; what it refuses anyway was refused before, too.
      const before = readable(text);
      const after = readable(result);
      const ok =
        before === undefined ||
        isDeepStrictEqual(
          after,
          before.map((document) => (isNamed(document) ? withValue(document, path, value) : document)),
        );
      expect(ok).toBe(true);
    }),
    { numRuns: 600 },
  );
});

test("a document is put behind whatever stands in a file, or refused with a reason", () => {
  const added = "kind: Snooze\nmetadata: { name: s }\n";
  fc.assert(
    fc.property(anyText, (text) => {
      const result = appended(text, added);
      if (result === undefined) return;
      const before = readable(text);
      expect(result.startsWith(text)).toBe(true);
      expect(before === undefined || readable(result)?.length === before.length + 1).toBe(true);
    }),
    { numRuns: 600 },
  );
});

function appended(text: string, document: string): string | undefined {
  try {
    return appendDocument(text, document);
  } catch (error) {
    if (!(error instanceof CreError)) throw error;
    return undefined;
  }
}

function reasoned(text: string, path: EditPath, value: unknown): { readonly text?: string } {
  try {
    return { text: editDocument(text, TARGET, [{ path, value }]) };
  } catch (error) {
    if (!(error instanceof CreError) || error.message === "") throw error;
    return {};
  }
}

function readable(text: string): unknown[] | undefined {
  try {
    return documentsIn(text);
  } catch {
    return undefined;
  }
}

function isNamed(document: unknown): boolean {
  if (typeof document !== "object" || document === null || !isTarget(document)) return false;
  return (document as { metadata?: { name?: unknown } }).metadata?.name === TARGET.name;
}
