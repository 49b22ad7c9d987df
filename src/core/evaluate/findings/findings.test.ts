import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  evaluateAt,
  exception,
  hold,
  only,
  policy,
  pressedHold,
  type Records,
  rotation,
  settings,
  sha256,
  status,
  version,
} from "../../../testing/evaluation/world.ts";
import type { Sourced } from "../../documents/kinds.ts";
import type { Rotation, Status } from "../../state/status.ts";

const ROTATED = policy("keys", { rotateWithin: "60d", enforcement: "rotate" });
const KEY = credential("key", { method: "automated" });
/** Due 2026-03-02, stale from 2026-02-16. */
const OLD = version("2026-01-01");
const STALE = "2026-02-20";

function found(now: string, all: readonly Sourced[], records: Records = {}, code?: string) {
  return evaluateAt(now, all, records)
    .findings.filter((finding) => code === undefined || finding.code === code)
    .map(({ code, level, facts }) => ({ code, level, facts }));
}

function record(open: Partial<Rotation>, fact: Partial<Status> = {}): Records {
  return { statuses: [status("key", { versions: [OLD], rotation: rotation(open), ...fact })] };
}

describe("rotation-held", () => {
  const held = (all: readonly Sourced[], records: Records = {}, now = STALE) =>
    found(now, all, records, "rotation-held").map(({ facts }) => facts);
  const freeze = settings({
    limits: { freeze: [{ from: "2026-02-01", to: "2026-03-01", reason: "launch" }] },
  });

  it("tells the hold, written or pressed, and its end", () => {
    expect(held([KEY, ROTATED, hold("stop", { all: true })])).toEqual([
      { by: "hold", hold: "stop", until: "2026-04-01T00:00:00Z", reason: "incident 12" },
    ]);
    const pressed = pressedHold("key-1", { credentials: ["key"] });
    expect(held([KEY, ROTATED], { holds: [pressed] })).toMatchObject([{ by: "hold", hold: "key-1" }]);
  });

  it("tells the freeze", () => {
    expect(held([KEY, ROTATED, freeze])).toEqual([
      { by: "freeze", until: "2026-03-01T00:00:00Z", reason: "launch" },
    ]);
  });

  it.each([
    ["startsPerRun 0", { startsPerRun: 0 }, "limits.startsPerRun is 0"],
    ["openRotations", { openRotations: 1 }, "limits.openRotations 1 is reached"],
    ["perService, by default 1", {}, "limits.perService 1 is reached for shop"],
    ["nothing where a limit has room", { perService: 2 }, undefined],
  ])("tells the limit %s", (_, limits, reason) => {
    const busy = { statuses: [status("other", { rotation: rotation() })] };
    const expected = reason === undefined ? [] : [{ by: "limit", reason }];
    expect(held([KEY, ROTATED, settings({ limits })], busy)).toEqual(expected);
  });

  it.each([
    ["of another service", { service: "warehouse", rotation: rotation() }],
    ["that is confirmed", { rotation: rotation({ confirmedAt: at("2026-02-10") }) }],
    ["that only adopts", { rotation: rotation({ recipe: "adopt" }) }],
    ["that is closed", { rotation: rotation({ outcome: "done" }) }],
  ])("perService does not count a rotation %s", (_, fact) => {
    expect(held([KEY, ROTATED], { statuses: [status("other", fact)] })).toEqual([]);
  });

  const stop = hold("stop", { all: true });
  it.each([
    ["not due", [KEY, ROTATED, stop], "2026-02-15T23:59:59Z"],
    ["only reported", [KEY, policy("keys", { rotateWithin: "60d" }), stop], STALE],
    ["manual", [credential("key"), ROTATED, stop], STALE],
    [
      "excepted",
      [KEY, ROTATED, stop, exception("e", { credentials: ["key"], policy: "keys" })],
      "2026-03-10",
    ],
    [
      "compromised",
      [
        credential("key", { method: "automated", compromised: { at: STALE, reportedBy: "a", reason: "b" } }),
        ROTATED,
        stop,
      ],
      STALE,
    ],
    ["retired", [credential("key", { method: "automated", retiredAt: "2026-02-01" }), ROTATED, stop], STALE],
  ])("is no finding where the rotation is %s", (_, all, now) => {
    expect(held(all, {}, now)).toEqual([]);
  });

  it("of an open rotation tells a hold at once, and a freeze only when it waits for its end", () => {
    expect(held([KEY, ROTATED, stop], record({}))).toHaveLength(1);
    expect(held([KEY, ROTATED, freeze], record({}))).toEqual([]);
    expect(held([KEY, ROTATED, freeze], record({ wait: { why: "freeze" } }))).toHaveLength(1);
    expect(held([KEY, ROTATED, settings({ limits: { openRotations: 1 } })], record({}))).toEqual([]);
  });

  it.each(["grace", "quiet", "soak", "backoff", "window", "confirm"] as const)(
    "no wait for %s is one",
    (why) => {
      expect(held([KEY, ROTATED], record({ wait: { why } }))).toEqual([]);
    },
  );
});

describe("who has to rotate it", () => {
  const overdue = (
    spec: Parameters<typeof credential>[1],
    all: readonly Sourced[] = [ROTATED],
    records: Records = {},
  ) => {
    const [finding] = found("2026-03-10", [credential("key", spec), ...all], records, "rotation-overdue");
    const { dueAt: _d, arithmetic: _a, ...remedy } = finding?.facts ?? {};
    return remedy;
  };
  const parked = { code: "x", message: "y", at: at("2026-03-01"), commands: [] };

  it("is told by method, policy, exception and the open rotation", () => {
    const automated = { method: "automated" } as const;
    const waiver = exception("freeze", { credentials: ["key"], policy: "keys" });
    expect(overdue(automated)).toEqual({ way: "automatic" });
    expect(overdue(automated, [policy("keys", { rotateWithin: "60d" })])).toEqual({ way: "command" });
    expect(overdue(automated, [ROTATED, waiver])).toEqual({ way: "command" });
    expect(overdue(automated, [ROTATED], record({ step: "confirm" }))).toEqual({
      way: "underway",
      step: "confirm",
    });
    expect(overdue(automated, [ROTATED], record({ outcome: "parked", parked }))).toEqual({
      way: "parked",
      step: "preflight",
    });
    expect(overdue({ method: "delegated", delegate: { to: "cert-manager" } })).toEqual({
      way: "delegated",
      to: "cert-manager",
    });
  });

  it("names the console and the runbook of a manual one, but does not repeat steps at length", () => {
    const console = "https://example.com/keys";
    expect(overdue({})).toEqual({ way: "manual" });
    expect(overdue({ manual: { console, steps: "docs/key.md" } })).toEqual({
      way: "manual",
      console,
      steps: "docs/key.md",
    });
    expect(overdue({ manual: { steps: "open it, click twice" } })).toEqual({
      way: "manual",
      steps: "the steps in its document",
    });
  });
});

describe("what the record says", () => {
  const parked = (code: string): Partial<Rotation> => ({
    outcome: "parked",
    step: "confirm",
    parked: { code, message: "who knows", at: at("2026-02-11"), commands: ["retry", "rollback"] },
  });

  it.each([
    ["permission-denied", "rotation-parked"],
    ["state-behind", "state-behind"],
    ["adoption-ambiguous", "adoption-ambiguous"],
    ["drift", "drift"],
  ])("a rotation parked for %s is the finding %s", (code, expected) => {
    expect(found("2026-02-12", [KEY, ROTATED], record(parked(code)))).toEqual([
      {
        code: expected,
        level: "critical",
        facts: {
          reason: "who knows",
          since: "2026-02-11T00:00:00Z",
          step: "confirm",
          commands: "retry, rollback",
        },
      },
    ]);
  });

  it("a rotation that is no longer open says nothing", () => {
    expect(found("2026-02-12", [KEY, ROTATED], record({ ...parked("drift"), outcome: "aborted" }))).toEqual(
      [],
    );
  });

  it.each(["state-behind", "drift"] as const)(
    "a record that an observation found behind is %s, once",
    (code) => {
      const behind = { code, message: "epoch 9 at the provider", since: at("2026-02-10") };
      expect(found("2026-02-12", [KEY, ROTATED], record({ outcome: "done" }, { behind }))).toMatchObject([
        { code, level: "critical", facts: { reason: "epoch 9 at the provider" } },
      ]);
      expect(found("2026-02-12", [KEY, ROTATED], record(parked(code), { behind }), code)).toMatchObject([
        { facts: { reason: "who knows", commands: "retry, rollback" } },
      ]);
    },
  );
});

describe("old-still-used", () => {
  const used: Partial<Rotation> = {
    promotedAt: at("2026-02-10"),
    confirmedAt: at("2026-02-10T12:00:00Z"),
    oldUsedOn: "2026-02-11",
    wait: { why: "quiet" },
  };
  const levels = (now: string, open: Partial<Rotation>) =>
    found(now, [KEY, ROTATED], record(open), "old-still-used").map(({ level }) => level);

  it.each([
    ["within the grace period not", "2026-02-11T11:59:59Z", []],
    ["from its end on a warning", "2026-02-11T12:00:00Z", ["warning"]],
    ["before the due date a warning", "2026-03-01T23:59:59Z", ["warning"]],
    ["from the due date on critical", "2026-03-02T00:00:00Z", ["critical"]],
  ])("%s: %s", (_, now, expected) => {
    expect(levels(now, used)).toEqual(expected);
  });

  it("within the grace period at once where it is due already", () => {
    expect(levels("2026-03-02", { ...used, confirmedAt: at("2026-03-01T12:00:00Z") })).toEqual(["critical"]);
  });

  it("at once when it came back to life, which forgets the proof", () => {
    const { confirmedAt: _, ...again } = used;
    expect(levels("2026-02-11", again)).toEqual(["warning"]);
  });

  it.each([
    ["after the grace period", "2026-02-11T12:00:00Z", "2026-02-20", ["warning"]],
    ["within the grace period", "2026-02-11T11:59:59Z", "2026-02-20", []],
    ["within it, where it is overdue by now", "2026-02-11T11:59:59Z", "2026-03-02", ["critical"]],
  ])("where the provider remembers that the last use was %s", (_, silentSince, now, expected) => {
    const remembered = { ...used, silentSince: at(silentSince), silenceSampled: false };
    expect(levels(now, remembered)).toEqual(expected);
  });

  it.each([
    ["it was never seen in use", { oldUsedOn: undefined }],
    ["it was silent since", { silentSince: at("2026-02-12") }],
    ["it was silent since, as far as looks tell", { silentSince: at("2026-02-11"), silenceSampled: true }],
    ["it is deactivated", { deactivatedAt: at("2026-02-12") }],
    ["nothing new is promoted", { promotedAt: undefined }],
    ["there is no new one to come", { recipe: "retire" }],
  ] as const)("not when %s", (_, fact) => {
    const open = Object.fromEntries(
      Object.entries({ ...used, ...fact }).filter(([, value]) => value !== undefined),
    );
    expect(levels("2026-02-20", open)).toEqual([]);
  });
});

describe("required-field", () => {
  const missing = (spec: Parameters<typeof credential>[1], ...require: string[]) => {
    const key = credential("key", spec);
    if (spec?.access === undefined) Reflect.deleteProperty(key.document.spec, "access");
    return found(
      "2026-01-02",
      [key, policy("keys", { rotateWithin: "60d", require })],
      {},
      "required-field",
    ).map(({ facts }) => facts["field"]);
  };

  it.each([
    ["a field that is there", {}, "owner.contact", []],
    ["a field that is absent", {}, "handle", ["handle"]],
    ["a field of an absent one", {}, "manual.console", ["manual.console"]],
    ["a field of a text", {}, "service.length", ["service.length"]],
    ["an inherited name", {}, "constructor", ["constructor"]],
    ["only white space", { handle: "  " }, "handle", ["handle"]],
    ["an empty list", { deliver: [] }, "deliver", ["deliver"]],
    ["an empty object", { manual: {} }, "manual", ["manual"]],
    ["access that says nobody", { access: [] }, "access", []],
    ["access that says nothing", { access: undefined }, "access", ["access"]],
  ] as const)("%s", (_, spec, field, expected) => {
    expect(missing(withoutUndefined(spec), field)).toEqual(expected);
  });

  it("is one finding per policy and field, asked for once or twice", () => {
    expect(missing({ access: [] }, "handle", "handle", "manual")).toEqual(["handle", "manual"]);
    const other = policy("other", { rotateWithin: "60d", require: ["handle"] });
    const same = policy("keys", { rotateWithin: "60d", require: ["handle"] });
    expect(found("2026-01-02", [credential("key"), same, other], {}, "required-field")).toHaveLength(2);
  });

  it("is asked of no retired credential", () => {
    expect(missing({ access: [], retiredAt: "2026-01-01" }, "handle")).toEqual([]);
  });
});

describe("declarations", () => {
  it("access that nobody declared is a finding that does not raise the level", () => {
    const key = credential("key");
    Reflect.deleteProperty(key.document.spec, "access");
    const result = evaluateAt("2026-01-02", [key, ROTATED]);
    expect(only(result)).toMatchObject({
      level: "none",
      findings: [{ code: "access-undeclared", level: "warning" }],
    });
  });

  it.each([
    ["2026-01-02T00:00:00Z", {}, []],
    ["2025-12-31T23:59:59Z", {}, ["createdAt"]],
    ["2026-01-02T00:00:00Z", { rotatedAt: "2026-01-02" }, []],
    ["2026-01-01T23:59:59Z", { rotatedAt: "2026-01-02" }, ["rotatedAt"]],
    ["2026-01-02T00:00:00Z", { rotatedAt: "2026-01-01" }, []],
    ["2026-01-02T00:00:00Z", { rotatedAt: "2025-12-31" }, ["before-creation"]],
  ])("dates of the future and before creation, at %s with %o", (now, spec, expected) => {
    const result = evaluateAt(now, [credential("key", spec), ROTATED]);
    const backdated = result.findings.filter(({ code }) => code === "backdated");
    expect(backdated.map(({ discriminator }) => discriminator)).toEqual(expected);
    expect(only(result).level).toBe("none");
  });
});

describe("removed-without-retirement", () => {
  const gone = (versions: Status["versions"], input: Parameters<typeof evaluateAt>[3] = {}) =>
    evaluateAt("2026-02-01", [ROTATED], { statuses: [status("key", { versions })] }, input).findings;

  it("is a record whose document is gone while a version lives", () => {
    expect(gone([OLD, { ...version("2025-12-01"), live: false }])).toMatchObject([
      {
        code: "removed-without-retirement",
        level: "critical",
        credential: "key",
        file: null,
        facts: { live: 1 },
      },
    ]);
  });

  it.each([
    ["no version lives", [{ ...OLD, live: false }]],
    ["no version is left", []],
    ["the last one ended by itself", [{ ...OLD, expiresAt: at("2026-02-01") }]],
  ])("is none when %s", (_, versions) => {
    expect(gone(versions)).toEqual([]);
  });

  it("is none while some document is invalid: it may be this one", () => {
    expect(gone([OLD], { incomplete: true })).toEqual([]);
    expect(gone([OLD], { incomplete: false })).toHaveLength(1);
  });
});

describe("enforcer-late", () => {
  it.each([
    ["12 hours after the last entry not yet", "2026-02-01T12:00:00Z", undefined, []],
    ["a second later", "2026-02-01T12:00:01Z", undefined, ["enforcer-late"]],
    ["by the settings' schedule not yet", "2026-02-03T00:00:00Z", "1d", []],
    ["by the settings' schedule a second later", "2026-02-03T00:00:01Z", "1d", ["enforcer-late"]],
  ])("%s", (_, now, every, expected) => {
    const more = every === undefined ? [] : [settings({ schedule: { every } })];
    expect(found(now, more, { audited: "2026-02-01" }).map(({ code }) => code)).toEqual(expected);
  });

  it("cannot be told before anything was recorded", () => {
    expect(found("2036-01-01", [])).toEqual([]);
  });
});

describe("fingerprints", () => {
  const prints = (now: string, reason = "who knows") => {
    const parked = { code: "x", message: reason, at: at("2026-02-11"), commands: [] };
    return evaluateAt(now, [KEY, ROTATED], record({ outcome: "parked", parked })).findings.map(
      (f) => f.fingerprint,
    );
  };

  it("are of code, credential, policy and discriminator alone", () => {
    const [finding] = evaluateAt(STALE, [credential("key"), ROTATED]).findings;
    expect(finding?.fingerprint).toBe(sha256("rotation-due\0key\0keys\0").slice(0, 16));
  });

  it("stay the same from run to run, whatever the reason says", () => {
    expect(prints("2026-02-20")).toEqual(prints("2026-02-25", "something else"));
  });

  it("differ between any two findings of one evaluation", () => {
    const all = ["a", "b"].flatMap((name) => [
      credential(name, { method: "automated", createdAt: "2026-05-01" }),
    ]);
    const fields = policy("fields", { require: ["handle", "manual"], renew: { ari: true } });
    const { findings } = evaluateAt("2026-04-01", [
      ...all,
      ROTATED,
      fields,
      exception("e", { credentials: ["a"], policy: "keys" }),
    ]);
    expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(findings.length);
    expect(findings.length).toBeGreaterThan(8);
  });
});

function withoutUndefined(spec: object): object {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
}

describe("what only people can bring on", () => {
  const waits = (fact: Partial<Rotation> = {}) =>
    record({
      recipe: "signed",
      step: "collect",
      wait: { why: "certificate", detail: "certs/key.pem" },
      ...fact,
    });
  const awaited = (now: string, records: Records) =>
    found(now, [KEY, ROTATED], records, "certificate-awaited");

  it("a certificate that is awaited is a warning, and critical from the due date on", () => {
    const facts = { since: rotation({}).since, reason: "certs/key.pem" };
    expect(awaited(STALE, waits())).toEqual([{ code: "certificate-awaited", level: "warning", facts }]);
    expect(awaited("2026-03-02", waits())).toMatchObject([{ level: "critical" }]);
    expect(awaited(STALE, waits({ step: "promote" }))).toEqual([]);
  });

  it("places that were left with the old version are named for as long as they are", () => {
    const left = (versions: Status["versions"]) =>
      found(STALE, [KEY, ROTATED], { statuses: [status("key", { versions })] }, "left-behind");
    const now = { ...OLD, missingAt: ["web-2", "web-3"] };
    expect(left([now])).toMatchObject([{ level: "warning", facts: { places: "web-2, web-3" } }]);
    expect(left([OLD])).toEqual([]);
  });
});
