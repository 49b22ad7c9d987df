import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  evaluateAt,
  exception,
  incident,
  only,
  policy,
  rotation,
  settings,
  status,
  told,
  version,
} from "../../testing/evaluation/world.ts";

/** Due 2026-03-02, stale from 2026-02-16. */
const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });
const ROTATED = policy("keys", { rotateWithin: "60d", enforcement: "rotate" });
const KEY = credential("key");
const AUTOMATED = credential("key", { method: "automated" });

describe("states", () => {
  it.each([
    ["2026-02-15T23:59:59Z", "active", "none", "2026-03-02T00:00:00Z"],
    ["2026-02-16T00:00:00Z", "stale", "warning", "2026-03-02T00:00:00Z"],
    ["2026-03-01T23:59:59Z", "stale", "warning", "2026-03-02T00:00:00Z"],
    ["2026-03-02T00:00:00Z", "expired", "critical", "2026-03-02T00:00:00Z"],
  ])("at %s it is %s", (now, state, level, dueAt) => {
    expect(only(evaluateAt(now, [KEY, KEYS]))).toMatchObject({ state, level, dueAt, policy: "keys" });
  });

  it.each([
    ["2026-01-31T23:59:59Z", "active", [], false],
    ["2026-02-01T00:00:00Z", "expired", ["past-end critical"], true],
  ])("its own end is inclusive: at %s it is %s", (now, state, findings, pastEnd) => {
    const key = credential("key", { expiresAt: "2026-02-01" });
    const evaluated = only(evaluateAt(now, [key, policy("keys", { rotateWithin: "90d" })]));
    expect(evaluated).toMatchObject({ state, pastEnd });
    expect(told(evaluated)).toEqual(findings);
  });

  it.each([
    ["2026-01-31T23:59:59Z", "active"],
    ["2026-02-01T00:00:00Z", "retired"],
  ])("retirement is inclusive: at %s it is %s", (now, state) => {
    expect(only(evaluateAt(now, [credential("key", { retiredAt: "2026-02-01" }), KEYS])).state).toBe(state);
  });

  it("a retired one has no due date, starts nothing and has no finding of age, end or access", () => {
    const key = credential("key", { method: "automated", retiredAt: "2026-02-01", expiresAt: "2026-02-01" });
    Reflect.deleteProperty(key.document.spec, "access");
    const evaluated = only(evaluateAt("2027-01-01", [key, ROTATED]));
    expect(evaluated).toMatchObject({
      state: "retired",
      level: "none",
      dueAt: undefined,
      rotationDue: undefined,
    });
    expect(told(evaluated)).toEqual([]);
  });

  it.each(["automated", "manual"] as const)(
    "a retired %s one that was seen alive is not retired",
    (method) => {
      const key = credential("key", { method, retiredAt: "2026-02-01" });
      const seen = { statuses: [status("key", { versions: [version("2026-01-01")] })] };
      const evaluated = only(evaluateAt("2026-02-10", [key, KEYS], seen));
      expect(evaluated.state).toBe("active");
      expect(told(evaluated)).toEqual(["retired-but-live warning"]);
    },
  );

  it("precedence is compromised, retired, expired, stale, active", () => {
    const marks = {
      compromised: { at: "2026-01-02", reportedBy: "alice", reason: "in a log" },
      retiredAt: "2026-02-01",
      expiresAt: "2026-02-02",
    };
    const { compromised: _, ...unburnt } = marks;
    const { retiredAt: _r, ...unretired } = unburnt;
    const at = (spec: object, now = "2026-02-20") =>
      only(evaluateAt(now, [credential("key", spec), KEYS])).state;
    expect([at(marks), at(unburnt), at(unretired), at({}), at({}, "2026-02-01")]).toEqual([
      "compromised",
      "retired",
      "expired",
      "stale",
      "active",
    ]);
  });

  it("without a policy it is active, and not compliant", () => {
    const evaluated = only(evaluateAt("2036-01-01", [KEY]));
    expect(evaluated).toMatchObject({
      state: "active",
      level: "warning",
      dueAt: undefined,
      policy: undefined,
      compliantStrict: false,
      compliantAdjusted: false,
    });
    expect(told(evaluated)).toEqual(["unmatched warning"]);
  });

  it("a policy that gives no date is a finding, and the credential active and matched", () => {
    const evaluated = only(
      evaluateAt("2036-01-01", [KEY, policy("keys", { renew: { beforeExpiry: "30d" } })]),
    );
    expect(evaluated).toMatchObject({ state: "active", policy: "keys", compliantStrict: true });
    expect(told(evaluated)).toEqual(["no-due-date warning"]);
  });
});

describe("several policies", () => {
  const longer = policy("a-longer", { rotateWithin: "90d" });

  it("the strictest gives state, due date and policy; each finds by its own dates", () => {
    const evaluated = only(evaluateAt("2026-03-20", [KEY, longer, KEYS]));
    expect(evaluated).toMatchObject({ state: "expired", dueAt: at("2026-03-02"), policy: "keys" });
    expect(evaluated.findings.map(({ code, policy }) => `${code} ${policy}`)).toEqual([
      "rotation-due a-longer",
      "rotation-overdue keys",
    ]);
  });

  it("of equal due dates the first by name counts, by code point", () => {
    const twins = ["keys-10", "keys-2", "keys-a", "keys"].map((name) =>
      policy(name, { rotateWithin: "60d" }),
    );
    expect(only(evaluateAt("2026-01-02", [KEY, ...twins])).policy).toBe("keys");
    expect(only(evaluateAt("2026-01-02", [KEY, ...twins.slice(0, 3)])).policy).toBe("keys-10");
  });

  it("obligations are listed by the policy's name, in whatever order policies are read", () => {
    const { obligations } = only(
      evaluateAt("2026-01-02", [KEY, KEYS, longer, policy("b", { rotateWithin: "1d" })]),
    );
    expect(obligations.map(({ policy }) => policy)).toEqual(["a-longer", "b", "keys"]);
  });

  it("one without a date is never the strictest while another has one", () => {
    const dateless = policy("a", { renew: { beforeExpiry: "1d" } });
    expect(only(evaluateAt("2026-01-02", [KEY, dateless, KEYS])).policy).toBe("keys");
  });
});

describe("compliance", () => {
  const result = (key: ReturnType<typeof credential>, ...more: Parameters<typeof evaluateAt>[1]) => {
    const { compliantStrict, compliantAdjusted } = only(evaluateAt("2026-03-10", [key, ...more]));
    return [compliantStrict, compliantAdjusted];
  };
  const waiver = exception("freeze", { credentials: ["key"], policy: "keys" });

  it.each([
    ["active", [credential("key", { rotatedAt: "2026-03-01" }), KEYS], [true, true]],
    ["stale", [credential("key", { rotatedAt: "2026-01-20" }), KEYS], [true, true]],
    ["expired", [KEY, KEYS], [false, false]],
    ["expired and excepted", [KEY, KEYS, waiver], [false, true]],
    [
      "expired by two policies of which one is excepted",
      [KEY, KEYS, policy("all", { rotateWithin: "60d" }), waiver],
      [false, false],
    ],
    [
      "excepted but past its end",
      [credential("key", { expiresAt: "2026-03-10" }), KEYS, waiver],
      [false, false],
    ],
    [
      "excepted but compromised",
      [credential("key", { compromised: { at: "2026-03-01", reportedBy: "a", reason: "b" } }), KEYS, waiver],
      [false, false],
    ],
    ["unmatched", [KEY], [false, false]],
    ["retired", [credential("key", { retiredAt: "2026-03-01" }), KEYS], [false, false]],
  ] as const)("%s", (_, [key, ...more], expected) => {
    expect(result(key, ...more)).toEqual(expected);
  });
});

describe("the start of a rotation", () => {
  const starts = (now: string, ...all: Parameters<typeof evaluateAt>[1]) => {
    const { rotationDue, startExcepted } = only(evaluateAt(now, all));
    return startExcepted ?? (rotationDue && `${rotationDue.policy} ${rotationDue.dueAt}`);
  };
  const due = "keys 2026-03-02T00:00:00Z";

  it.each([
    ["a second before it is stale", "2026-02-15T23:59:59Z", undefined],
    ["when it is stale", "2026-02-16T00:00:00Z", due],
    ["when it is overdue", "2026-05-01T00:00:00Z", due],
  ])("%s", (_, now, expected) => {
    expect(starts(now, AUTOMATED, ROTATED)).toBe(expected);
  });

  it("is no matter of a `report` policy", () => {
    expect(starts("2026-05-01", AUTOMATED, KEYS)).toBeUndefined();
  });

  it("does not happen while every policy that makes it due is excepted", () => {
    const second = policy("all", { rotateWithin: "60d", enforcement: "rotate" });
    const report = policy("report", { rotateWithin: "30d" });
    const waiver = (name: string, policy: string) => exception(name, { credentials: ["key"], policy });
    const now = "2026-03-10";
    expect(starts(now, AUTOMATED, ROTATED, waiver("freeze", "keys"))).toBe("freeze");
    expect(starts(now, AUTOMATED, ROTATED, second, waiver("freeze", "keys"))).toBe(
      "all 2026-03-02T00:00:00Z",
    );
    expect(starts(now, AUTOMATED, ROTATED, second, waiver("z", "all"), waiver("b", "keys"))).toBe("b");
    expect(starts(now, AUTOMATED, ROTATED, report, waiver("freeze", "keys"))).toBe("freeze");
  });

  it("is not stopped by an exception for a code", () => {
    const waiver = exception("freeze", { credentials: ["key"], finding: "rotation-overdue" });
    expect(starts("2026-03-10", AUTOMATED, ROTATED, waiver)).toBe(due);
  });
});

describe("compromise", () => {
  const block = {
    compromised: { at: "2026-02-01T03:12:00Z", reportedBy: "alice", reason: "in a build log" },
  };
  const burnt = (
    spec: Parameters<typeof credential>[1],
    records: Parameters<typeof evaluateAt>[2] = {},
    metadata: Parameters<typeof credential>[2] = {},
  ) => only(evaluateAt("2026-02-10", [credential("key", spec, metadata), KEYS], records)).compromise?.because;

  it.each([
    ["rotated before", { rotatedAt: "2026-02-01" }, true],
    ["rotated at that very second", { rotatedAt: "2026-02-01T03:12:00Z" }, true],
    ["rotated a second later", { rotatedAt: "2026-02-01T03:12:01Z" }, false],
    ["past its own end", { expiresAt: "2026-01-20" }, true],
  ])("a manual one %s", (_, spec, expected) => {
    expect(burnt({ ...block, ...spec }) !== undefined).toBe(expected);
  });

  const OLD = version("2026-01-01");
  const NEW = version("2026-02-02");
  it.each([
    ["while an old version lives", [OLD, NEW], true],
    ["no more when the old one is deactivated", [{ ...OLD, live: false }, NEW], false],
    ["no more when the old one ended by itself", [{ ...OLD, expiresAt: at("2026-02-10") }, NEW], false],
    ["no more when only the new one is left", [NEW], false],
    ["no more when no version is left", [], false],
  ])("an automated one burns %s", (_, versions, expected) => {
    const statuses = [status("key", { versions })];
    expect(burnt({ ...block, method: "automated" }, { statuses }) !== undefined).toBe(expected);
  });

  it("counts incidents that were not withdrawn, also those of a former name", () => {
    const leak = incident("key-1", "key", "2026-02-01");
    const withdrawn = { by: "bob", at: at("2026-02-02"), reason: "false alarm" };
    expect(burnt({}, { incidents: [leak] })).toBe("incident key-1");
    expect(burnt({}, { incidents: [{ ...leak, withdrawn }] })).toBeUndefined();
    expect(burnt({}, { incidents: [incident("x", "other", "2026-02-01")] })).toBeUndefined();
    expect(burnt({}, { incidents: [incident("o", "old", "2026-02-01")] }, { formerNames: ["old"] })).toBe(
      "incident o",
    );
  });

  it("tells the newest that burns, and to revoke first if any of them asks so", () => {
    const incidents = [
      incident("early", "key", "2026-01-20", { revokeFirst: true }),
      incident("late", "key", "2026-02-05"),
      incident("before-rotation", "key", "2026-01-09", { revokeFirst: true }),
    ];
    const of = (all: typeof incidents) =>
      only(
        evaluateAt("2026-02-10", [credential("key", { rotatedAt: "2026-01-10" }), KEYS], { incidents: all }),
      ).compromise;
    expect(of(incidents)).toEqual({ at: at("2026-02-05"), because: "incident late", revokeFirst: true });
    expect(of(incidents.slice(1))).toMatchObject({ revokeFirst: false });
  });

  it("of two at one instant tells the first, in whatever order they are read", () => {
    const incidents = [incident("b", "key", "2026-02-01"), incident("a", "key", "2026-02-01")];
    expect(burnt({}, { incidents })).toBe("incident a");
    expect(burnt({}, { incidents: incidents.toReversed() })).toBe("incident a");
  });
});

it("a credential is judged by its own record, and everything else stands still", () => {
  const others = [credential("a"), credential("b", { method: "automated" }), KEYS, settings({})];
  const statuses = [
    status("b", { versions: [version("2026-02-20")], rotation: rotation({ outcome: "done" }) }),
  ];
  const result = evaluateAt("2026-03-10", others, { statuses });
  expect([...result.credentials].map(([name, { state }]) => `${name} ${state}`)).toEqual([
    "a expired",
    "b active",
  ]);
});
