import fc from "fast-check";
import { CORE_SCHEMA, loadAll } from "js-yaml";
import { describe, expect, test } from "vitest";
import { CreError } from "../../core/model/errors.ts";
import { commentsOf } from "./comments.ts";
import { editDocument } from "./edit-document.ts";

const TARGET = { kind: "Credential", name: "orders-db" };
const HEAD = "kind: Credential\nmetadata: { name: orders-db }\n";

/** Sets `spec.<path>` in a Credential whose spec has this text. */
function edit(spec: string, path: string, value: unknown, after?: string): string {
  const text = `${HEAD}spec:${spec}`;
  const edits = [{ path: `spec.${path}`, value, ...(after === undefined ? {} : { after }) }];
  return editDocument(text, TARGET, edits).slice(HEAD.length + "spec:".length);
}

describe("a value that is there is replaced in its place", () => {
  const cases: readonly [what: string, before: string, path: string, value: unknown, after: string][] = [
    ["plain, with a comment behind it", "\n  a: 1 # why\n", "a", 2, "\n  a: 2 # why\n"],
    ["tabs before the comment", "\n  a: 1\t# why\n", "a", 2, "\n  a: 2\t# why\n"],
    ["its quotes are kept", "\n  a: 'x'\n  b: \"y\"\n", "a", "z", "\n  a: 'z'\n  b: \"y\"\n"],
    ["text that would be a number is quoted", "\n  a: x\n", "a", "123", '\n  a: "123"\n'],
    ["text that would be null is quoted", "\n  a: x\n", "a", "null", '\n  a: "null"\n'],
    ["text with line ends is escaped", "\n  a: x\n  b: 1\n", "a", "p\nq", '\n  a: "p\\nq"\n  b: 1\n'],
    ["a date stays plain", "\n  a: x\n", "a", "2026-01-01", "\n  a: 2026-01-01\n"],
    ["a literal block", "\n  a: |\n    x\n    y\n  b: 1\n", "a", "z", "\n  a: z\n  b: 1\n"],
    ["a kept block", "\n  a: >+\n    x\n\n\n  b: 1\n", "a", "z", "\n  a: z\n\n\n  b: 1\n"],
    ["plain text over lines", "\n  a: x\n    y # why\n  b: 1\n", "a", "z", "\n  a: z # why\n  b: 1\n"],
    ["nothing before a comment", "\n  a: # why\n  b: 1\n", "a", "z", "\n  a: z # why\n  b: 1\n"],
    ["a value below its key", "\n  a: # why\n    x\n  b: 1\n", "a", "z", "\n  a: # why\n    z\n  b: 1\n"],
    ["inside a flow map", " { a: 1, b: 2 } # why\n", "a", "z", " { a: z, b: 2 } # why\n"],
    ["in a list of maps", "\n  - a: 1\n  -   b: 2 # why\n", "[1].b", 3, "\n  - a: 1\n  -   b: 3 # why\n"],
    ["an explicit key", "\n  ? a\n  : x\n", "a", "z", "\n  ? a\n  : z\n"],
    ["a list by a list", "\n  a:\n  - 1\n  - 2\n  b: 1\n", "a", [3], "\n  a: [3]\n  b: 1\n"],
  ];
  for (const [what, before, path, value, after] of cases) {
    test(`replaced: ${what}`, () => expect(edit(before, path, value)).toBe(after));
  }
});

describe("what is not there yet is added on a line of its own", () => {
  const cases: readonly [
    what: string,
    before: string,
    path: string,
    value: unknown,
    after: string,
    behind?: string,
  ][] = [
    ["at the end of the map", "\n  a: 1 # why\n\n# next\n", "b", 2, "\n  a: 1 # why\n  b: 2\n\n# next\n"],
    ["behind a key", "\n  a: 1 # why\n  c: 3\n", "b", 2, "\n  a: 1 # why\n  b: 2\n  c: 3\n", "a"],
    ["behind a block", "\n  a: |\n    x\n  c: 3\n", "b", 2, "\n  a: |\n    x\n  b: 2\n  c: 3\n", "a"],
    ["a file without a last line end", "\n  a: 1", "b", 2, "\n  a: 1\n  b: 2"],
    ["with Windows line ends", "\r\n  a: 1\r\n  c: 3\r\n", "b", 2, "\r\n  a: 1\r\n  b: 2\r\n  c: 3\r\n", "a"],
    ["in the indentation of its map", "\n     a: 1\n", "b", 2, "\n     a: 1\n     b: 2\n"],
    ["in a map of a list", "\n  - a: 1\n  - c: 3\n", "[0].b", 2, "\n  - a: 1\n    b: 2\n  - c: 3\n"],
    ["to a list", "\n  a:\n  - 1\n  b: 2\n", "a[1]", 2, "\n  a:\n  - 1\n  - 2\n  b: 2\n"],
    ["to an empty list", "\n  a: []\n", "a[0]", 1, "\n  a: [1]\n"],
    ["to a flow map", " { a: 1, }\n", "b", 2, " { a: 1, b: 2, }\n"],
    ["to an empty map", " {}\n", "b", 2, " { b: 2 }\n"],
    ["with the maps on the way", "\n  a: 1\n", "b.c.d", 2, "\n  a: 1\n  b:\n    c: { d: 2 }\n"],
    [
      "below a bare key with a comment",
      "\n  a: # why\n  b: 1\n",
      "a",
      { c: { d: 1 } },
      "\n  a: # why\n    c: { d: 1 }\n  b: 1\n",
    ],
  ];
  for (const [what, before, path, value, after, behind] of cases) {
    test(`added: ${what}`, () => expect(edit(before, path, value, behind)).toBe(after));
  }
});

describe("what cannot be changed without touching other things is refused", () => {
  const cases: readonly [what: string, spec: string, path: string, value: unknown, words: RegExp][] = [
    ["an alias", "\n  a: &x 1\n  b: *x\n", "b", 2, /alias/],
    ["a value that an alias repeats", "\n  a: &x 1\n  b: *x\n", "a", 2, /disturb elsewhere/],
    ["comments inside what is replaced", "\n  a:\n  - 1 # why\n  - 2\n", "a", 3, /holds comments/],
    ["a key below text", "\n  a: x\n", "a.b", 1, /neither a map nor a list/],
    ["a position that is too far", "\n  a: [1]\n", "a[5]", 1, /no position of a list of 1/],
    ["a bare carriage return", "\n  a: 1 # why\rb: 2\n", "a", 2, /not well-formed/],
    ["an alias before its anchor", "\n  a: *x\n  b: &x 1\n  c: 2\n", "c", 1, /not well-formed/],
    ["an anchor that others need", "\n  a: { p: &x 1 }\n  b: *x\n", "a", 1, /disturb elsewhere/],
    [
      "lists that are nested without end",
      `\n  a: 1\n  b: ${"[".repeat(9000)}${"]".repeat(9000)}\n`,
      "a",
      2,
      /not well-formed/,
    ],
    ["malformed YAML", "\n  a: [1\n  b: }\n", "a", 1, /not well-formed/],
  ];
  for (const [what, spec, path, value, words] of cases) {
    test(`refused: ${what}`, () => {
      expect(() => edit(spec, path, value)).toThrow(words);
      expect(() => edit(spec, path, value)).toThrow(CreError);
    });
  }

  test("a document that the file does not have", () => {
    expect(() => editDocument(HEAD, { kind: "Credential", name: "other" }, [])).not.toThrow();
    expect(() =>
      editDocument(HEAD, { kind: "Credential", name: "other" }, [{ path: "spec.a", value: 1 }]),
    ).toThrow(/no Credential `other`/);
  });
});

test("what is so already stays as it is written", () => {
  const spec = "\n  a:   [ 1,2 ]  # why\n  b: &x { c: 'd' }\n  e: *x\n";
  expect(edit(spec, "a", [1, 2])).toBe(spec);
  expect(edit(spec, "b.c", "d")).toBe(spec);
  expect(edit(spec, "e", { c: "d" })).toBe(spec);
});

test("only the named document of a file changes, even if others look alike", () => {
  const other = HEAD.replace("orders-db", "other");
  const text = `\ufeff---\n${other}spec:\n  a: 1\n...\n---\n${HEAD}spec:\n  a: 1 # this\n---\n# empty\n`;
  expect(editDocument(text, TARGET, [{ path: "spec.a", value: 2 }])).toBe(
    text.replace("a: 1 # this", "a: 2 # this"),
  );
});

test("a comment is told from text that looks like one", () => {
  const text = "a: \"# no\" # yes\nb: |\n  # no\n  x\nc: x#no # and yes\n# at the margin\nd: '# no'\n";
  expect(commentsOf(text)).toEqual(["# yes", "# and yes", "# at the margin"]);
});

/** How people write: indentation, comments, quotes, empty lines, line ends. */
const comment = fc.constantFrom("", "", " # why", "\t# tab", "   # a: b, 'c' \"d\"", " # {[#");
const plain = fc.constantFrom("1", "true", "orders", "2026-01-15", "a-b_c", "x y z", "~", "http://x/y?z#q");
const scalar = fc.oneof(
  plain,
  fc.constantFrom("'it''s'", '"a: \\"b\\""', "'# no comment'", '"\\u00e9"', "{ p: 1, q: [a, b] }", "[1, 2]"),
);
const margin = fc.constantFrom("", "", "\n", "# note\n", "\n# note: 'x'\n\n");

interface Line {
  readonly before: string;
  readonly value: string;
  readonly after: string;
}

const line = fc.record({ before: margin, value: scalar, after: comment });
const layout = fc.record({
  indent: fc.integer({ min: 1, max: 7 }),
  gap: fc.constantFrom(" ", "  ", "    "),
  eol: fc.constantFrom("\n", "\r\n"),
  bom: fc.constantFrom("", "\ufeff"),
  before: fc.constantFrom("", "---\n", "# head\n---\n", "kind: Policy\nmetadata: { name: p }\n---\n"),
  behind: fc.constantFrom("", "\n\n", "# tail\n", "---\nkind: Policy\nmetadata: { name: q }\n", "...\n"),
  endless: fc.boolean(),
  lines: fc.array(line, { minLength: 1, maxLength: 6 }),
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

/** The text of a file and, of each key, the text before and behind its value. */
function write(how: Layout): { text: string; around: (key: number) => { start: number; end: number } } {
  const places: { start: number; end: number }[] = [];
  const crlf = (piece: string): string => piece.replaceAll("\n", how.eol);
  let text = how.bom + crlf(`${how.before}${HEAD}spec:\n`);
  how.lines.forEach(({ before, value, after }: Line, index) => {
    text += `${crlf(before)}${" ".repeat(how.indent)}k${index}:${how.gap}`;
    places.push({ start: text.length, end: text.length + value.length });
    text += `${value}${after}${how.eol}`;
  });
  const tail = crlf(how.behind);
  if (how.endless && tail === "") text = text.slice(0, -how.eol.length);
  return { text: text + tail, around: (key) => places[key] ?? { start: 0, end: 0 } };
}

const wanted = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom("2026-02-03T04:05:06Z", "a: b", "# x", "- x", "null", "''", "{a", "*x", "&x", "!t", "%y"),
);

/** Read by the parser that the product reads documents with, which is not the editor's. */
function values(text: string): unknown[] {
  return loadAll(text.replace("\ufeff", ""), { schema: CORE_SCHEMA }).filter((value) => value !== null);
}

/** The Credential's spec. */
function specOf(text: string): unknown {
  const found = values(text).find((value) => (value as { kind: string }).kind === "Credential");
  return (found as { spec: unknown }).spec;
}

test("whatever a file looks like, replacing a value changes the bytes of that value only", () => {
  fc.assert(
    fc.property(layout, fc.nat(), wanted, (how, pick, value) => {
      const { text, around } = write(how);
      const key = pick % how.lines.length;
      const { start, end } = around(key);
      const result = editDocument(text, TARGET, [{ path: `spec.k${key}`, value }]);
      expect(result.startsWith(text.slice(0, start))).toBe(true);
      expect(result.endsWith(text.slice(end))).toBe(true);
      expect(result.slice(start, result.length - (text.length - end))).not.toMatch(/[\r\n]/);
      expect(specOf(result)).toEqual({ ...(specOf(text) as object), [`k${key}`]: value });
    }),
    { numRuns: 150 },
  );
});

test("whatever a file looks like, adding a key adds one line and changes no other byte", () => {
  fc.assert(
    fc.property(layout, fc.nat(), wanted, (how, pick, value) => {
      const { text } = write(how);
      const after = `k${pick % how.lines.length}`;
      const result = editDocument(text, TARGET, [{ path: "spec.added", value, after }]);
      const lines = result.split(how.eol);
      const at = lines.findIndex((each) => each.trimStart().startsWith("added:"));
      expect(lines.toSpliced(at, 1).join(how.eol)).toBe(text);
      expect(lines[at - 1]?.trimStart().startsWith(`${after}:`)).toBe(true);
      expect(specOf(result)).toEqual({ ...(specOf(text) as object), added: value });
    }),
    { numRuns: 150 },
  );
});

const tree = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    wanted,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z0-9 ./-]{0,8}[a-z]$/), tie("any"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).any;

test("whatever is put in, it is read back as it was meant, and every other line stays", () => {
  fc.assert(
    fc.property(layout, tree, (how, value) => {
      const { text } = write(how);
      const result = editDocument(text, TARGET, [{ path: "spec.added", value }]);
      expect(specOf(result)).toEqual({ ...(specOf(text) as object), added: value });
      expect(commentsOf(result)).toEqual(commentsOf(text));
      const lines = result.split(how.eol);
      const from = lines.findIndex((each) => each.trimStart().startsWith("added:"));
      const much = lines.length - text.split(how.eol).length;
      expect(lines.toSpliced(from, much).join(how.eol)).toBe(text);
    }),
    { numRuns: 150 },
  );
});
