import { hash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { instantOf } from "../model/instant.ts";
import { EntryLineReader } from "./entry-line.ts";
import { canonical, seal } from "./seal.ts";

const AT = instantOf(1_795_000_000);
const reader = new EntryLineReader();

/** What the form of a line means by its definition, without any short way. */
function byDefinition(line: string): { canonical: boolean; open: string } | undefined {
  let entry: { hash?: unknown };
  try {
    entry = JSON.parse(line) as typeof entry;
  } catch {
    return undefined;
  }
  const { hash: _, ...open } = entry;
  try {
    return { canonical: canonical(entry) === line, open: canonical(open) };
  } catch {
    return { canonical: false, open: line }; // a number too large for any form
  }
}

test("the quick way to read a line says the same as its definition, also of damaged lines", () => {
  const word = fc.oneof(
    fc.constantFrom("event", "},", '"hash":"', "9", "10", "\\", "é"),
    fc.string({ maxLength: 4 }),
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      word,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      tie("object"),
    ),
    object: fc.dictionary(word, tie("value"), { maxKeys: 3 }),
  }));
  const detail = fc.option(fc.dictionary(word, json.value, { maxKeys: 3 }), { nil: undefined });
  const damage = fc.option(fc.tuple(fc.nat(), fc.constantFrom(" ", '"', "\\", "}", "1", "0", "")), {
    nil: undefined,
  });
  fc.assert(
    fc.property(word, fc.option(word, { nil: undefined }), detail, damage, (actor, step, facts, change) => {
      const event = { time: AT, event: "run", actor, ...(step === undefined ? {} : { step }) };
      const [entry] = seal(
        [{ ...event, ...(facts === undefined ? {} : { detail: facts }) }],
        undefined,
        { run: "run-1", actor: "x" },
        (text) => hash("sha256", text, "hex"),
      );
      const whole = canonical(entry);
      const at = change === undefined ? 0 : change[0] % whole.length;
      const line = change === undefined ? whole : whole.slice(0, at) + change[1] + whole.slice(at + 1);
      const read = reader.read(line);
      if (read === undefined) return;
      const { canonical: isCanonical, open } = read;
      expect({ canonical: isCanonical, open }).toEqual(byDefinition(line));
      expect(isCanonical || change !== undefined).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ["a number that begins with a zero", '"seq":1,', '"seq":01,'],
  ["a number that is text", '"seq":1,', '"seq":"1",'],
  ["a number that is none of a chain", '"seq":1,', '"seq":1.5,'],
  ["a number that no machine counts to", '"seq":1,', '"seq":9007199254740993,'],
  ["no number", '"seq":1,', ""],
  ["an actor that is none", '"actor":"x",', '"actor":null,'],
])("%s makes no entry", (_, before, after) => {
  const [entry] = seal([{ time: AT, event: "run" }], undefined, { run: "run-1", actor: "x" }, () =>
    "0".repeat(64),
  );
  const line = canonical(entry);
  expect(reader.read(line)).toMatchObject({ seq: 1, canonical: true });
  expect(reader.read(line.replace(before, after))).toBeUndefined();
});

test("an entry that is nested without end is read like any other", () => {
  const detail = { deep: JSON.parse(`${"[".repeat(3000)}${"]".repeat(3000)}`) as unknown };
  const [entry] = seal(
    [{ time: AT, event: "run", detail }],
    undefined,
    { run: "run-1", actor: "x" },
    (text) => hash("sha256", text, "hex"),
  );
  const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const line = canonical(entry).replace(nested(3000), nested(20_000));
  expect(reader.read(line)).toMatchObject({ seq: 1, canonical: true });
  expect(reader.read(line.replace('{"deep"', '{ "deep"'))).toMatchObject({ seq: 1, canonical: false });
});
