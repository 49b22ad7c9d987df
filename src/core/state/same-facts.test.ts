import fc from "fast-check";
import { expect, test } from "vitest";
import { rotation, status, version } from "../../testing/evaluation/world.ts";
import { sameFacts, worthWriting } from "./same-facts.ts";
import type { Status } from "./status.ts";

const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("\ud800", "\udc00", "\ufffd"),
);
const records = fc
  .record({
    handle: words,
    label: words,
    key: words,
    failures: fc.nat(3),
    detail: fc.option(words, { nil: undefined }),
  })
  .map(({ handle, label, key, failures, detail }): Status => {
    const { pinned } = rotation();
    const { document, ...metadata } = {
      document: pinned.credential,
      name: "orders-db",
      labels: { [key]: label, b: "c" },
    };
    return status("orders-db", {
      versions: [version("2026-01-01", { handle })],
      rotation: rotation({
        failures,
        pinned: { ...pinned, credential: { ...document, metadata } },
        wait: { why: "quiet", ...(detail === undefined ? {} : { detail }) },
      }),
    });
  });

/** The same with the keys of every object turned round. */
function turned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(turned) as T; // a list of the same
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, turned(member)]),
  ) as T;
}

test("two records hold the same facts exactly if they say the same, whatever the order of their keys", () => {
  fc.assert(
    fc.property(records, records, (a, b) => {
      expect(sameFacts(a, turned(a))).toBe(true);
      expect(worthWriting(a, turned(a))).toBe(false);
      expect(sameFacts(a, b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test("no record is not an empty one", () => {
  expect(sameFacts(undefined, undefined)).toBe(true);
  expect(sameFacts(undefined, status("orders-db"))).toBe(false);
  expect(worthWriting(undefined, status("orders-db"))).toBe(true);
});

test("other words about a wait that goes on are no news, another wait is", () => {
  const waiting = (why: "quiet" | "grace", detail: string) =>
    status("orders-db", { rotation: rotation({ wait: { why, detail } }) });
  expect(worthWriting(waiting("quiet", "1 session"), waiting("quiet", "2 sessions"))).toBe(false);
  expect(worthWriting(waiting("quiet", "1 session"), waiting("grace", "1 session"))).toBe(true);
});

test("what is wrong with a certificate that people brought is news", () => {
  const waiting = (detail: string) =>
    status("orders-db", { rotation: rotation({ wait: { why: "certificate", detail } }) });
  expect(worthWriting(waiting("not there"), waiting("of another key"))).toBe(true);
  expect(worthWriting(waiting("not there"), waiting("not there"))).toBe(false);
});
