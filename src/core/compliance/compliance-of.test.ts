import fc from "fast-check";
import { expect, test } from "vitest";
import { readFramework } from "../../adapters/documents/read-framework.ts";
import { FRAMEWORK_TEXTS } from "../../adapters/documents/shipped-frameworks.ts";
import { check, fresh, inputOn, keys, NOW, old, waiver } from "../../testing/compliance/check-world.ts";
import { at, credential, policy } from "../../testing/evaluation/world.ts";
import type { CheckResult, CheckStatus } from "./check-result.ts";
import { CHECKS, carryOutAll } from "./check-table.ts";
import { complianceOf } from "./compliance-of.ts";
import { controlResults } from "./control-results.ts";
import type { Framework, FrameworkControl } from "./framework.ts";

const FRAMEWORKS = Object.entries(FRAMEWORK_TEXTS).map(([name, text]) => {
  const read = readFramework(name, new TextEncoder().encode(text));
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  return read.framework;
});

function framework(control: Partial<FrameworkControl>, scope?: Framework["spec"]["scope"]): Framework {
  const whole = {
    id: "1",
    title: "t",
    fit: "direct" as const,
    checks: [],
    not: "n",
    ...control,
  } satisfies FrameworkControl;
  return {
    apiVersion: "cre/v1",
    kind: "Framework",
    metadata: { name: "own" },
    spec: { title: "Own", version: "1", controls: [whole], ...(scope === undefined ? {} : { scope }) },
  };
}

function result(id: string, status: CheckStatus, failing: readonly string[] = []): CheckResult {
  return {
    check: id,
    status,
    numerator: 0,
    denominator: failing.length,
    adjusted: 0,
    populationDigest: null,
    failing: failing.map((id) => ({ id, why: "so", exception: null })),
    excluded: [],
    evidence: "",
  };
}

test.each<[readonly CheckStatus[], CheckStatus]>([
  [["pass", "pass"], "pass"],
  [["pass", "no-population"], "pass"],
  [["no-population", "no-population"], "no-population"],
  [["pass", "exception"], "exception"],
  [["exception", "manual"], "manual"],
  [["pass", "not-measured", "exception"], "not-measured"],
  [["not-measured", "fail", "pass"], "fail"],
  [[], "manual"],
])("a control whose checks are %j is %s", (statuses, joined) => {
  const checks = ["K01", "K02", "K03"].slice(0, statuses.length);
  const results = statuses.map((status, index) => result(checks[index] ?? "", status));
  expect(controlResults(framework({ checks }), results)[0]?.status).toBe(joined);
});

test("a control that takes checks as context only, or applies on a condition, is for a person", () => {
  const failed = [result("K01", "fail", ["a"])];
  expect(controlResults(framework({ checks: ["K01"], fit: "context" }), failed)[0]?.status).toBe("manual");
  expect(controlResults(framework({ checks: ["K01"], appliesWhen: "x" }), failed)[0]?.status).toBe("manual");
});

test("a control names what fails in any of its checks once, sorted", () => {
  const results = [
    result("K01", "fail", ["b", "a"]),
    result("K02", "fail", ["c", "a"]),
    result("K03", "fail", ["z"]),
  ];
  expect(controlResults(framework({ checks: ["K01", "K02"] }), results)[0]?.failing).toEqual(["a", "b", "c"]);
});

test("a framework with a scope counts its credentials only", () => {
  const inScope = credential("card", { rotatedAt: "2026-03-01" }, { labels: { scope: "pci" } });
  const aws = credential("aws", { provider: { "aws-iam": { connection: "c", user: "u" } } });
  const input = inputOn(NOW, [inScope, old, aws, keys, waiver]);
  const byLabel = framework({ checks: ["K01"] }, { match: { labels: { scope: "pci" } } });
  const byProvider = framework({ checks: ["K01"] }, { providers: ["aws-iam"] });
  const { checks, frameworks } = complianceOf(input, [byLabel, byProvider, framework({ checks: ["K01"] })]);
  expect(checks[0]).toMatchObject({ numerator: 1, denominator: 3 });
  expect(
    frameworks.map((one) => [one.credentials, one.checks[0]?.numerator, one.controls[0]?.status]),
  ).toEqual([
    [1, 1, "pass"],
    [1, 0, "fail"],
    [3, 1, "fail"],
  ]);
});

test("every check is used by a shipped framework, and every id is there once", () => {
  const used = new Set(FRAMEWORKS.flatMap(({ spec }) => spec.controls.flatMap(({ checks }) => checks)));
  expect(CHECKS.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
});

test("no text says that the organisation is compliant", () => {
  const input = inputOn(NOW, [fresh, old, keys]);
  expect(JSON.stringify([FRAMEWORKS, CHECKS, complianceOf(input, FRAMEWORKS)])).not.toMatch(/compliant/i);
});

const any = fc.record({
  names: fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
  days: fc.array(fc.integer({ min: 0, max: 73 }), { minLength: 41, maxLength: 41 }),
  excepted: fc.boolean(),
  leftOut: fc.constantFrom(0, 0, 2),
});

test("whatever the registry holds, failures are what the population lacks, and its order changes nothing", () => {
  fc.assert(
    fc.property(any, ({ names, days, excepted, leftOut }) => {
      const all = names.map((name) =>
        credential(`c-${name}`, {
          rotatedAt: at("2026-01-01").slice(0, 8) + String(1 + ((days[name] ?? 0) % 28)).padStart(2, "0"),
          ...(name % 3 === 0 ? { expiresAt: "2026-03-10" } : {}),
          ...(name % 5 === 0 ? { retiredAt: "2026-02-01" } : {}),
        }),
      );
      const rules = [policy("keys", { rotateWithin: "60d" }), ...(excepted ? [waiver] : [])];
      const here = inputOn(NOW, [...all, ...rules, old], {}, { leftOut });
      const there = inputOn(NOW, [old, ...rules.toReversed(), ...all.toReversed()], {}, { leftOut });
      const results = carryOutAll(here);
      const measured = results.filter(({ denominator }) => denominator !== null);
      for (const { numerator, denominator, adjusted, failing } of measured) {
        expect(new Set(failing.map(({ id }) => id)).size).toBe(Number(denominator) - Number(numerator));
        expect(numerator).toBeLessThanOrEqual(Number(adjusted));
        expect(adjusted).toBeLessThanOrEqual(Number(denominator));
      }
      const good = results.filter(({ status }) => ["pass", "exception", "no-population"].includes(status));
      expect(leftOut > 0 ? good : []).toEqual([]);
      expect(carryOutAll(there)).toEqual(results);
    }),
    { numRuns: 30 },
  );
});

test("ten thousand credentials are checked in a time that grows with their number only", () => {
  const milliseconds = (count: number): number => {
    const all = Array.from({ length: count }, (_, at) => credential(`c-${at}`, { expiresAt: "2026-03-10" }));
    const input = inputOn(NOW, [...all, keys]);
    const started = performance.now();
    carryOutAll(input);
    return performance.now() - started;
  };
  expect(milliseconds(10_000)).toBeLessThan(30 * Math.max(milliseconds(1000), 20));
});

test("the digest of a population depends on its members, not on how they fare", () => {
  const digest = (...all: Parameters<typeof inputOn>[1]) => check("K01", inputOn(NOW, all)).populationDigest;
  expect(digest(fresh, keys)).toBe(digest(credential("fresh"), keys));
  expect(digest(fresh, keys)).not.toBe(digest(fresh, old, keys));
});
