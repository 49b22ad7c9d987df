import { describe, expect, it } from "vitest";
import { ATTEMPT, confirmedRecord, fresh, old, record } from "../../testing/engine/record.ts";
import { at, status } from "../../testing/evaluation/world.ts";
import type { Rotation, Status } from "../state/status.ts";
import { emergencyCourse } from "./emergency.ts";
import { escalated, retiring } from "./transition.ts";

/** The new version of the fixtures was made on 2 March. */
const BEFORE_IT = at("2026-03-01");
const AFTER_IT = at("2026-03-05");
const OTHER = { rotation: "rotation-1", attempt: "attempt-9", epoch: 2 };

function told(
  before: Status,
  incident = AFTER_IT,
  options: { revokeFirst?: boolean; slots?: 1 | 2 } = {},
): string {
  const { revokeFirst = false, slots = 2 } = options;
  const found = emergencyCourse(before, { at: incident, because: "incident", revokeFirst }, slots);
  return found.kind === "open" ? `open${found.clearFirst ? ", clear first" : ""}` : found.kind;
}

describe("without an open rotation", () => {
  const one = status("orders-db", { versions: [old()] });
  it("a new one replaces first, or revokes first where that is asked for", () => {
    expect(told(one)).toBe("open");
    expect(told(one, AFTER_IT, { revokeFirst: true })).toBe("open, clear first");
  });

  it("a burnt version beside the one in use goes first, to free its slot", () => {
    expect(told(status("orders-db", { versions: [old(), fresh()] }))).toBe("open, clear first");
    expect(told(status("orders-db", { versions: [old(), fresh()] }), AFTER_IT, { slots: 1 })).toBe("open");
  });
});

describe("on top of an open rotation", () => {
  it.each<[string, Status, typeof BEFORE_IT, string]>([
    ["nothing issued yet: it goes on as the emergency", record({ step: "preflight" }), AFTER_IT, "escalate"],
    [
      "its new version is newer: it goes on",
      record({ step: "promote" }, [old(), fresh()]),
      BEFORE_IT,
      "escalate",
    ],
    [
      "so it does in soak, where the burnt one ends",
      confirmedRecord({ step: "revoke" }),
      BEFORE_IT,
      "escalate",
    ],
    [
      "and where it was parked",
      confirmedRecord({ step: "revoke", outcome: "parked" }),
      BEFORE_IT,
      "escalate",
    ],
    [
      "its unpromoted version is burnt: that goes first",
      record({ step: "promote" }, [old(), fresh()]),
      AFTER_IT,
      "open, clear first",
    ],
    [
      "its promoted version is burnt: the one in soak goes first",
      confirmedRecord({ step: "revoke" }),
      AFTER_IT,
      "open, clear first",
    ],
    [
      "made in the very second of the incident is burnt",
      record({ step: "promote" }, [old(), fresh()]),
      at("2026-03-02"),
      "open, clear first",
    ],
    [
      "an effect may have happened: its recovery comes first",
      record({ step: "issue", phase: "intended", attempt: ATTEMPT }),
      AFTER_IT,
      "escalate",
    ],
    [
      "also where nobody could tell and it was parked",
      record({ step: "push", phase: "intended", outcome: "parked" }, [old(), fresh()]),
      AFTER_IT,
      "escalate",
    ],
    [
      "something unrecorded may live: its removal comes first",
      record({ step: "abort", attempt: ATTEMPT }),
      AFTER_IT,
      "escalate",
    ],
    [
      "an adoption that is not done goes on as the emergency",
      { ...unadopted(), rotation: rotationOf({ recipe: "adopt", step: "adopt" }) },
      AFTER_IT,
      "escalate",
    ],
    [
      "one that waits for an idle version is overtaken",
      record({ recipe: "adopt", step: "deactivate" }, [
        old(),
        old({ handle: "b", slot: "b", promoted: false, mark: OTHER }),
      ]),
      AFTER_IT,
      "open, clear first",
    ],
    [
      "a retirement goes on as the emergency: there is no successor",
      record({ recipe: "retire", step: "deactivate" }),
      AFTER_IT,
      "escalate",
    ],
  ])("%s", (_name, before, incident, expected) => {
    expect(told(before, incident)).toBe(expected);
  });

  it.each<[string, Status, typeof BEFORE_IT, string]>([
    [
      "the same incident",
      record({ step: "promote", emergency: true, openedAt: at("2026-03-06") }, [old(), fresh()]),
      AFTER_IT,
      "none",
    ],
    [
      "the same incident, declared in the second in which it was opened",
      record({ step: "revoke", emergency: true, openedAt: AFTER_IT }, [
        old(),
        old({ handle: "b", slot: "b", promoted: false }),
      ]),
      AFTER_IT,
      "none",
    ],
    [
      "a second one, after the new version was made",
      record({ step: "confirm", emergency: true, openedAt: BEFORE_IT }, [old(), fresh()]),
      AFTER_IT,
      "open, clear first",
    ],
    [
      "a second one, before it was made",
      record({ step: "confirm", emergency: true, openedAt: at("2026-02-01") }, [old(), fresh()]),
      BEFORE_IT,
      "none",
    ],
    [
      "a second one, before anything was made",
      record({ step: "preflight", emergency: true, openedAt: BEFORE_IT }),
      AFTER_IT,
      "none",
    ],
  ])("that is an emergency: %s", (_name, before, incident, expected) => {
    expect(told(before, incident)).toBe(expected);
  });

  it("told to revoke first, one that has not issued yet is overtaken", () => {
    expect(told(record({ step: "preflight" }), AFTER_IT, { revokeFirst: true })).toBe("open, clear first");
  });
});

function unadopted(): Status {
  const { adoptedAt: _, ...rest } = record({}, []);
  return rest;
}

function rotationOf(fact: Partial<Rotation>): Rotation {
  const { rotation } = record(fact);
  if (rotation === undefined) throw new Error("no rotation");
  return rotation;
}

describe("escalation", () => {
  it("drops what it waited for, was parked for, and meant to end as", () => {
    const before = record(
      {
        step: "confirm",
        wait: { why: "confirm" },
        closing: "rolled-back",
        outcome: "parked",
        parked: { code: "x", message: "x", at: AFTER_IT, commands: [] },
      },
      [old(), fresh()],
    );
    const { rotation } = escalated(before, "incident");
    expect(rotation).toMatchObject({
      outcome: "open",
      emergency: true,
      because: "incident",
      step: "confirm",
    });
    for (const key of ["wait", "parked", "closing"]) expect(rotation).not.toHaveProperty(key);
  });

  it("a burnt version that was about to come back to life ends instead", () => {
    const before = confirmedRecord({ step: "reactivate", phase: "intended" }, old({ live: false }));
    expect(escalated(before, "incident").rotation).toMatchObject({ step: "revoke", phase: "ready" });
  });
});

describe("what ends", () => {
  const handles = (before: Status) => retiring(before).map(({ handle }) => handle);
  const emergency = { emergency: true, step: "revoke" } as const;
  const policy = rotationOf({}).pinned.policy;
  const pinned = {
    ...rotationOf({}).pinned,
    policy: { ...policy, emergency: { ...policy.emergency, order: "revoke-first" as const } },
  };
  const pair = [old(), fresh({ mark: OTHER })];

  it.each<[string, Status, readonly string[]]>([
    ["replace first: all but the one in use, to free the slot", record(emergency, pair), ["b@1"]],
    ["revoke first: everything", record({ ...emergency, pinned }, pair), ["a", "b@1"]],
    [
      "also what carries no mark",
      record({ ...emergency, pinned }, [old({ mark: undefined as never })]),
      ["a"],
    ],
    ["after the new version is made: everything else", confirmedRecord({ ...emergency, pinned }), ["a"]],
    ["a retirement: everything", record({ recipe: "retire" }, pair), ["a", "b@1"]],
    [
      "an adoption: all but the one in use",
      record({ recipe: "adopt", attempt: { ...ATTEMPT, id: "attempt-0" } }, pair),
      ["b@1"],
    ],
  ])("%s", (_name, before, expected) => {
    expect(handles(before)).toEqual(expected);
  });
});
