import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantOf } from "../model/instant.ts";
import { canonical, seal, segmentText } from "./seal.ts";

/** The form whose hash chains the entries: RFC 8785, the JSON Canonicalization Scheme. */

function numberOf(bits: string): number {
  return Buffer.from(bits, "hex").readDoubleBE();
}

describe("the samples that RFC 8785 publishes", () => {
  test.each<[what: string, input: string, output: string]>([
    [
      "section 3.2.2",
      String.raw`{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
      }`,
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    ],
    [
      "section 3.2.3, keys by UTF-16 units",
      String.raw`{
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
      }`,
      `{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}`,
    ],
  ])("%s", (_, input, output) => {
    expect(canonical(JSON.parse(input))).toBe(output);
  });

  // Appendix B: the bits of a double, and how it is written.
  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("the double %s", (bits, text) => {
    expect(canonical(numberOf(bits))).toBe(text);
  });

  test.each([
    ["7fffffffffffffff", "not a number"],
    ["7ff0000000000000", "infinity"],
    ["fff0000000000000", "minus infinity"],
  ])("the double %s, %s, has no form", (bits) => {
    expect(() => canonical(numberOf(bits))).toThrow(/not allowed/);
  });
});

const word = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toJSON",
    "10",
    "9",
    "\u0000",
    "\u2028",
    "\ufb33",
    "\u{1f600}",
    "a\u0301",
    "á",
  ),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 2 ** 53, 2 ** 53 + 2, 1e21, 1e-7, 5e-324, Number.MAX_VALUE),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false, "", 0),
    word,
    number,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(word, tie("value"), { maxKeys: 4 }).map(owned),
  ),
})).value;

/** As JSON.parse makes it: every key its own member, `__proto__` too. */
function owned(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The RFC's rules, written down as they stand there. */
function byTheRules(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "0" : String(value);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(byTheRules).join(",")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const members = Object.entries(value).toSorted(([a], [b]) => compareUnits(a, b));
  return `{${members.map(([key, member]) => `${quoted(key)}:${byTheRules(member)}`).join(",")}}`;
}

function compareUnits(a: string, b: string): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = a.charCodeAt(at) - b.charCodeAt(at);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const SHORT = new Map(
  Object.entries({ "\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r", '"': '"', "\\": "\\" }),
);

function quoted(text: string): string {
  const units = Array.from({ length: text.length }, (_, at): string => {
    const unit = text[at] ?? "";
    const short = SHORT.get(unit);
    if (short !== undefined) return `\\${short}`;
    const code = unit.charCodeAt(0);
    return code < 0x20 ? `\\u${code.toString(16).padStart(4, "0")}` : unit;
  });
  return `"${units.join("")}"`;
}

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, turned(member)]),
  );
}

/** -0 is written as 0, so that they are one. */
function withoutMinusZero(value: unknown): unknown {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutMinusZero(member)]));
}

describe("for any JSON value", () => {
  test("the form is that of the RFC's rules, whatever the order of the keys and the white space", () => {
    fc.assert(
      fc.property(json, (value) => {
        const form = canonical(value);
        expect(form).toBe(byTheRules(value));
        expect(canonical(turned(value))).toBe(form);
        expect(canonical(JSON.parse(JSON.stringify(value, undefined, "\t")))).toBe(form);
      }),
      { numRuns: 500 },
    );
  });

  test("the form reads back to the value, and its form is itself", () => {
    fc.assert(
      fc.property(json, (value) => {
        const again: unknown = JSON.parse(canonical(value));
        expect(canonical(again)).toBe(canonical(value));
        expect(isDeepStrictEqual(again, withoutMinusZero(value))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("two values have one form exactly if they are one value", () => {
    const near = fc.oneof(
      fc.tuple(json, json),
      fc.tuple(word, word).map(([a, b]) => [{ a, b }, { ab: a + b }]),
      fc.tuple(word, number).map(([text, value]) => [[text, value], [`${text},${value}`]]),
      fc.tuple(number, number).map(([a, b]) => [a, b]),
      number.map((value) => [value, String(value)]),
    );
    fc.assert(
      fc.property(near, ([a, b]) => {
        const same = isDeepStrictEqual(withoutMinusZero(a), withoutMinusZero(b));
        expect(canonical(a) === canonical(b)).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });

  test("half a surrogate pair has no form, and an entry that says one is sealed as UTF-8 that verifies", () => {
    const half = fc
      .tuple(
        word,
        fc.constantFrom("\ud800", "\udbff", "\udc00", "\udfff"),
        fc.constantFrom("", "x", "\ud83d\ude00"),
      )
      .map(([before, unit, behind]) => `x${before}x${unit}x${behind}`);
    fc.assert(
      fc.property(half, (text) => {
        expect(() => canonical({ text })).toThrow(/surrogate/);
        expect(() => canonical({ [text]: 1 })).toThrow(/surrogate/);
        const event = { time: instantOf(1_795_000_000), event: "run", detail: { text, [text]: 1 } };
        const sealed = segmentText(
          seal([event], undefined, { run: "run-1", actor: "x" }, () => "0".repeat(64)),
        );
        expect(Buffer.from(sealed).toString()).toBe(sealed);
        expect(sealed).toContain("\ufffd");
      }),
      { numRuns: 200 },
    );
  });

  test("a number beyond 2^53 that a line writes out exactly is not read as another", () => {
    for (const text of ["9007199254740993", "1e400", "0.1000000000000000055511151231257827"]) {
      const value: unknown = JSON.parse(text);
      const form = Number.isFinite(value) ? canonical(value) : "none";
      expect(form).not.toBe(text);
    }
  });
});
