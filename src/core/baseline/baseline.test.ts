import { describe, expect, test } from "vitest";
import { at, credential, documents, evaluateAt, exception, policy } from "../../testing/evaluation/world.ts";
import type { Sourced } from "../documents/kinds.ts";
import { type Baseline, planBaseline } from "./baseline.ts";

const TODAY = at("2026-11-02");
const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "90d" });

function baseline(all: readonly Sourced[], until = "2026-11-30", perWeek?: number): Baseline {
  return planBaseline({
    documents: documents(...all),
    evaluation: evaluateAt(TODAY, all),
    startsAt: TODAY,
    until: at(until),
    ...(perWeek === undefined ? {} : { perWeek }),
  });
}

/** Day and names of each exception. */
function ends({ exceptions }: Baseline): readonly string[] {
  return exceptions.map(({ expiresAt, credentials }) => `${expiresAt.slice(5, 10)} ${credentials.join(",")}`);
}

const overdue = (name: string, createdAt: string, labels: Record<string, string> = {}) =>
  credential(name, { createdAt }, { labels });

describe("a baseline", () => {
  test("ends production first, then what is overdue for longest, evenly until the date", () => {
    const all = [
      overdue("young", "2026-07-01"),
      overdue("old", "2024-01-01"),
      overdue("live", "2026-06-01", { environment: "production" }),
      overdue("middle", "2025-01-01"),
    ];
    const plan = baseline([KEYS, ...all]);
    expect(ends(plan)).toEqual(["11-09 live", "11-16 old", "11-23 middle", "11-30 young"]);
    expect(plan).toMatchObject({ perWeek: 1, refused: [], shortened: [] });
  });

  test("puts those of one policy and one week into one exception, up to the number that people say", () => {
    const all = ["a", "b", "c", "d", "e"].map((name) => overdue(name, "2025-01-01"));
    expect(ends(baseline([KEYS, ...all], "2026-11-30", 3))).toEqual(["11-09 a,b", "11-16 c,d,e"]);
  });

  test("a credential that two policies find overdue has one end for both", () => {
    const more = policy("more", { rotateWithin: "30d" });
    const { exceptions } = baseline([KEYS, more, overdue("a", "2025-01-01")], "2026-11-12");
    expect(exceptions).toEqual([
      { subject: { policy: "keys" }, expiresAt: at("2026-11-12"), credentials: ["a"] },
      { subject: { policy: "more" }, expiresAt: at("2026-11-12"), credentials: ["a"] },
    ]);
  });

  test("never waives what is compromised, past its end, or of a policy that allows none, and says so", () => {
    const strict = policy("strict", {
      match: { types: ["ssh-key"] },
      rotateWithin: "90d",
      exceptions: { allowed: false },
    });
    const all = [
      credential("burnt", {
        createdAt: "2025-01-01",
        compromised: { at: "2026-01-01", reportedBy: "a", reason: "log" },
      }),
      credential("ended", { createdAt: "2025-01-01", expiresAt: "2026-01-01" }),
      credential("ssh", { type: "ssh-key", createdAt: "2025-01-01" }),
    ];
    const plan = baseline([KEYS, strict, ...all]);
    expect(plan.exceptions).toEqual([]);
    expect(plan.refused.map(({ credential: name, finding }) => `${name} ${finding}`)).toEqual([
      "burnt compromised",
      "burnt rotation-overdue",
      "ended past-end",
      "ended rotation-overdue",
      "ssh rotation-overdue",
    ]);
    expect(plan.refused.at(-1)?.reason).toBe("the policy strict allows no exceptions");
  });

  test("adds nothing for what is covered, nor for what is only due soon", () => {
    const covered = exception("one", {
      credentials: ["a"],
      policy: "keys",
      startsAt: "2026-11-01",
      expiresAt: "2026-12-01",
    });
    const plan = baseline([KEYS, covered, overdue("a", "2025-01-01"), overdue("b", "2026-08-10")]);
    expect(plan.exceptions).toEqual([]);
  });

  test("ends no later than a policy allows, spread over the time that it allows, and says so", () => {
    const short = policy("short", { rotateWithin: "90d", exceptions: { maxDuration: "14d" } });
    const all = ["a", "b", "c", "d"].map((name) => overdue(name, "2025-01-01"));
    const plan = baseline([short, ...all], "2026-12-31");
    expect(ends(plan)).toEqual(["11-09 a,b", "11-16 c,d"]);
    expect(plan.shortened).toEqual([
      { subject: "short", longest: "14d", expiresAt: at("2026-11-16"), credentials: 4 },
    ]);
  });

  test("refuses so few in a week that it cannot be done, with what could be", () => {
    const all = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map((name) => overdue(name, "2025-01-01"));
    expect(() => baseline([KEYS, ...all], "2026-11-30", 2)).toThrow(
      expect.objectContaining({
        message: "9 credentials cannot end until 2026-11-30 at 2 a week.",
        fix: "Give --per-week 3 or more, or a later --until.",
      }),
    );
  });
});
