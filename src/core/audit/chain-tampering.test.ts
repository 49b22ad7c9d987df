import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { writeProofTable } from "../../testing/proof/proof-table.ts";
import { TAMPERS } from "../../testing/properties/trails/tampers.ts";
import {
  type Files,
  isSame,
  type Said,
  verdictOn,
  type WrittenTrail,
  writtenTrail,
} from "../../testing/properties/trails/written-trail.ts";
import { addTo, type Instant, instantOf } from "../model/instant.ts";

/** The bytes of the files are what is damaged, and they are read as the store reads them. */

const START = instantOf(Date.UTC(2026, 9, 29) / 1000);

const SMALL: readonly Said[] = [
  { run: "run-1", at: START, events: [{ event: "run", detail: { "10": "é", "9": [1.5, "\u{1f511}"] } }] },
  {
    run: "run-2",
    at: addTo(START, 3600),
    events: [{ event: "step.done", credential: "orders-db", step: "issue" }],
  },
];

const word = fc.oneof(
  fc.constantFrom(
    "run",
    "orders-db",
    "Gründe",
    "\u{1f511}",
    "\ufffd",
    "e\u0301",
    '"},"hash":"',
    "\\",
    "</a>",
  ),
  fc.string({ unit: "grapheme", maxLength: 8 }),
);
const event = fc.record(
  {
    event: fc.constantFrom("run", "step.done", "document.changed"),
    credential: word,
    detail: fc.dictionary(word, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
    inputs: word,
  },
  { requiredKeys: ["event"] },
);
const trails = fc
  .array(
    fc.record({
      events: fc.array(event, { minLength: 1, maxLength: 4 }),
      hours: fc.integer({ min: 1, max: 400 }),
    }),
    {
      minLength: 2,
      maxLength: 9,
    },
  )
  .map((runs) => {
    let at: Instant = START;
    return writtenTrail(
      runs.map(({ events, hours }, index): Said => {
        at = addTo(at, hours * 3600);
        return { run: `run-${index}`, at, events };
      }),
    );
  });

/** Whether the damage is found by somebody who knows the newest head, from an outside place or from the commits. */
function isFound({ entries, heads }: WrittenTrail, tampered: Files): boolean {
  const verdicts = [verdictOn(tampered, entries.at(-1)?.hash), verdictOn(tampered, undefined, heads)];
  return verdicts.every(
    ({ ok, faults }) =>
      !ok &&
      faults.length > 0 &&
      faults.every(({ path, message }) => path.startsWith("audit/") && message !== ""),
  );
}

const BITS: ReadonlySet<number> = new Set([1, 2, 4, 8, 16, 32, 64, 128]);
const found = new Map<string, number>();
function count(name: string): void {
  found.set(name, (found.get(name) ?? 0) + 1);
}

test("a trail as it was written is whole, by every head that it ever had", () => {
  fc.assert(
    fc.property(trails, ({ files, heads, entries }) => {
      for (const { hash } of heads) expect(verdictOn(files.toReversed(), hash, heads).faults).toEqual([]);
      expect(verdictOn(files).head?.hash).toBe(entries.at(-1)?.hash);
    }),
    { numRuns: 100 },
  );
});

test("every byte changed, removed, put in before, or cut off behind: all are found", {
  timeout: 60_000,
}, () => {
  const trail = writtenTrail(SMALL);
  const missed: string[] = [];
  const judge = (name: string, place: string, file: number, bytes: Buffer): void => {
    const path = trail.files[file]?.[0] ?? "";
    const tampered = trail.files.with(file, [path, bytes]);
    if (isSame(tampered, trail.files)) return;
    count(name);
    if (verdictOn(tampered, trail.entries.at(-1)?.hash).ok) missed.push(`${name}: ${path} ${place}`);
  };
  for (const [file, [, bytes]] of trail.files.entries()) {
    for (let at = 0; at <= bytes.length; at += 1) {
      const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
      judge("every file cut at every byte", `at ${at}`, file, before);
      judge("every byte removed", `at ${at}`, file, Buffer.concat([before, behind.subarray(1)]));
      for (let other = 0; other < 256; other += 1) {
        const byte = Buffer.from([other]);
        const bit = BITS.has(other ^ (bytes[at] ?? 0));
        if (at < bytes.length && (bit || other % 8 === at % 8)) {
          const changed = Buffer.concat([before, byte, behind.subarray(1)]);
          judge("every byte changed, each bit and 32 ways", `at ${at} to ${other}`, file, changed);
        }
        if (other % 16 === at % 16 || other === 0x0a) {
          judge(
            "bytes put in at every place",
            `at ${at}: ${other}`,
            file,
            Buffer.concat([before, byte, behind]),
          );
        }
      }
    }
  }
  expect(missed).toEqual([]);
});

test("whatever somebody does to the files of any trail is found", { timeout: 60_000 }, () => {
  const number = fc.nat(1_000_000);
  const other = writtenTrail(
    Array.from(
      { length: 20 },
      (_, at): Said => ({
        run: `other-${at}`,
        at: addTo(START, at * 7200),
        events: [{ event: "run" }, { event: "step.done" }],
      }),
    ),
  );
  const choices = fc.array(fc.tuple(fc.constantFrom(...Object.keys(TAMPERS)), number, number, number), {
    minLength: 60,
    maxLength: 60,
  });
  fc.assert(
    fc.property(trails, choices, (trail, tried) => {
      for (const [name, a, b, c] of tried) {
        const tampered = TAMPERS[name]?.(trail, other, { a, b, c });
        if (tampered === undefined || isSame(tampered, trail.files)) continue;
        count(name);
        if (!isFound(trail, tampered)) {
          throw new Error(`${name} is not found: ${JSON.stringify({ a, b, c })}`);
        }
      }
    }),
    { numRuns: 200 },
  );
  const tried = [...found.values()].reduce((sum, each) => sum + each, 0);
  expect(tried).toBeGreaterThan(10_000);
  expect(Object.keys(TAMPERS).filter((name) => (found.get(name) ?? 0) < 80)).toEqual([]);
});

afterAll(() => {
  const total = [...found.values()].reduce((sum, each) => sum + each, 0);
  writeProofTable({
    name: "chain-tampering",
    title: "Tampering with the audit trail",
    summary:
      `${total} ways of tampering with trails, each found by \`cre audit verify\` given the newest head, whether that ` +
      "came from an outside anchor or from the trailers of the commits.",
    head: ["What was done", "Tried", "Found"],
    rows: [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => [name, times, times]),
  });
});
