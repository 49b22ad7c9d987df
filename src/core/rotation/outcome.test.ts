import { describe, expect, it } from "vitest";
import { confirmedRecord, fresh, NOON, old, record, situation } from "../../testing/engine/record.ts";
import { at } from "../../testing/evaluation/world.ts";
import type { RecipeName, Rotation, Status, Step, VersionFact } from "../state/status.ts";
import { MAX_FAILURES } from "./backoff.ts";
import { afterApplied, afterFailure, type Failure } from "./outcome.ts";

const around = { ...situation(), jitter: 0 };
const refused: Failure = { code: "refused", message: "no", final: false, refused: true };
const doubtful: Failure = { code: "time-out", message: "no answer", final: false, refused: false };
const final: Failure = { ...refused, final: true };

/** Step, phase, failures, hours to the next try, and how it stands. */
function told({ rotation }: Status): string {
  if (rotation === undefined) return "no rotation";
  const { step, phase, failures, wait, outcome, parked } = rotation;
  if (outcome === "parked") return `parked ${parked?.code} at ${step} (${parked?.commands.join(", ")})`;
  if (outcome !== "open") return outcome;
  // What the abort waits for is of no interest: it is done at once.
  if (step === "abort") return `abort ${phase} after ${failures}`;
  const hours =
    wait?.until === undefined ? "at once" : `in ${(Date.parse(wait.until) - Date.parse(NOON)) / 3_600_000} h`;
  return `${step} ${phase} after ${failures} ${hours}`;
}

const intended = (
  recipe: RecipeName,
  step: Step,
  fact: Partial<Rotation> = {},
  versions: readonly VersionFact[] = [old(), fresh()],
) =>
  record(
    {
      recipe,
      step,
      phase: "intended",
      pointOfNoReturn: ["promote", "push", "deactivate", "revoke"].includes(step),
      ...fact,
    },
    versions,
  );

describe("a failed step", () => {
  it.each<[RecipeName, Step, Failure, string]>([
    ["overlap", "issue", refused, "abort ready after 1"],
    ["overlap", "issue", doubtful, "abort ready after 1"],
    ["overlap", "stage", refused, "abort ready after 1"],
    ["overlap", "stage", doubtful, "stage intended after 1 in 1 h"],
    ["overlap", "push", refused, "abort ready after 1"],
    ["overlap", "push", doubtful, "push intended after 1 in 1 h"],
    ["overlap", "promote", refused, "promote ready after 1 in 1 h"],
    ["overlap", "promote", doubtful, "promote intended after 1 in 1 h"],
    ["overlap", "deactivate", doubtful, "deactivate intended after 1 in 1 h"],
    ["overlap", "revoke", refused, "revoke ready after 1 in 1 h"],
    ["overlap", "abort", doubtful, "abort intended after 1"],
    ["overlap", "promote", final, "parked refused at promote (retry)"],
    ["overlap", "abort", final, "parked refused at abort (retry, rollback)"],
    ["in-place", "stage", refused, "abort ready after 1"],
    ["in-place", "apply", refused, "abort ready after 1"],
    ["in-place", "apply", doubtful, "apply intended after 1 in 1 h"],
    ["in-place-downtime", "apply", doubtful, "apply intended after 1 at once"],
    ["in-place-downtime", "push", refused, "apply ready after 1 at once"],
  ])("%s: %s", (recipe, step, failure, expected) => {
    expect(told(afterFailure(intended(recipe, step), step, failure, around))).toBe(expected);
  });

  it("an issue that was definitely refused left nothing: a new attempt after the backoff", () => {
    const status = intended(
      "overlap",
      "issue",
      { attempt: { id: "attempt-1", number: 1, startedAt: NOON } },
      [old()],
    );
    const after = afterFailure(status, "issue", refused, around);
    expect(told(after)).toBe("preflight ready after 1 in 1 h");
    expect(after.rotation?.attempt).toBeUndefined();
  });

  it("an issue in doubt may have left one: it is dropped everywhere before the next attempt", () => {
    const attempt = { id: "attempt-1", number: 1, startedAt: NOON };
    const after = afterFailure(intended("overlap", "issue", { attempt }, [old()]), "issue", doubtful, around);
    expect(told(after)).toBe("abort ready after 1");
    expect(after.rotation?.attempt?.id).toBe("attempt-1");
  });

  it("an abort never drops a version that consumers were told to use", () => {
    const status = record({ step: "abort", phase: "intended" }, [old(), fresh({ promoted: true })]);
    const after = afterApplied(status, "abort", {}, around);
    expect(after.versions.map(({ handle }) => handle)).toEqual(["a", "b@1"]);
  });

  it("a verification that fails before anybody was told drops the attempt; in place its consumer gets it anyway", () => {
    const two = record({ step: "verify" }, [old(), fresh()]);
    expect(afterFailure(two, "verify", refused, around).rotation?.step).toBe("abort");
    const one = record({ recipe: "in-place", step: "verify", pointOfNoReturn: true }, [fresh({ slot: "a" })]);
    expect(told(afterFailure(one, "verify", final, around))).toBe("promote ready after 0 at once");
    const push = { ...around, shape: { staging: 0, pushing: 1 } };
    const out = record({ recipe: "in-place-downtime", step: "verify", pointOfNoReturn: true }, [
      fresh({ slot: "a" }),
    ]);
    expect(told(afterFailure(out, "verify", final, push))).toBe("push ready after 1 at once");
  });
});

describe("tries are bounded", () => {
  it("backs off from 1 h, doubling to 32 h, then a person must look", () => {
    let status = intended("overlap", "promote", { pointOfNoReturn: true });
    const seen: string[] = [];
    for (let tries = 0; tries < MAX_FAILURES; tries += 1) {
      status = afterFailure(status, "promote", refused, around);
      seen.push(told(status));
    }
    expect(seen.map((line) => line.split(" in ")[1] ?? line)).toEqual([
      "1 h",
      "2 h",
      "4 h",
      "8 h",
      "16 h",
      "32 h",
      "parked refused at promote (retry)",
    ]);
  });

  it("a push that is always refused parks, though every new attempt passes the point of no return anew", () => {
    let status = record({ step: "preflight" }, [old()]);
    let tries = 0;
    while (status.rotation?.outcome === "open" && tries < 20) {
      tries += 1;
      const pushing: Status = {
        ...status,
        versions: [old(), fresh()],
        rotation: {
          ...status.rotation,
          attempt: { id: "attempt-1", number: tries, startedAt: NOON, handle: "b@1" },
          step: "push",
          phase: "intended",
          pointOfNoReturn: true,
        },
      };
      const failed = afterFailure(pushing, "push", refused, around);
      status = afterApplied(failed, "abort", {}, around);
    }
    expect(tries).toBe(MAX_FAILURES);
    expect(told(status)).toBe("parked refused at preflight (retry, rollback)");
  });

  it("a consumer that is out gets another password at once, three times, then later, and in the end a person", () => {
    let status = record({ recipe: "in-place-downtime", step: "push", pointOfNoReturn: true }, [
      fresh({ slot: "a" }),
    ]);
    const seen: string[] = [];
    while (status.rotation?.outcome === "open" && seen.length < 20) {
      status = afterFailure(
        { ...status, rotation: { ...status.rotation, step: "push", phase: "intended" } },
        "push",
        refused,
        around,
      );
      seen.push(told(status));
      if (status.rotation?.outcome !== "open") break;
      const applying: Status = { ...status, rotation: { ...status.rotation, phase: "intended" } };
      const facts = { handle: `a@${seen.length}`, slot: "a", createdAt: NOON };
      status = afterApplied(
        applying,
        "apply",
        { issued: facts },
        { ...around, shape: { staging: 0, pushing: 1 } },
      );
    }
    expect(seen).toEqual([
      "apply ready after 1 at once",
      "apply ready after 2 at once",
      "apply ready after 3 at once",
      "apply ready after 4 in 8 h",
      "apply ready after 5 in 16 h",
      "apply ready after 6 in 32 h",
      "parked refused at apply (retry)",
    ]);
  });

  it("in place with downtime nothing is urgent while the old password is in force", () => {
    const status = intended("in-place-downtime", "apply", { pointOfNoReturn: true }, [old()]);
    expect(
      told(
        afterFailure(
          {
            ...status,
            rotation: { ...required(status), attempt: { id: "attempt-1", number: 1, startedAt: NOON } },
          },
          "apply",
          refused,
          around,
        ),
      ),
    ).toBe("preflight ready after 1 in 1 h");
  });

  it("failures of a step that is behind are forgotten", () => {
    const status = record({ step: "promote", phase: "intended", failures: 5, pointOfNoReturn: true }, [
      old(),
      fresh(),
    ]);
    expect(afterApplied(status, "promote", {}, around).rotation?.failures).toBe(0);
  });

  it("a final failure parks after what was begun is cleaned up", () => {
    const failed = afterFailure(intended("overlap", "stage"), "stage", final, around);
    expect(told(failed)).toMatch(/^abort ready/);
    expect(told(afterApplied(failed, "abort", {}, around))).toBe(
      "parked refused at preflight (retry, rollback)",
    );
  });

  it("an abort that recovery asked for is no failure and delays nothing", () => {
    const status = record({ step: "abort", phase: "intended" }, [old(), fresh()]);
    expect(told(afterApplied(status, "abort", {}, around))).toBe("preflight ready after 0 at once");
  });

  it("a value that a person gave is not tried again without the person", () => {
    const failed = afterFailure(
      record(
        {
          recipe: "value",
          step: "stage",
          phase: "intended",
          attempt: { id: "attempt-1", number: 1, startedAt: NOON },
        },
        [],
      ),
      "stage",
      refused,
      around,
    );
    expect(told(afterApplied(failed, "abort", {}, around))).toBe("aborted");
  });
});

function required(status: Status): Rotation {
  if (status.rotation === undefined) throw new Error("no rotation");
  return status.rotation;
}

describe("an applied step", () => {
  it.each<[string, Status, Step, string]>([
    [
      "an issued version lives and is promoted by nobody",
      record({ step: "issue", phase: "intended", attempt: { id: "attempt-1", number: 1, startedAt: NOON } }),
      "issue",
      "verify",
    ],
    [
      "a staged one goes to promote",
      record({ step: "stage", phase: "intended" }, [old(), fresh()]),
      "stage",
      "promote",
    ],
    [
      "a deactivated one soaks",
      confirmedRecord({ step: "deactivate", phase: "intended" }),
      "deactivate",
      "revoke",
    ],
    [
      "a reactivated one has the proof of use start over",
      confirmedRecord({ step: "reactivate", phase: "intended" }, old({ live: false })),
      "reactivate",
      "confirm",
    ],
    [
      "an emergency contains what it revoked",
      confirmedRecord({ step: "revoke", phase: "intended", emergency: true }),
      "revoke",
      "contain",
    ],
    [
      "one that cleared its slot first makes the new version",
      record({ step: "contain", phase: "intended", emergency: true }),
      "contain",
      "preflight",
    ],
  ])("%s", (_name, status, step, next) => {
    const facts = { handle: "b@1", slot: "b", createdAt: NOON };
    const after = afterApplied(status, step, step === "issue" ? { issued: facts } : {}, around);
    expect(after.rotation).toMatchObject({ outcome: "open", step: next, phase: "ready" });
  });

  it.each<[string, Status, Step]>([
    [
      "an emergency is over after its containment",
      confirmedRecord({ step: "contain", phase: "intended", emergency: true }),
      "contain",
    ],
    [
      "one of an adoption, which has no successor to be contained against, is over with its revocation",
      record({ recipe: "adopt", step: "revoke", phase: "intended", emergency: true }, [
        old(),
        old({ handle: "b", slot: "b", promoted: false, live: false }),
      ]),
      "revoke",
    ],
    [
      "so is one of a retired credential",
      record({ recipe: "retire", step: "contain", phase: "intended", emergency: true }, []),
      "contain",
    ],
    [
      "a rotation is over after the revocation",
      confirmedRecord({ step: "revoke", phase: "intended" }),
      "revoke",
    ],
  ])("%s", (_name, status, step) => {
    expect(afterApplied(status, step, {}, around).rotation?.outcome).toBe("done");
  });

  it("a retired credential that is reactivated has nothing to confirm: its silence is proven anew", () => {
    const asleep = old({ live: false, deactivatedAt: at("2026-03-01") });
    const status = record(
      {
        recipe: "retire",
        step: "reactivate",
        phase: "intended",
        deactivatedAt: at("2026-03-01"),
        silentSince: at("2026-02-01"),
      },
      [asleep],
    );
    const after = afterApplied(status, "reactivate", {}, around);
    expect(after.rotation).toMatchObject({ step: "deactivate" });
    expect(after.rotation?.silentSince).toBeUndefined();
    expect(after.versions[0]?.live).toBe(true);
  });

  it("a person's word does not survive a reactivation", () => {
    const word = { by: "carol", reason: "checked", at: at("2026-03-01") };
    const after = afterApplied(
      confirmedRecord({ step: "reactivate", phase: "intended", proceed: word }),
      "reactivate",
      {},
      around,
    );
    expect(after.rotation?.proceed).toBeUndefined();
  });

  it("the old version stays one that consumers were told to use, and keeps the second in which it was switched off", () => {
    const promoted = afterApplied(record({ step: "promote" }, [old(), fresh()]), "promote", {}, around);
    expect(promoted.versions.map((version) => version.promoted)).toEqual([true, true]);
    const earlier = at("2026-03-09");
    const two = [old({ deactivatedAt: earlier }), old({ handle: "b", slot: "b", promoted: false })];
    const status = record({ recipe: "retire", step: "deactivate", phase: "intended" }, two);
    const { versions, rotation } = afterApplied(status, "deactivate", {}, around);
    expect(versions.map(({ deactivatedAt, live }) => [deactivatedAt, live])).toEqual([
      [earlier, false],
      [around.now, false],
    ]);
    expect(rotation?.deactivatedAt).toBe(around.now);
  });

  it("in place the new version takes the slot, and the replaced one is remembered for containment", () => {
    const status = record({
      recipe: "in-place",
      step: "apply",
      phase: "intended",
      attempt: { id: "attempt-1", number: 1, startedAt: NOON, handle: "a@1", slot: "a", createdAt: NOON },
    });
    const after = afterApplied(status, "apply", {}, around);
    expect(after.versions.map(({ handle }) => handle)).toEqual(["a@1"]);
    expect(after.rotation?.ended).toEqual([{ handle: "a", slot: "a" }]);
  });

  it("an adoption is over, unless an idle version can still log in", () => {
    const status = record({ recipe: "adopt", step: "adopt", phase: "intended" }, []);
    const alone = afterApplied(status, "adopt", { adopted: { versions: [old()], identity: "i" } }, around);
    expect(alone).toMatchObject({ adoptedAt: NOON, identity: "i", rotation: { outcome: "done" } });
    const idle = old({ handle: "b", slot: "b", promoted: false });
    const pair = afterApplied(
      status,
      "adopt",
      { adopted: { versions: [old(), idle], identity: "i" } },
      around,
    );
    expect(pair.rotation).toMatchObject({ outcome: "open", step: "deactivate" });
  });
});
