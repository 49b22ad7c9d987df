import { hash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { instantOf } from "../model/instant.ts";
import { type AuditEvent, GENESIS } from "./entry.ts";
import { canonical, seal, segmentText } from "./seal.ts";
import { entriesOf, trailOf } from "./trail.ts";
import { verifyTrail } from "./verify.ts";

const AT = instantOf(1_795_000_000);
const WHO = { run: "run-1", actor: "alice" };
const sha256 = (text: string) => hash("sha256", text, "hex");

test("the first entry begins the chain, and each carries the next", () => {
  const [first, second] = seal(
    [
      { time: AT, event: "run" },
      { time: AT, event: "run", actor: "bob" },
    ],
    undefined,
    WHO,
    sha256,
  );
  expect(first).toMatchObject({ seq: 1, prev: GENESIS, actor: "alice", run: "run-1" });
  expect(second).toMatchObject({ seq: 2, prev: first!.hash, actor: "bob" });
  const { hash: _, ...open } = first!;
  expect(first!.hash).toBe(sha256(canonical(open)));
});

test("a rejected segment is sealed again on the new head with the same words", () => {
  const events: AuditEvent[] = [{ time: AT, event: "run", detail: { why: "x" } }];
  const head = { seq: 41, hash: sha256("head"), time: AT };
  const [again] = seal(events, head, WHO, sha256);
  expect(again).toMatchObject({ seq: 42, prev: head.hash, detail: { why: "x" } });
});

test("whatever an event says, the sealed segment verifies and reads back", () => {
  const text = fc.string({ unit: "binary" });
  const detail = fc.dictionary(text, fc.jsonValue());
  fc.assert(
    fc.property(
      fc.array(fc.record({ detail, credential: text }), { minLength: 1, maxLength: 5 }),
      (facts) => {
        const events = facts.map((fact): AuditEvent => ({ ...fact, time: AT, event: "step.done" }));
        const entries = seal(events, undefined, WHO, sha256);
        const lines = segmentText(entries).split("\n").slice(0, -1);
        const segment = { path: `audit/${AT.slice(0, 4)}/${AT.slice(5, 7)}/000000000001-run-1.jsonl`, lines };
        expect(verifyTrail([segment], sha256).faults).toEqual([]);
        expect(entriesOf([segment])).toEqual(JSON.parse(JSON.stringify(entries)));
      },
    ),
    { numRuns: 300 },
  );
});

test("half a surrogate pair in a provider's words is replaced, so that the line is UTF-8", () => {
  const [entry] = seal([{ time: AT, event: "run", detail: { words: "a\ud800b" } }], undefined, WHO, sha256);
  expect(entry!.detail).toEqual({ words: "a\ufffdb" });
});

test("the trail of a credential follows it back through its former names and no further", () => {
  const events: AuditEvent[] = [
    { time: AT, event: "step.done", credential: "orders-db" },
    { time: AT, event: "step.done", credential: "billing" },
    {
      time: AT,
      event: "document.renamed",
      credential: "orders",
      detail: { formerName: "orders-db", kind: "Credential" },
    },
    {
      time: AT,
      event: "step.done",
      credential: "orders-db",
      detail: { note: "a new one under the old name" },
    },
    { time: AT, event: "document.changed", detail: { kind: "Credential", name: "orders" } },
    { time: AT, event: "document.changed", detail: { kind: "Policy", name: "orders" } },
  ];
  const entries = seal(events, undefined, WHO, sha256);
  expect(trailOf("orders", entries).map(({ seq }) => seq)).toEqual([1, 3, 5]);
  expect(trailOf("orders-db", entries).map(({ seq }) => seq)).toEqual([1, 4]);
});
