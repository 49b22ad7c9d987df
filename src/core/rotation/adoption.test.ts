import { describe, expect, it } from "vitest";
import { at, credential } from "../../testing/evaluation/world.ts";
import type { ObservedVersion, UseEvidence } from "../ports/rotator.ts";
import { adoptedVersion, chooseAdoption } from "./adoption.ts";

const { spec: bare } = credential("orders-db", { rotatedAt: "2026-02-01" }).document;
const postgresql = { connection: "orders-cluster", database: "orders", roles: ["a", "b"] };
const spec = { ...bare, provider: { postgresql } };
const role = (slot: string, change: Partial<ObservedVersion> = {}): ObservedVersion => ({
  handle: slot,
  slot,
  live: true,
  reactivatable: false,
  ...change,
});
const off = { live: false, reactivatable: true };
const used: UseEvidence = { kind: "used", at: at("2026-03-01"), detail: "3 sessions" };
const silent: UseEvidence = { kind: "silent", sampled: true, detail: "none" };
const unknown: UseEvidence = { kind: "unknown", detail: "no rights" };

function told(
  observed: readonly ObservedVersion[],
  uses: Record<string, UseEvidence> = {},
  handle?: string,
): string {
  const choice = chooseAdoption(
    handle === undefined ? spec : { ...spec, handle },
    observed,
    new Map(Object.entries(uses)),
  );
  if (choice.kind === "refuse") return choice.code;
  return [choice.current, ...choice.others].map(({ slot }) => slot).join(" before ");
}

describe("which version is the current one", () => {
  it.each<[string, readonly ObservedVersion[], Record<string, UseEvidence>, string | undefined, string]>([
    ["the only one", [role("a")], {}, undefined, "a"],
    ["the only one that can log in", [role("a", off), role("b")], {}, undefined, "b before a"],
    ["the only one in use", [role("a"), role("b")], { a: silent, b: used }, undefined, "b before a"],
    ["the one that the document names", [role("a"), role("b")], { a: used, b: used }, "b", "b before a"],
    ["both are in use", [role("a"), role("b")], { a: used, b: used }, undefined, "adoption-ambiguous"],
    ["neither is", [role("a"), role("b")], { a: silent, b: silent }, undefined, "adoption-ambiguous"],
    [
      "one is, and nobody can see the other",
      [role("a"), role("b")],
      { a: used, b: unknown },
      undefined,
      "adoption-ambiguous",
    ],
    ["nothing can ever tell", [role("a"), role("b")], {}, undefined, "adoption-ambiguous"],
    ["none can log in", [role("a", off)], {}, undefined, "adoption-ambiguous"],
    ["nothing is there", [], {}, undefined, "adoption-ambiguous"],
    [
      "the one that the document names cannot log in",
      [role("a"), role("b", off)],
      {},
      "b",
      "adoption-ambiguous",
    ],
    [
      "a mark of ours without a record",
      [role("a", { mark: { rotation: "r", attempt: "a", epoch: 1 } })],
      {},
      undefined,
      "state-behind",
    ],
  ])("%s", (_name, observed, uses, handle, expected) => {
    expect(told(observed, uses, handle)).toBe(expected);
  });

  it("a key that somebody deactivated before us is theirs: no role of a pair, whose slot stays", () => {
    const keys = { ...bare, provider: { "aws-iam": { connection: "prod-aws", user: "orders" } } };
    const choice = chooseAdoption(keys, [role("a", off), role("b")], new Map());
    expect(choice).toMatchObject({ kind: "adopt", current: { handle: "b" }, others: [] });
  });

  it("a refusal lists handles, ages and what is known of their use", () => {
    const choice = chooseAdoption(
      spec,
      [role("a", { createdAt: at("2026-01-01"), note: "3 sessions now" }), role("b")],
      new Map(),
    );
    expect(choice).toMatchObject({
      message: expect.stringContaining(
        "a (can log in, since 2026-01-01T00:00:00Z, 3 sessions now); b (can log in)",
      ),
    });
  });
});

describe("its age", () => {
  it("is the provider's, else what people declared, and says so", () => {
    expect(adoptedVersion(spec, role("a", { createdAt: at("2025-12-01") }), true, undefined)).toMatchObject({
      createdAt: "2025-12-01T00:00:00Z",
    });
    expect(adoptedVersion(spec, role("a"), true, undefined)).toMatchObject({
      createdAt: "2026-02-01T00:00:00Z",
      declared: true,
    });
    const { rotatedAt: _, ...never } = spec;
    expect(adoptedVersion(never, role("a"), true, undefined)).toMatchObject({
      createdAt: "2026-01-01T00:00:00Z",
      declared: true,
    });
  });
});
