import { describe, expect, it } from "vitest";
import {
  credential,
  evaluateAt,
  exception,
  only,
  policy,
  settings,
  told,
} from "../../testing/evaluation/world.ts";
import type { Exception } from "../documents/waiver.ts";

const KEYS = policy("keys", { rotateWithin: "60d", require: ["handle"] });
const KEY = credential("key");
const MARCH = "2026-03-10";

type Spec = Partial<Exception["spec"]>;

/** What is told of `key` and of the repository with this exception. */
function judged(spec: Spec, now = MARCH, ...more: Parameters<typeof evaluateAt>[1]) {
  const result = evaluateAt(now, [
    KEY,
    KEYS,
    exception("freeze", { credentials: ["key"], ...spec }),
    ...more,
  ]);
  const { state, dueAt, exception: by, level } = only(result, "key");
  return {
    key: told(only(result, "key")),
    repository: result.findings.filter(({ credential }) => credential === null).map(({ code }) => code),
    state,
    dueAt,
    by,
    level,
  };
}

describe("an exception of a policy", () => {
  it.each([
    ["2026-02-28T23:59:59Z", false],
    ["2026-03-01T00:00:00Z", true],
    ["2026-03-31T23:59:59Z", true],
    ["2026-04-01T00:00:00Z", false],
  ])("runs from `startsAt` to `expiresAt`, exclusive: %s", (now, runs) => {
    expect(judged({ policy: "keys" }, now).by === "freeze").toBe(runs);
  });

  it("waives that policy's findings, also those that are not about age", () => {
    expect(judged({ policy: "keys" })).toMatchObject({
      key: ["required-field warning waived by freeze", "rotation-overdue critical waived by freeze"],
      level: "none",
      state: "expired",
      dueAt: "2026-03-02T00:00:00Z",
    });
  });

  it("waives nothing of another policy", () => {
    const other = policy("all", { rotateWithin: "60d" });
    const found = judged({ policy: "keys" }, MARCH, other);
    expect(found.key).toContain("rotation-overdue critical");
    expect(found.level).toBe("critical");
  });

  it("waives nothing of another credential", () => {
    const result = evaluateAt(MARCH, [
      KEY,
      credential("other"),
      KEYS,
      exception("freeze", { credentials: ["other"], policy: "keys" }),
    ]);
    expect(told(only(result, "key"))).toContain("rotation-overdue critical");
  });

  it("never waives an emergency or the own end", () => {
    const burnt = credential("key", {
      expiresAt: "2026-03-05",
      handle: "k",
      compromised: { at: "2026-01-05", reportedBy: "a", reason: "b" },
    });
    const waivers = ["compromised", "past-end"].map((finding) =>
      exception(finding, { credentials: ["key"], finding }),
    );
    const all = [burnt, KEYS, exception("freeze", { credentials: ["key"], policy: "keys" }), ...waivers];
    const evaluated = only(evaluateAt(MARCH, all));
    expect(told(evaluated)).toEqual([
      "compromised emergency",
      "past-end critical",
      "rotation-overdue critical waived by freeze",
    ]);
    expect(evaluated.level).toBe("emergency");
  });

  it("of several the first by name waives", () => {
    const second = exception("a-second", { credentials: ["key"], policy: "keys" });
    expect(judged({ policy: "keys" }, MARCH, second).by).toBe("a-second");
  });
});

describe("an exception of a code", () => {
  it("waives that code, of every policy", () => {
    const other = policy("all", { rotateWithin: "60d" });
    expect(judged({ finding: "rotation-overdue" }, MARCH, other)).toMatchObject({
      key: [
        "required-field warning",
        "rotation-overdue critical waived by freeze",
        "rotation-overdue critical waived by freeze",
      ],
      by: "freeze",
    });
  });

  it("waives a finding without a policy", () => {
    const undeclared = credential("bare", { handle: "k", rotatedAt: MARCH });
    const { access: _, ...spec } = undeclared.document.spec;
    const bare = { ...undeclared, document: { ...undeclared.document, spec } };
    const waiver = exception("freeze", { credentials: ["bare"], finding: "access-undeclared" });
    expect(told(only(evaluateAt(MARCH, [bare, KEYS, waiver])))).toEqual([
      "access-undeclared warning waived by freeze",
    ]);
  });

  it("is no way around a policy that allows no exceptions, and says so", () => {
    const strict = policy("strict", { rotateWithin: "60d", exceptions: { allowed: false } });
    const found = judged({ finding: "rotation-overdue" }, MARCH, strict);
    expect(found.key).toEqual([
      "exception-void warning",
      "required-field warning",
      "rotation-overdue critical waived by freeze",
      "rotation-overdue critical",
    ]);
    expect(found.level).toBe("critical");
  });

  it("is no way around a policy's longest duration", () => {
    const short = policy("short", { rotateWithin: "60d", exceptions: { maxDuration: "30d" } });
    expect(judged({ finding: "rotation-overdue" }, MARCH, short).key).toContain("rotation-overdue critical");
  });
});

describe("a `match`", () => {
  const matching = (createdAt: string, services = ["shop"]) => {
    const key = credential("key", { createdAt, handle: "k" });
    const waiver = exception("freeze", { match: { services }, policy: "keys" });
    return told(only(evaluateAt("2026-03-31", [key, policy("keys", { rotateWithin: "2d" }), waiver])));
  };
  it.each([
    ["registered a second before it starts", "2026-02-28T23:59:59Z", true],
    ["registered when it starts", "2026-03-01", false],
    ["registered later", "2026-03-02", false],
  ])("covers what was %s: %s", (_, createdAt, covered) => {
    expect(matching(createdAt)).toEqual([`rotation-overdue critical${covered ? " waived by freeze" : ""}`]);
  });

  it("covers only what it matches", () => {
    expect(matching("2026-01-01", ["warehouse"])).toEqual(["rotation-overdue critical"]);
  });
});

describe("an exception that is void", () => {
  const VOID = ["exception-void"];
  const SELF = ["exception-self-approved"];
  it.each([
    ["runs 90 days exactly", { startsAt: "2026-01-01", expiresAt: "2026-04-01" }, []],
    ["runs a second longer", { startsAt: "2026-01-01", expiresAt: "2026-04-01T00:00:01Z" }, VOID],
    ["was approved by who asked", { requestedBy: "bob", approvedBy: "bob" }, SELF],
    ["was approved by who asked, written otherwise", { requestedBy: "bob", approvedBy: " @Bob" }, SELF],
    ["was approved by nobody", { approvedBy: undefined }, VOID],
  ])("one that %s", (_, spec, repository) => {
    const { approvedBy = "carol", ...rest } = { approvedBy: "carol", ...spec };
    const given = "approvedBy" in spec && spec.approvedBy === undefined ? rest : { approvedBy, ...rest };
    const waiver = exception("freeze", {
      credentials: ["key"],
      policy: "keys",
      expiresAt: "2026-03-25",
      ...given,
    });
    if (!("approvedBy" in given)) Reflect.deleteProperty(waiver.document.spec, "approvedBy");
    const result = evaluateAt(MARCH, [KEY, KEYS, waiver]);
    const codes = result.findings.flatMap(({ code, credential }) =>
      credential === null && code !== "exception-expiring" ? [code] : [],
    );
    const waived = told(only(result)).includes("rotation-overdue critical waived by freeze");
    expect([codes, waived]).toEqual([repository, repository.length === 0]);
  });

  it.each([
    ["its policy allows none", { exceptions: { allowed: false } }, false],
    ["its policy allows fewer days", { exceptions: { maxDuration: "30d" } }, false],
    ["its policy allows just these", { exceptions: { maxDuration: "31d" } }, true],
    ["its policy says nothing", {}, true],
  ])("when %s", (_, spec, counts) => {
    const strict = policy("keys", { rotateWithin: "60d", ...spec });
    const waiver = exception("freeze", { credentials: ["key"], policy: "keys" });
    expect(only(evaluateAt(MARCH, [KEY, strict, waiver])).exception).toBe(counts ? "freeze" : undefined);
  });

  it("an exception of a code without a policy may run 90 days", () => {
    const spec = { finding: "access-undeclared", startsAt: "2026-01-01" };
    expect(judged({ ...spec, expiresAt: "2026-04-01" }).repository).toEqual([]);
    expect(judged({ ...spec, expiresAt: "2026-04-02" }).repository).toEqual(["exception-void"]);
  });

  it("without an approver counts nowhere before a forge said who approved it", () => {
    const waiver = exception("freeze", { credentials: ["key"], policy: "keys" });
    Reflect.deleteProperty(waiver.document.spec, "approvedBy");
    const on = (kind: "github" | "none", assumeApproved = false) =>
      only(evaluateAt(MARCH, [KEY, KEYS, waiver, settings({ forge: { kind } })], {}, { assumeApproved }));
    expect([on("github").exception, on("none").exception, on("none", true).exception]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(on("github", true).exception).toBe("freeze");
  });

  it("is told before it starts, so that there is time to correct it", () => {
    expect(judged({ policy: "keys", approvedBy: "bob" }, "2026-02-01").repository).toEqual([
      "exception-self-approved",
    ]);
  });
});

describe("the end of an exception", () => {
  it.each([
    ["2026-03-17T23:59:59Z", undefined],
    ["2026-03-18T00:00:00Z", "exception-expiring 14 14"],
    ["2026-03-24T23:59:59Z", "exception-expiring 8 14"],
    ["2026-03-25T00:00:00Z", "exception-expiring 7 7"],
    ["2026-03-30T23:59:59Z", "exception-expiring 2 7"],
    ["2026-03-31T00:00:00Z", "exception-expiring 1 1"],
    ["2026-03-31T23:59:59Z", "exception-expiring 1 1"],
    ["2026-04-01T00:00:00Z", "exception-expired undefined undefined"],
  ])("is announced 14, 7 and 1 days ahead: %s", (now, expected) => {
    const result = evaluateAt(now, [
      KEY,
      KEYS,
      exception("freeze", { credentials: ["key"], policy: "keys" }),
    ]);
    const found = result.findings.find(({ credential }) => credential === null);
    expect(found && `${found.code} ${found.facts["days"]} ${found.facts["within"]}`).toBe(expected);
  });
});
