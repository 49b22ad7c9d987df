import { describe, expect, it } from "vitest";
import { confirmedRecord, fresh, NOON, old, record, situation } from "../../testing/engine/record.ts";
import { at } from "../../testing/evaluation/world.ts";
import type { Rotation } from "../state/status.ts";
import { decideDeactivate, decideRevoke, soakSeconds } from "./ending.ts";
import type { OldSight } from "./old-use.ts";
import type { Move, Situation } from "./situation.ts";

/** A move in a few words: what it does, or what it waits for. */
function told(move: Move): string {
  switch (move.kind) {
    case "effect":
      return move.step;
    case "look":
      return `look ${move.look}`;
    case "rest": {
      const wait = move.status.rotation?.wait;
      return `${wait?.why} ${wait?.until ?? ""}`.trim();
    }
    case "go":
      return `${move.event} ${move.status.rotation?.outcome === "open" ? move.status.rotation.step : (move.status.rotation?.parked?.code ?? move.status.rotation?.outcome)}`;
    case "poll":
      return "poll";
  }
}

const silent = (sampled: boolean): OldSight => ({ kind: "silent", sampled, detail: "no session" });
const used: OldSight = { kind: "used", detail: "3 sessions" };
const unknown: OldSight = { kind: "unknown", detail: "no rights" };
const displaced: OldSight = { kind: "unknown", displaced: true, detail: "a target lost the new version" };
const longAgo: OldSight = { kind: "used", at: at("2026-03-03T12:00:00Z"), displaced: true, detail: "" };
const none: OldSight = { kind: "no-facility" };
const word = { by: "carol", reason: "checked by hand", at: at("2026-03-09") };
/** Grace was over on 3 March; silence began on the day given, quiet is 7 days. */
const since = (day: string): Partial<Rotation> => ({ silentSince: at(day), silenceSampled: true });

describe("deactivation", () => {
  it.each<[string, OldSight, Partial<Rotation>, string]>([
    ["silent for the whole quiet period", silent(true), since("2026-03-03T12:00:00Z"), "deactivate"],
    ["silent a second too short", silent(true), since("2026-03-03T12:00:01Z"), "quiet 2026-03-10T12:00:01Z"],
    ["silent for the first time", silent(true), {}, "quiet 2026-03-17T12:00:00Z"],
    [
      "silent long enough, grace not over",
      silent(false),
      { ...since("2026-02-01"), confirmedAt: at("2026-03-10") },
      "grace 2026-03-11T00:00:00Z",
    ],
    ["in use", used, since("2026-02-01"), "quiet"],
    ["in use, whatever a person said", used, { ...since("2026-02-01"), proceed: word }, "quiet"],
    [
      "last used so long ago that quiet is over",
      { kind: "used", at: at("2026-03-03T12:00:00Z"), detail: "" },
      {},
      "deactivate",
    ],
    [
      "last used within the quiet period",
      { kind: "used", at: at("2026-03-04"), detail: "" },
      {},
      "quiet 2026-03-11T00:00:00Z",
    ],
    ["nobody can see", unknown, since("2026-02-01"), "evidence"],
    [
      "nobody can see yet, in grace",
      unknown,
      { confirmedAt: at("2026-03-10") },
      "grace 2026-03-11T00:00:00Z",
    ],
    ["silent, but a target lost the new version", displaced, since("2026-02-01"), "evidence"],
    ["used long ago, but a target lost the new version", longAgo, {}, "evidence"],
    ["used long ago, and a person knows that a target lost it", longAgo, { proceed: word }, "deactivate"],
    ["nobody can see, and a person says go", unknown, { proceed: word }, "deactivate"],
    [
      "a person says go before grace is over",
      unknown,
      { proceed: word, confirmedAt: at("2026-03-10") },
      "grace 2026-03-11T00:00:00Z",
    ],
    ["nothing can ever tell, but it can be taken back", none, {}, "deactivate"],
    [
      "nothing can ever tell, in grace",
      none,
      { confirmedAt: at("2026-03-10") },
      "grace 2026-03-11T00:00:00Z",
    ],
  ])("%s", (_name, sight, fact, expected) => {
    const status = confirmedRecord({ step: "deactivate", ...fact });
    expect(told(decideDeactivate(status, situation({ sights: { old: sight } })))).toBe(expected);
  });

  it("asks before it decides", () => {
    expect(told(decideDeactivate(confirmedRecord({ step: "deactivate" }), situation()))).toBe(
      "look old-version",
    );
  });

  it.each<[string, Situation["gates"], string]>([
    [
      "a hold",
      { ...situation().gates, hold: { name: "stop", until: at("2026-04-01"), reason: "x" } },
      "hold 2026-04-01T00:00:00Z",
    ],
    [
      "a freeze",
      { ...situation().gates, freeze: { until: at("2026-05-01"), reason: "x" } },
      "freeze 2026-05-01T00:00:00Z",
    ],
    ["a closed window", { ...situation().gates, window: { open: false } }, "window"],
  ])("%s keeps it back once it is ripe", (_name, gates, expected) => {
    const status = confirmedRecord({ step: "deactivate", ...since("2026-03-01") });
    expect(told(decideDeactivate(status, situation({ gates, sights: { old: silent(true) } })))).toBe(
      expected,
    );
  });

  it("silence is recorded from its first look, and forgotten as soon as somebody is seen or nobody can look", () => {
    const first = decideDeactivate(
      confirmedRecord({ step: "deactivate" }),
      situation({ sights: { old: silent(true) } }),
    );
    expect(first).toMatchObject({ status: { rotation: { silentSince: NOON, silenceSampled: true } } });
    const begun = confirmedRecord({ step: "deactivate", ...since("2026-03-05") });
    for (const sight of [used, unknown]) {
      const move = decideDeactivate(begun, situation({ sights: { old: sight } }));
      expect(move.kind === "rest" && move.status.rotation?.silentSince).toBeUndefined();
    }
  });

  it("an emergency waits for nothing and asks nobody", () => {
    const gates = { ...situation().gates, hold: { name: "stop", until: at("2026-04-01"), reason: "x" } };
    expect(
      told(decideDeactivate(confirmedRecord({ step: "deactivate", emergency: true }), situation({ gates }))),
    ).toBe("deactivate");
  });

  it("a version that came to its own end is not deactivated, and nothing will reactivate it", () => {
    const status = confirmedRecord({ step: "deactivate" }, old({ live: false }));
    const move = decideDeactivate(status, situation());
    expect(told(move)).toBe("step.done revoke");
    expect(move.kind === "go" && move.status.rotation?.deactivatedAt).toBeUndefined();
  });

  it("the idle one of a pair that is being adopted goes at once, by an intent of its own, if nobody is signed in", () => {
    const idle = old({ handle: "b", slot: "b", promoted: false });
    const status = record({ recipe: "adopt", step: "deactivate", openedAt: NOON }, [old(), idle]);
    expect(told(decideDeactivate(status, situation({ sights: { old: silent(true) } })))).toBe("deactivate");
    expect(told(decideDeactivate(status, situation({ sights: { old: used } })))).toBe("quiet");
    expect(told(decideDeactivate(status, situation({ sights: { old: silent(false) } })))).toBe(
      "quiet 2026-03-17T12:00:00Z",
    );
  });
});

describe("revocation where nothing can be taken back", () => {
  const cannot = { canDeactivate: false };

  it("skips the deactivation", () => {
    expect(told(decideDeactivate(confirmedRecord({ step: "deactivate" }), situation(cannot)))).toBe(
      "step.done revoke",
    );
  });

  it("deactivates first what was taken for dead and is not", () => {
    const status = confirmedRecord({ step: "revoke" });
    expect(told(decideRevoke(status, situation()))).toBe("step.done deactivate");
  });

  it("does not soak what has come to its end by itself: nothing could bring it back", () => {
    const gone = confirmedRecord({ step: "revoke" }, old({ live: false }));
    expect(told(decideRevoke(gone, situation(cannot)))).toBe("revoke");
    expect(told(decideRevoke(gone, situation({ sights: { old: silent(false) } })))).toMatch(/^soak/);
  });

  it.each<[string, OldSight, Partial<Rotation>, string]>([
    [
      "silent for the whole quiet period, by a provider that remembers",
      silent(false),
      since("2026-03-03"),
      "revoke",
    ],
    ["silent at every look only", silent(true), since("2026-02-01"), "rotation.parked evidence-missing"],
    [
      "silent at every look, and a person says go",
      silent(true),
      { ...since("2026-02-01"), proceed: word },
      "revoke",
    ],
    ["nothing can ever tell", none, {}, "rotation.parked evidence-missing"],
    ["nothing can ever tell, and a person says go", none, { proceed: word }, "revoke"],
    ["nobody can see", unknown, {}, "evidence"],
    ["in use", used, {}, "quiet"],
  ])("%s", (_name, sight, fact, expected) => {
    const status = confirmedRecord({ step: "revoke", ...fact });
    expect(told(decideRevoke(status, situation({ ...cannot, sights: { old: sight } })))).toBe(expected);
  });
});

describe("soak", () => {
  const asleep = old({ live: false, deactivatedAt: at("2026-03-03T12:00:00Z") });
  const soaking = (fact: Partial<Rotation> = {}) =>
    confirmedRecord(
      { step: "revoke", deactivatedAt: at("2026-03-03T12:00:00Z"), silentSince: at("2026-02-20"), ...fact },
      asleep,
    );

  it.each<[string, OldSight, Partial<Rotation>, string]>([
    ["over to the second", silent(true), {}, "revoke"],
    [
      "a second short",
      silent(true),
      { deactivatedAt: at("2026-03-03T12:00:01Z") },
      "soak 2026-03-10T12:00:01Z",
    ],
    ["doubled without a proof of use", silent(true), { confirmedBy: "none" }, "soak 2026-03-17T12:00:00Z"],
    ["used again", used, {}, "evidence.used reactivate"],
    ["used again on its last day", used, { deactivatedAt: at("2026-01-01") }, "evidence.used reactivate"],
    ["over, but nobody can see", unknown, {}, "evidence"],
    ["a target lost the new version", displaced, {}, "evidence.used reactivate"],
    [
      "a target lost the new version, which a person knows",
      displaced,
      { proceed: { ...word, at: at("2026-03-01") } },
      "revoke",
    ],
    [
      "over, nobody can see, and a person had said go",
      unknown,
      { proceed: { ...word, at: at("2026-03-01") } },
      "revoke",
    ],
    [
      "nothing can ever tell: doubled",
      none,
      { silentSince: undefined as never },
      "soak 2026-03-17T12:00:00Z",
    ],
    [
      "a person says in soak that it may end",
      silent(true),
      { deactivatedAt: at("2026-03-09"), proceed: { ...word, at: at("2026-03-10") } },
      "revoke",
    ],
    [
      "a word from before the deactivation is not about the soak",
      silent(true),
      { deactivatedAt: at("2026-03-09"), proceed: { ...word, at: at("2026-03-08") } },
      "soak 2026-03-16T00:00:00Z",
    ],
  ])("%s", (_name, sight, fact, expected) => {
    expect(told(decideRevoke(soaking(fact), situation({ sights: { old: sight } })))).toBe(expected);
  });

  it("is doubled after an adoption, whose only evidence is one look", () => {
    const { rotation } = soaking({ recipe: "adopt" });
    expect(rotation === undefined ? 0 : soakSeconds(rotation)).toBe(2 * 604_800);
  });

  it("an emergency does not soak, and revokes what others had deactivated", () => {
    expect(told(decideRevoke(soaking({ emergency: true }), situation()))).toBe("revoke");
  });

  it("somebody in a version that we did not deactivate brings nothing back to life", () => {
    const status = confirmedRecord({ step: "revoke", since: at("2026-03-01") }, old({ live: false }));
    expect(told(decideRevoke(status, situation({ sights: { old: used } })))).toBe("quiet");
  });

  it("closes when nothing is left, and goes on to containment in an emergency", () => {
    const gone = record({ step: "revoke", confirmedAt: NOON }, [fresh({ promoted: true })]);
    expect(told(decideRevoke(gone, situation()))).toBe("step.done done");
    const burnt = record({ step: "revoke", confirmedAt: NOON, emergency: true }, [fresh({ promoted: true })]);
    expect(told(decideRevoke(burnt, situation()))).toBe("step.done contain");
  });
});
