import { describe, expect, it } from "vitest";
import { ATTEMPT, confirmedRecord, fresh, NOON, old, record } from "../../testing/engine/record.ts";
import { at, status } from "../../testing/evaluation/world.ts";
import type { Request } from "../state/facts.ts";
import type { Rotation, Status } from "../state/status.ts";
import { answer, helpfulVerbs } from "./request.ts";
import { intend } from "./transition.ts";

function said(verb: Request["verb"]): Request {
  return {
    schemaVersion: 1,
    id: "request-1",
    verb,
    credential: "orders-db",
    at: NOON,
    by: "carol",
    reason: "looked",
  };
}

function told(before: Status | undefined, verb: Request["verb"]): string {
  const answered = answer(before, said(verb), NOON);
  if (!answered.accepted) return `refused: ${answered.detail}`;
  const { rotation } = answered.status;
  return `${rotation?.step} ${rotation?.outcome}${rotation?.closing === undefined ? "" : ` ${rotation.closing}`}`;
}

const parked: Partial<Rotation> = {
  outcome: "parked",
  failures: 7,
  parked: { code: "x", message: "x", at: NOON, commands: ["retry"] },
};

describe("retry", () => {
  it("takes a parked one up again, with a clean count", () => {
    const answered = answer(record({ step: "promote", ...parked }, [old(), fresh()]), said("retry"), NOON);
    expect(answered).toMatchObject({
      accepted: true,
      status: { rotation: { outcome: "open", failures: 0, step: "promote" } },
    });
    expect(answered.accepted && answered.status.rotation?.parked).toBeUndefined();
  });

  it("ends a backoff", () => {
    const waiting = record({ wait: { why: "backoff", until: at("2026-04-01") } });
    const answered = answer(waiting, said("retry"), NOON);
    expect(answered.accepted && answered.status.rotation?.wait).toBeUndefined();
  });

  it("has a record that was behind compared again", () => {
    const behind = status("orders-db", { behind: { code: "drift", message: "x", since: NOON } });
    const answered = answer(behind, said("retry"), NOON);
    expect(answered.accepted && answered.status.behind).toBeUndefined();
    expect(told(behind, "rollback")).toBe("refused: no rotation is open");
  });

  it.each([undefined, status("orders-db"), record({ outcome: "done" })])(
    "means nothing without an open rotation",
    (before) => {
      expect(told(before, "retry")).toBe("refused: no rotation is open");
    },
  );
});

describe("rollback", () => {
  const asleep = old({ live: false, deactivatedAt: at("2026-03-05") });
  it.each<[string, Status, string]>([
    ["before anything happened", record({ step: "preflight" }), "abort open rolled-back"],
    ["before the point of no return", record({ step: "stage" }, [old(), fresh()]), "abort open rolled-back"],
    ["of a parked one", record({ step: "preflight", ...parked }), "abort open rolled-back"],
    [
      "in place, before apply",
      record({ recipe: "in-place", step: "apply", attempt: ATTEMPT }),
      "abort open rolled-back",
    ],
    [
      "in soak",
      confirmedRecord({ step: "revoke", deactivatedAt: at("2026-03-05") }, asleep),
      "reactivate open",
    ],
    [
      "of a retired one in soak",
      record({ recipe: "retire", step: "revoke", deactivatedAt: at("2026-03-05") }, [asleep]),
      "reactivate open",
    ],
    [
      "while a deactivation is in doubt",
      confirmedRecord({ step: "deactivate", phase: "intended" }),
      "reactivate open",
    ],
    ["before the deactivation", confirmedRecord({ step: "deactivate" }), "confirm open"],
    [
      "where nothing can be taken back, before the revocation",
      confirmedRecord({ step: "revoke" }),
      "confirm open",
    ],
    [
      "after a push in doubt that a person looked at",
      record(
        {
          step: "push",
          phase: "intended",
          outcome: "parked",
          parked: { code: "push-unknown", message: "", at: NOON, commands: [] },
        },
        [old(), fresh()],
      ),
      "abort open rolled-back",
    ],
  ])("%s", (_name, before, expected) => {
    expect(told(before, "rollback")).toBe(expected);
  });

  it.each<[string, Status]>([
    ["of an emergency", record({ step: "stage", emergency: true }, [old(), fresh()])],
    ["after the promote", confirmedRecord({ step: "confirm" })],
    ["while consumers are being told", record({ step: "promote", pointOfNoReturn: true }, [old(), fresh()])],
    [
      "in place, after apply",
      record({ recipe: "in-place", step: "promote", pointOfNoReturn: true }, [fresh()]),
    ],
    [
      "while a push is in doubt and nobody asked its target",
      record({ step: "push", phase: "intended", pointOfNoReturn: true }, [old(), fresh()]),
    ],
    [
      "while a revocation is in doubt",
      confirmedRecord({ step: "revoke", phase: "intended", deactivatedAt: NOON }, asleep),
    ],
    ["of an adoption", record({ recipe: "adopt", step: "adopt" })],
    [
      "where the provider is ahead of the record",
      record({
        step: "issue",
        outcome: "parked",
        parked: { code: "state-behind", message: "x", at: NOON, commands: ["retry"] },
      }),
    ],
  ])("is refused %s", (_name, before) => {
    expect(told(before, "rollback")).toMatch(/^refused: /);
  });

  it("of an adoption says what helps: nobody was told to use anything new", () => {
    const adoption = record({ recipe: "adopt", step: "adopt" });
    expect(told(adoption, "rollback")).toContain("correct the document");
  });

  it("before the deactivation it starts grace and quiet anew", () => {
    const before = confirmedRecord({
      step: "deactivate",
      silentSince: at("2026-03-03"),
      silenceSampled: true,
    });
    const answered = answer(before, said("rollback"), NOON);
    expect(answered.accepted && answered.status.rotation).not.toHaveProperty("silentSince");
    expect(answered.accepted && answered.status.rotation).not.toHaveProperty("confirmedAt");
  });
});

describe("proceed", () => {
  it.each<[string, Status]>([
    ["nobody can confirm", confirmedRecord({ step: "confirm" })],
    ["nobody can see the old one", confirmedRecord({ step: "deactivate" })],
    ["it cannot be undone", confirmedRecord({ step: "revoke", ...parked })],
    [
      "a push is in doubt",
      record(
        {
          step: "push",
          phase: "intended",
          outcome: "parked",
          parked: { code: "push-unknown", message: "", at: NOON, commands: [] },
        },
        [old(), fresh()],
      ),
    ],
  ])("is a person's word where %s", (_name, before) => {
    const answered = answer(before, said("proceed"), NOON);
    expect(answered).toMatchObject({
      accepted: true,
      status: { rotation: { outcome: "open", proceed: { by: "carol", reason: "looked", at: NOON } } },
    });
  });

  it.each<Partial<Rotation>>([
    { step: "preflight" },
    { step: "stage" },
    { step: "promote" },
    { step: "push", phase: "intended" },
  ])("means nothing where nothing waits for evidence", (fact) => {
    expect(told(record(fact, [old(), fresh()]), "proceed")).toMatch(/cre retry orders-db/);
  });
});

it("a park names only commands that would be accepted", () => {
  const all = [
    record({ step: "preflight" }),
    record({ step: "promote", pointOfNoReturn: true }, [old(), fresh()]),
    record({ step: "stage", emergency: true }, [old(), fresh()]),
    confirmedRecord({ step: "deactivate" }),
    confirmedRecord({ step: "revoke", phase: "intended" }),
    record({ recipe: "adopt", step: "adopt" }),
    record({ recipe: "in-place-downtime", step: "apply", pointOfNoReturn: true }, [fresh()]),
  ];
  for (const before of all) {
    for (const verb of helpfulVerbs(before)) expect(answer(before, said(verb), NOON).accepted).toBe(true);
  }
});

it("what a person said about one attempt does not speak of the next one", () => {
  const word = { by: "carol", reason: "the target has it", at: NOON };
  const grant = { epoch: 3, lease: { run: "run-2", epoch: 3, until: NOON } };
  const before = record({ step: "issue", proceed: word });
  const same = intend(record({ step: "revoke", proceed: word }), "revoke", grant, NOON);
  expect(same.rotation?.proceed).toEqual(word);
  expect(intend(before, "issue", { ...grant, attempt: "attempt-2" }, NOON).rotation?.proceed).toBeUndefined();
});
