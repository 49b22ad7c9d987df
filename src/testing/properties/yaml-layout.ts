import fc from "fast-check";
import type { EditPath } from "../../adapters/documents-editor/edit-path.ts";
import { Choices } from "./choices.ts";

/** YAML as people write it: one value in any of the many ways in which it may stand in a file. */

/** Where something stands: a key with its value, or an item of a list. */
export interface Place {
  readonly path: EditPath;
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
}

export interface LaidOut {
  readonly text: string;
  /** Every key and item, outermost first. */
  readonly places: readonly Place[];
}

const PLAIN = /^[A-Za-z][A-Za-z0-9_@/-]*( [A-Za-z0-9_@/-]+)*$/;
const WORDS_OF_YAML = /^(null|true|false|yes|no|on|off|y|n)$/i;
const LITERAL = /^[a-z][^\n\r\u0085\u2028\u2029]*(\n[a-z][^\n\r\u0085\u2028\u2029]*)+$/;

class Writer {
  readonly #choose: Choices;
  readonly #eol: string;
  readonly places: Place[] = [];
  text: string;
  /** What stands last is a text over lines, in which a comment would be words. */
  #isLiteral = false;

  constructor(choose: Choices, eol: string, before: string) {
    this.#choose = choose;
    this.#eol = eol;
    this.text = before;
  }

  /** The lines of a map whose keys stand in `column`; the first goes on from what is written already. */
  map(map: object, column: number, path: EditPath, goesOn: boolean): void {
    for (const [index, [key, value]] of Object.entries(map).entries()) {
      if (index > 0 || !goesOn) this.#margin(column);
      this.#pair(key, value, column, [...path, key]);
    }
  }

  #pair(key: string, value: unknown, column: number, path: EditPath): void {
    const start = this.text.length;
    this.#isLiteral = false;
    this.text += `${this.#keyText(key)}:`;
    this.#value(value, column, path);
    this.#note(start, path, value);
    this.#lineEnd();
  }

  /** Behind a key: on its line, or below it. */
  #value(value: unknown, column: number, path: EditPath): void {
    const blockMap = isMap(value) && Object.keys(value).length > 0 && !this.#choose.once(3);
    const blockList = Array.isArray(value) && value.length > 0 && !this.#choose.once(3);
    if (blockMap) {
      this.#lineEnd();
      this.map(value, column + this.#choose.pick([2, 2, 4, 1]), path, false);
      this.#withoutLineEnd();
    } else if (blockList) {
      this.#lineEnd();
      this.#list(value, column + this.#choose.pick([2, 0, 4]), path);
      this.#withoutLineEnd();
    } else if (typeof value === "string" && LITERAL.test(value) && this.#choose.once(2)) {
      this.#isLiteral = true;
      const pad = " ".repeat(column + 2);
      this.text += ` |-${this.#eol}${value
        .split("\n")
        .map((line) => pad + line)
        .join(this.#eol)}`;
    } else if (value === null && this.#choose.once(2)) {
      return;
    } else {
      this.text += this.#choose.pick([" ", " ", "  "]);
      this.#flow(value, path);
    }
  }

  #list(list: readonly unknown[], column: number, path: EditPath): void {
    for (const [index, item] of list.entries()) {
      this.#margin(column);
      const own = [...path, index];
      const gap = this.#choose.pick([" ", " ", "   "]);
      this.text += `-${gap}`;
      this.#isLiteral = false;
      const start = this.text.length;
      if (isMap(item) && Object.keys(item).length > 0 && !this.#choose.once(3)) {
        this.map(item, column + 1 + gap.length, own, true);
        this.#withoutLineEnd();
      } else {
        this.#flow(item, own);
      }
      this.#note(start, own, item);
      this.#lineEnd();
    }
  }

  /** On one line. */
  #flow(value: unknown, path: EditPath): void {
    const pad = this.#choose.pick([" ", ""]);
    if (Array.isArray(value)) {
      this.text += `[${pad}`;
      for (const [index, item] of value.entries()) this.#member(item, [...path, index], index, "");
      this.text += `${pad}]`;
    } else if (isMap(value)) {
      this.text += `{${pad}`;
      for (const [index, [key, member]] of Object.entries(value).entries()) {
        this.#member(member, [...path, key], index, `${this.#keyText(key)}: `);
      }
      this.text += `${pad}}`;
    } else {
      this.text += this.#scalar(value);
    }
  }

  #member(value: unknown, path: EditPath, index: number, key: string): void {
    if (index > 0) this.text += ", ";
    const start = this.text.length;
    this.text += key;
    this.#flow(value, path);
    this.#note(start, path, value);
  }

  #scalar(value: unknown): string {
    if (typeof value !== "string") return String(value);
    const styles: [string, ...string[]] = [
      JSON.stringify(value)
        .replaceAll("\u2028", "\\L")
        .replaceAll("\u2029", "\\P")
        .replaceAll("\u0085", "\\N")
        .replaceAll("\ufeff", "\\ufeff")
        .replaceAll("\u007f", "\\x7f"),
    ];
    if (PLAIN.test(value) && !WORDS_OF_YAML.test(value)) styles.push(value, value);
    if (/^[ -~]*$/.test(value)) styles.push(`'${value.replaceAll("'", "''")}'`);
    return this.#choose.pick(styles);
  }

  #keyText(key: string): string {
    return PLAIN.test(key) && !WORDS_OF_YAML.test(key)
      ? this.#choose.pick([key, key, JSON.stringify(key)])
      : JSON.stringify(key);
  }

  #margin(column: number): void {
    if (this.#choose.once(6)) this.text += this.#choose.pick(["", "# note: 'x'", "#"]) + this.#eol;
    this.text += " ".repeat(column);
  }

  #lineEnd(): void {
    if (this.#isLiteral) {
      this.text += this.#eol;
      return;
    }
    this.text += this.#choose.pick(["", "", "", " # why", "\t# a: b, [c", "  "]) + this.#eol;
  }

  /** The line end belongs to what stands around: a comment stays where it is. */
  #withoutLineEnd(): void {
    if (this.text.endsWith(this.#eol)) this.text = this.text.slice(0, -this.#eol.length);
  }

  #note(start: number, path: EditPath, value: unknown): void {
    this.places.push({ path, value, start, end: this.text.length });
  }
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const keys = fc.constantFrom(
  "a",
  "b",
  "team",
  "until",
  "longestIdle",
  "x y",
  "team.example/tier",
  "null",
  "é",
);
const texts = fc.oneof(
  fc.constantFrom(
    "",
    "x",
    "orders",
    "a b",
    "it's",
    'a: "b"',
    "# no",
    "- x",
    "null",
    "1",
    "2026-01-15",
    "one\ntwo\nthree",
    "é\u{1f511}",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const scalars = fc.oneof(texts, fc.integer(), fc.boolean(), fc.constant(null));

/** Values as documents hold them. */
export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, scalars, tie("list"), tie("map")),
  list: fc.array(tie("any"), { maxLength: 3 }),
  map: fc.dictionary(keys, tie("any"), { maxKeys: 3, noNullPrototype: true }),
})).any;

const specs = fc.dictionary(keys, values, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
const HEADS = [
  "",
  "---\n",
  "# head\n---\n",
  "kind: Policy\nmetadata: { name: p }\n---\n",
  "%YAML 1.2\n---\n",
] as const;
const TAILS = [
  "",
  "\n\n",
  "# tail\n",
  "---\nkind: Policy\nmetadata: { name: q }\n",
  "...\n",
  "---\n# nothing\n",
] as const;

/** A file with the Credential `orders-db`, whose spec stands there in some way; places are below `spec`. */
function filesWith(
  specs: fc.Arbitrary<object>,
  heads: readonly string[],
  tails: readonly string[],
): fc.Arbitrary<LaidOut & { readonly spec: object }> {
  return fc
    .record({
      spec: specs,
      eol: fc.constantFrom("\n", "\n", "\r\n"),
      bom: fc.constantFrom("", "", "\ufeff"),
      head: fc.constantFrom(...heads),
      tail: fc.constantFrom(...tails),
      endless: fc.boolean(),
      choices: fc.array(fc.nat(5039), { minLength: 1, maxLength: 60 }),
    })
    .map(({ spec, eol, bom, head, tail, endless, choices }) => {
      const crlf = (text: string): string => text.replaceAll("\n", eol);
      const choose = new Choices(choices);
      const name = choose.pick(["metadata: { name: orders-db }\n", "metadata:\n  name: orders-db # it\n"]);
      const before = `${bom}${crlf(head)}${crlf(`apiVersion: cre/v1\nkind: Credential\n${name}spec:\n`)}`;
      const writer = new Writer(choose, eol, before);
      writer.map(spec, choose.pick([2, 2, 4, 1]), ["spec"], false);
      const body = endless && tail === "" ? writer.text.replace(/\r?\n$/, "") : writer.text;
      return { text: body + crlf(tail), places: writer.places.toReversed(), spec };
    });
}

/** A file with a spec of anything at all. */
export const files = filesWith(specs, HEADS, TAILS);

const SOUND = {
  type: "api-key",
  service: "orders-api",
  owner: { team: "orders", contact: "orders@example.com" },
  createdAt: "2026-01-15",
  method: "manual",
  manual: { console: "https://console.example.com", steps: "one\ntwo\nthree", oldLives: "7d" },
  access: [
    { principal: "orders-api", kind: "service", purpose: "reads: all # of it" },
    { principal: "dba", kind: "group", until: "2027-01-01" },
  ],
};
const OTHER = `---
# The other one.
apiVersion: cre/v1
kind: Credential
metadata: { name: other }
spec:
  { type: ssh-key, service: orders-api, owner: { team: orders, contact: x }, createdAt: 2026-01-01, method: manual }
`;

/** A file that the product finds nothing wrong with. */
export const soundFiles = filesWith(
  fc.constantFrom<object>(SOUND, {
    ...SOUND,
    rotatedAt: "2026-02-01",
    expiresAt: "2027-02-01",
    handle: "AKIA1",
  }),
  ["", "---\n", "# head\n---\n"],
  ["", "# tail\n", "...\n", OTHER],
);
