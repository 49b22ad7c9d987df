import { describe, expect, it } from "vitest";
import {
  ATTEMPT,
  confirmedRecord,
  fresh,
  NOON,
  old,
  record,
  shown,
  situation,
} from "../../testing/engine/record.ts";
import { at } from "../../testing/evaluation/world.ts";
import { addTo } from "../model/instant.ts";
import type { Rotation, Status } from "../state/status.ts";
import { nextMove } from "./decide.ts";
import type { Gates } from "./gate.ts";
import type { Move, Situation } from "./situation.ts";

function told(move: Move): string {
  switch (move.kind) {
    case "effect":
      return `${move.step}${move.newAttempt ? " of a new attempt" : ""}`;
    case "look":
      return `look ${move.look}`;
    case "poll":
      return `poll until ${move.until}`;
    case "rest":
      return `rest ${move.status.rotation?.wait?.why ?? ""}`.trim();
    case "go": {
      const { rotation } = move.status;
      return `${move.event}: ${rotation?.outcome === "open" ? rotation.step : (rotation?.parked?.code ?? rotation?.outcome)}`;
    }
  }
}

const decide = (status: Status, fact: Partial<Situation> = {}): string =>
  told(nextMove(status, situation(fact)));

const held: Gates = {
  hold: { name: "stop", until: at("2026-04-01"), reason: "x" },
  freeze: undefined,
  window: undefined,
};
const frozen: Gates = {
  hold: undefined,
  freeze: { until: at("2026-04-01"), reason: "x" },
  window: undefined,
};
const shut: Gates = { hold: undefined, freeze: undefined, window: { open: false } };
const seen = { preflight: "passed" } as const;
const two = [old(), fresh()];
const inPlace = { staging: 1, pushing: 0 };

describe("steps follow each other", () => {
  it.each<[string, Status, Partial<Situation>, string]>([
    ["preflight asks first", record({}), {}, "look preflight"],
    ["and leads to issue", record({}), { sights: seen }, "step.done: issue"],
    ["a new version is a new attempt", record({ step: "issue" }), {}, "issue of a new attempt"],
    ["verify asks", record({ step: "verify" }, two), { hasSecret: true }, "look verify"],
    [
      "and leads to stage",
      record({ step: "verify" }, two),
      { hasSecret: true, sights: { verified: "passed" } },
      "step.done: stage",
    ],
    ["staging is of the same attempt", record({ step: "stage" }, two), { hasSecret: true }, "stage"],
    ["promoting carries no secret", record({ step: "promote", pointOfNoReturn: true }, two), {}, "promote"],
    ["an abort is never held", record({ step: "abort" }, two), { gates: held }, "abort"],
    ["nor is a reactivation", confirmedRecord({ step: "reactivate" }), { gates: held }, "reactivate"],
    ["nor a containment", confirmedRecord({ step: "contain", emergency: true }), { gates: held }, "contain"],
    [
      "what cannot be contained is done",
      confirmedRecord({ step: "contain", emergency: true }),
      { canContain: false },
      "step.done: done",
    ],
    [
      "in place the secret is made with its staging",
      record({ recipe: "in-place", step: "stage" }),
      { shape: inPlace },
      "stage of a new attempt",
    ],
    [
      "and applied as the same",
      record({ recipe: "in-place", step: "apply", attempt: ATTEMPT }),
      { shape: inPlace, hasSecret: true },
      "apply",
    ],
    [
      "a value that was given is an attempt",
      record({ recipe: "value", step: "stage" }, []),
      { hasSecret: true },
      "stage of a new attempt",
    ],
    ["a value that was not ends it", record({ recipe: "value", step: "stage" }, []), {}, "look recovery"],
  ])("%s", (_name, status, fact, expected) => {
    expect(decide(status, fact)).toBe(expected);
  });
});

describe("a lost secret or a lost result", () => {
  const recovery = { observed: [shown(old())], staged: [], pushed: [], newUsed: false };
  it.each<[string, Status, Partial<Situation>, string]>([
    [
      "an intent of another process is probed",
      record({ step: "issue", phase: "intended", attempt: ATTEMPT }),
      {},
      "look recovery",
    ],
    [
      "our own was not tried yet",
      record({ step: "promote", phase: "intended" }, two),
      { ourIntent: true },
      "promote",
    ],
    [
      "what we hold the secret of is tried again",
      record({ step: "stage", phase: "intended" }, two),
      { hasSecret: true },
      "stage",
    ],
    [
      "the secret does not tell whether an end happened",
      confirmedRecord({ step: "deactivate", phase: "intended" }),
      { hasSecret: true },
      "look recovery",
    ],
    ["a secret that is gone", record({ step: "stage" }, two), {}, "look recovery"],
    [
      "and what follows",
      record({ step: "stage" }, two),
      { sights: { recovery } },
      "rotation.recovered: abort",
    ],
    [
      "no gate keeps a recovery back",
      record({ step: "stage" }, two),
      { gates: held, sights: { recovery } },
      "rotation.recovered: abort",
    ],
    [
      "nobody can tell about a push",
      record({ step: "push", phase: "intended" }, two),
      {
        shape: { staging: 0, pushing: 1 },
        sights: { recovery: { ...recovery, pushed: [{ label: "hook", held: "unknown" }] } },
      },
      "rotation.parked: push-unknown",
    ],
  ])("%s", (_name, status, fact, expected) => {
    expect(decide(status, fact)).toBe(expected);
  });
});

describe("gates", () => {
  const secret = { hasSecret: true };
  it.each<[string, Status, Partial<Situation>, string]>([
    ["a hold stops before the first effect", record({}), { gates: held }, "rest hold"],
    [
      "a freeze does not stop what has started",
      record({}),
      { gates: frozen, sights: seen },
      "step.done: issue",
    ],
    ["nor does a shut window", record({ step: "issue" }), { gates: shut }, "issue of a new attempt"],
    [
      "a hold waits for a safe place: not while the secret is in memory",
      record({ step: "stage" }, two),
      { gates: held, ...secret },
      "stage",
    ],
    [
      "but before consumers are told",
      record({ step: "promote" }, two),
      { gates: held, ...secret },
      "rest hold",
    ],
    [
      "in place: freeze and window count before the first effect",
      record({ recipe: "in-place" }),
      { gates: frozen, shape: inPlace },
      "rest freeze",
    ],
    ["in place: the window", record({ recipe: "in-place" }), { gates: shut, shape: inPlace }, "rest window"],
    [
      "in place: not between staging and apply",
      record({ recipe: "in-place", step: "apply", attempt: ATTEMPT }),
      { gates: held, shape: inPlace, ...secret },
      "apply",
    ],
    [
      "in place: not once it is applied",
      record({ recipe: "in-place", step: "promote", pointOfNoReturn: true }, two),
      { gates: held, shape: inPlace },
      "promote",
    ],
    [
      "downtime: issued again at once, window or hold or not",
      record({ recipe: "in-place-downtime", step: "apply", pointOfNoReturn: true }, two),
      { gates: { ...shut, hold: held.hold }, shape: { staging: 0, pushing: 1 } },
      "apply of a new attempt",
    ],
    [
      "downtime: the first time the window counts",
      record({ recipe: "in-place-downtime", step: "apply" }),
      { gates: shut, shape: { staging: 0, pushing: 1 } },
      "rest window",
    ],
    ["an adoption is held", record({ recipe: "adopt", step: "adopt" }, []), { gates: held }, "rest hold"],
    [
      "an emergency is not",
      record({ recipe: "adopt", step: "adopt", emergency: true }, []),
      { gates: held },
      "look adoption",
    ],
    [
      "nor anywhere else",
      record({ emergency: true, recipe: "in-place" }),
      { gates: { ...shut, hold: held.hold }, shape: inPlace },
      "look preflight",
    ],
    ["nor at promote", record({ step: "promote", emergency: true }, two), { gates: held }, "promote"],
  ])("%s", (_name, status, fact, expected) => {
    expect(decide(status, fact)).toBe(expected);
  });

  it("a rest lets the lease go", () => {
    const leased = record({ lease: { run: "run-1", epoch: 2, until: NOON } });
    const move = nextMove(leased, situation({ gates: held }));
    expect(move.kind === "rest" && move.status.rotation?.lease).toBeUndefined();
  });
});

describe("backoff and parking", () => {
  const wait = { why: "backoff", until: at("2026-03-10T13:00:00Z") } as const;
  const parked = (code: string): Partial<Rotation> => ({
    outcome: "parked",
    parked: { code, message: "x", at: NOON, commands: [] },
  });

  it.each<[string, Status, Partial<Situation>, string]>([
    ["is waited for", record({ wait }), {}, "rest backoff"],
    ["is over", record({ wait: { ...wait, until: NOON } }), {}, "look preflight"],
    ["not by who was asked now", record({ wait }), { explicit: true }, "look preflight"],
    ["not by an emergency", record({ wait, emergency: true }), {}, "look preflight"],
    ["a parked one rests", record(parked("x")), { explicit: true }, "rest"],
    [
      "one whose old version nobody could see rests while that lives",
      confirmedRecord({ step: "revoke", ...parked("evidence-missing") }, old({ expiresAt: addTo(NOON, 1) })),
      {},
      "rest",
    ],
    [
      "and goes on when it has come to its own end",
      confirmedRecord({ step: "revoke", ...parked("evidence-missing") }, old({ expiresAt: NOON })),
      {},
      "rotation.resumed: revoke",
    ],
    ["a parked emergency too", record({ ...parked("x"), emergency: true }), {}, "rest"],
    [
      "one without its document goes on to confirm",
      confirmedRecord({ step: "confirm" }),
      { documentGone: true },
      "look new-version",
    ],
    [
      "and is parked then",
      confirmedRecord({ step: "deactivate" }),
      { documentGone: true },
      "rotation.parked: document-gone",
    ],
    [
      "in soak too",
      confirmedRecord({ step: "revoke", deactivatedAt: NOON }),
      { documentGone: true },
      "rotation.parked: document-gone",
    ],
    [
      "an emergency ends it anyway",
      confirmedRecord({ step: "deactivate", emergency: true }),
      { documentGone: true },
      "deactivate",
    ],
    [
      "a document that is back needs no person",
      confirmedRecord({ step: "deactivate", ...parked("document-gone") }),
      {},
      "rotation.resumed: deactivate",
    ],
    [
      "while it is away nothing moves",
      confirmedRecord({ step: "deactivate", ...parked("document-gone") }),
      { documentGone: true },
      "rest",
    ],
  ])("%s", (_name, status, fact, expected) => {
    expect(decide(status, fact)).toBe(expected);
  });
});

describe("proof of use", () => {
  const promoted = (fact: Partial<Rotation> = {}, versions = [old(), fresh({ promoted: true })]) =>
    record(
      { step: "confirm", pointOfNoReturn: true, promotedAt: at("2026-03-10T11:50:00Z"), ...fact },
      versions,
    );
  const hook = (current: string) => ({
    newVersion: { confirming: [{ label: "hook", held: { current } }], use: "no-facility" as const },
  });
  const switched = { sights: hook(ATTEMPT.id) };
  const lagging = { sights: hook("attempt-0") };
  const word = { by: "carol", reason: "looked", at: NOON };

  it.each<[string, Status, Partial<Situation>, string]>([
    ["asks first", promoted(), {}, "look new-version"],
    ["the consumer has switched", promoted(), switched, "rotation.confirmed: deactivate"],
    ["the consumer has not", promoted(), lagging, "rest confirm"],
    [
      "nothing is left to end",
      promoted({}, [fresh({ promoted: true })]),
      switched,
      "rotation.confirmed: done",
    ],
    [
      "nothing is left to end in an emergency, which still contains what the ended ones minted",
      promoted({ emergency: true }, [fresh({ promoted: true })]),
      switched,
      "rotation.confirmed: deactivate",
    ],
    [
      "a person says that it is in use",
      promoted({ proceed: word }),
      lagging,
      "rotation.confirmed: deactivate",
    ],
    ["an emergency looks again", promoted({ emergency: true }), lagging, "poll until 2026-03-10T12:05:00Z"],
    [
      "but not longer than confirmWithin",
      promoted({ emergency: true, promotedAt: at("2026-03-10T11:45:00Z") }),
      lagging,
      "rotation.unconfirmed: deactivate",
    ],
    [
      "an emergency in place ends what the old one minted",
      promoted({ recipe: "in-place", emergency: true }),
      { ...switched, shape: inPlace },
      "rotation.confirmed: contain",
    ],
    [
      "in place the old one is gone already",
      promoted({ recipe: "in-place" }),
      { ...switched, shape: inPlace },
      "rotation.confirmed: done",
    ],
    [
      "an emergency by hand is over",
      promoted({ recipe: "value", emergency: true }),
      { ...switched, shape: inPlace },
      "rotation.confirmed: done",
    ],
  ])("%s", (_name, status, fact, expected) => {
    expect(decide(status, fact)).toBe(expected);
  });

  it("a person's word counts as no proof, so that the soak is doubled, and is spent by it", () => {
    const move = nextMove(promoted({ proceed: word }), situation());
    expect(move).toMatchObject({ status: { rotation: { confirmedBy: "none", confirmedAt: NOON } } });
    expect(move.kind === "go" && move.status.rotation?.proceed).toBeUndefined();
  });

  it("an emergency that did not wait for the proof does not claim it", () => {
    const late = promoted({ emergency: true, promotedAt: at("2026-03-10T11:00:00Z") });
    const move = nextMove(late, situation(lagging));
    expect(move.kind === "go" && move.status.rotation?.confirmedAt).toBeUndefined();
  });
});

describe("adoption", () => {
  const adopting = record({ recipe: "adopt", step: "adopt" }, []);
  it("asks, then marks under an attempt of its own", () => {
    expect(decide(adopting)).toBe("look adoption");
    const adoption = { kind: "adopt", current: shown(old()), others: [] } as const;
    expect(decide(adopting, { sights: { adoption } })).toBe("adopt of a new attempt");
  });

  it("parks what is for a person to decide", () => {
    const adoption = { kind: "refuse", code: "adoption-ambiguous", message: "two" } as const;
    expect(decide(adopting, { sights: { adoption } })).toBe("rotation.parked: adoption-ambiguous");
  });
});
