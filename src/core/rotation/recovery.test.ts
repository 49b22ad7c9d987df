import { describe, expect, it } from "vitest";
import { ATTEMPT, confirmedRecord, fresh, NOON, old, record, shown } from "../../testing/engine/record.ts";
import type { Held } from "../ports/delivery.ts";
import type { ObservedVersion } from "../ports/rotator.ts";
import type { Rotation, Status, VersionFact } from "../state/status.ts";
import { type Recovery, type RecoverySight, recover } from "./recovery.ts";

const NOTHING: RecoverySight = { observed: [], staged: [], pushed: [], newUsed: false };
const BOTH = { staging: 1, pushing: 1 };

function told(found: Recovery): string {
  if (found.kind === "park") return `park ${found.code}`;
  if (found.kind === "wait") return `wait until ${found.until}`;
  const { rotation } = found.status;
  return rotation?.outcome === "open" ? `${rotation.step} ${rotation.phase}` : `${rotation?.outcome}`;
}

const seen = (...observed: readonly ObservedVersion[]): RecoverySight => ({ ...NOTHING, observed });
const holding = (held: Held | "unknown"): RecoverySight => ({
  ...NOTHING,
  pushed: [{ label: "hook", held }],
});
const dead = (
  fact: Partial<Rotation>,
  status = record({ phase: "intended", ...fact }, [old(), fresh()]),
): Status => status;

describe("two slots", () => {
  it.each<[string, Status, RecoverySight, string]>([
    [
      "died at issue: the orphan goes, a new attempt follows",
      dead({ step: "issue" }),
      NOTHING,
      "abort ready",
    ],
    [
      "the secret is lost before verify",
      record({ step: "verify" }, [old(), fresh()]),
      NOTHING,
      "abort ready",
    ],
    ["died at stage", dead({ step: "stage" }), NOTHING, "abort ready"],
    [
      "the secret is lost before its push",
      record({ step: "push" }, [old(), fresh()]),
      holding("unknown"),
      "abort ready",
    ],
    [
      "died at promote: only forward",
      dead({ step: "promote", pointOfNoReturn: true }),
      NOTHING,
      "promote ready",
    ],
    ["died at abort: it goes on", dead({ step: "abort" }), NOTHING, "abort ready"],
    [
      "died at push, the target has it",
      dead({ step: "push" }),
      holding({ current: ATTEMPT.id }),
      "promote ready",
    ],
    [
      "died at push, the provider saw it used",
      dead({ step: "push" }),
      { ...holding("unknown"), newUsed: true },
      "promote ready",
    ],
    [
      "died at push, the target has another",
      dead({ step: "push" }),
      holding({ current: "attempt-0" }),
      "abort ready",
    ],
    ["died at push, the target never had any", dead({ step: "push" }), holding({}), "abort ready"],
    ["died at push, there is no target to ask", dead({ step: "push" }), NOTHING, "abort ready"],
    ["died at push, nobody can tell", dead({ step: "push" }), holding("unknown"), "park push-unknown"],
    ["died half way in a push", dead({ step: "push" }), holding({ unclear: true }), "park push-unknown"],
    [
      "died at push, nobody can tell, in an emergency",
      dead({ step: "push", emergency: true }),
      holding("unknown"),
      "abort ready",
    ],
    [
      "died at push, nobody can tell, a person looked",
      dead({ step: "push", proceed: { by: "carol", reason: "looked", at: NOON } }),
      holding("unknown"),
      "promote ready",
    ],
  ])("%s", (_name, status, sight, expected) => {
    expect(told(recover(status, sight, BOTH, NOON))).toBe(expected);
  });

  it("a push that arrived counts as promoted", () => {
    const found = recover(dead({ step: "push" }), holding({ current: ATTEMPT.id }), BOTH, NOON);
    expect(found).toMatchObject({ status: { rotatedAt: NOON, rotation: { promotedAt: NOON } } });
  });

  it("a person's word about a push is spent by it", () => {
    const proceed = { by: "carol", reason: "looked", at: NOON };
    const found = recover(dead({ step: "push", proceed }), holding("unknown"), BOTH, NOON);
    expect(found.kind === "go" && found.status.rotation?.proceed).toBeUndefined();
  });

  it("recovering is no failed attempt: nothing is counted, nothing delayed", () => {
    const found = recover(dead({ step: "issue", failures: 2 }), NOTHING, BOTH, NOON);
    expect(found).toMatchObject({ status: { rotation: { failures: 2 } } });
    expect(found.kind === "go" && found.status.rotation?.wait).toBeUndefined();
  });

  it("a step that is only repeated keeps what it failed with so far", () => {
    const found = recover(dead({ step: "promote", failures: 4 }), NOTHING, BOTH, NOON);
    expect(found).toMatchObject({ status: { rotation: { step: "promote", failures: 4 } } });
  });
});

describe("the end of the old version", () => {
  const deactivating = confirmedRecord({ step: "deactivate", phase: "intended" });
  const revoking = confirmedRecord(
    { step: "revoke", phase: "intended", deactivatedAt: NOON },
    old({ live: false }),
  );

  it.each<[string, Status, RecoverySight, string]>([
    [
      "a deactivation that did not happen is decided again",
      deactivating,
      seen(shown(old())),
      "deactivate ready",
    ],
    [
      "one that did soaks",
      deactivating,
      seen(shown(old(), { live: false, reactivatable: true })),
      "revoke ready",
    ],
    [
      "a revocation that did not happen is decided again",
      revoking,
      seen(shown(old({ live: false }))),
      "revoke ready",
    ],
    ["one that did is the end", revoking, NOTHING, "done"],
    [
      "one that did, and left its mark in the slot",
      revoking,
      seen(shown(old({ live: false }), { reactivatable: false })),
      "done",
    ],
  ])("%s", (_name, status, sight, expected) => {
    expect(told(recover(status, sight, BOTH, NOON))).toBe(expected);
  });

  it("a deactivation that had happened can be taken back like any other", () => {
    const found = recover(deactivating, seen(shown(old(), { live: false, reactivatable: true })), BOTH, NOON);
    expect(found).toMatchObject({ status: { rotation: { deactivatedAt: NOON } } });
  });

  it("of two that were to end, one that is gone does not speak for the other", () => {
    const two = [old(), old({ handle: "b", slot: "b", promoted: false })];
    const [one, other] = two as [VersionFact, VersionFact]; // two of them
    const retiring = (step: "deactivate" | "revoke") =>
      record({ recipe: "retire", step, phase: "intended" }, two);
    const off = { live: false, reactivatable: true };
    expect(told(recover(retiring("revoke"), seen(shown(other)), BOTH, NOON))).toBe("revoke ready");
    expect(told(recover(retiring("revoke"), seen(), BOTH, NOON))).toBe("done");
    const half = seen(shown(one, off), shown(other));
    expect(told(recover(retiring("deactivate"), half, BOTH, NOON))).toBe("deactivate ready");
    const both = seen(shown(one, off), shown(other, off));
    expect(told(recover(retiring("deactivate"), both, BOTH, NOON))).toBe("revoke ready");
  });

  it("what an emergency had revoked before it died is still contained", () => {
    const status = confirmedRecord(
      { step: "revoke", phase: "intended", emergency: true },
      old({ live: false }),
    );
    expect(recover(status, NOTHING, BOTH, NOON)).toMatchObject({
      status: { rotation: { step: "contain", ended: [{ handle: "a", slot: "a" }] } },
    });
  });
});

describe("in place the provider's mark decides", () => {
  const attempt = { ...ATTEMPT, handle: "a@1", slot: "a" };
  const staged = (fact: Partial<Rotation> = {}) =>
    record({ recipe: "in-place", step: "apply", phase: "intended", attempt, pointOfNoReturn: true, ...fact });
  const ours = shown(fresh({ slot: "a", handle: "a@1" }));
  const stranger = shown(old({ mark: { rotation: "x", attempt: "x", epoch: 1 } }));
  const shape = { staging: 1, pushing: 0 };

  it.each<[string, Status, RecoverySight, string]>([
    ["this attempt: promoted without the secret", staged(), seen(ours), "promote ready"],
    ["the one before: dropped and made anew", staged(), seen(shown(old())), "abort ready"],
    ["another", staged(), seen(stranger), "park foreign-mark"],
    ["gone", staged(), NOTHING, "park foreign-mark"],
    [
      "the secret is lost before apply",
      staged({ phase: "ready", pointOfNoReturn: false }),
      seen(shown(old())),
      "abort ready",
    ],
    [
      "the secret is lost after apply",
      record({ recipe: "in-place", step: "verify", attempt, pointOfNoReturn: true }, [fresh({ slot: "a" })]),
      NOTHING,
      "promote ready",
    ],
    ["died at stage", staged({ step: "stage", pointOfNoReturn: false }), NOTHING, "abort ready"],
    [
      "died at stage, and the record was set back from after apply",
      staged({ step: "stage", pointOfNoReturn: false }),
      seen(ours),
      "promote ready",
    ],
    [
      "nothing, after an emergency that revoked first",
      record({ recipe: "in-place", step: "apply", phase: "intended", attempt, emergency: true }, []),
      NOTHING,
      "abort ready",
    ],
    [
      "what such an emergency left in the slot",
      record({ recipe: "in-place", step: "apply", phase: "intended", attempt, emergency: true }, []),
      seen(shown(old({ live: false }), { reactivatable: false })),
      "abort ready",
    ],
  ])("%s", (_name, status, sight, expected) => {
    expect(told(recover(status, sight, shape, NOON))).toBe(expected);
  });

  it("the applied version is on record, though nobody recorded what it was", () => {
    const { handle: _h, slot: _s, createdAt: _c, ...bare } = attempt;
    const found = recover(staged({ attempt: bare }), seen(ours), shape, NOON);
    expect(found).toMatchObject({ status: { versions: [{ handle: "a@1", slot: "a", live: true }] } });
  });
});

describe("in place with downtime it is issued again at once", () => {
  const shape = { staging: 0, pushing: 1 };
  const bare = { id: "attempt-1", number: 1, startedAt: NOON };
  const out = (fact: Partial<Rotation>, versions = [fresh({ slot: "a", handle: "a@1" })]) =>
    record(
      { recipe: "in-place-downtime", phase: "intended", pointOfNoReturn: true, attempt: bare, ...fact },
      versions,
    );

  it.each<[string, Status, RecoverySight, string]>([
    ["died at apply, not applied", out({ step: "apply" }, [old()]), seen(shown(old())), "apply ready"],
    [
      "died at apply, applied",
      out({ step: "apply" }, [old()]),
      seen(shown(fresh({ slot: "a" }))),
      "apply ready",
    ],
    [
      "died at apply, somebody else's",
      out({ step: "apply" }, [old()]),
      seen(shown(old({ mark: { rotation: "x", attempt: "x", epoch: 1 } }))),
      "park foreign-mark",
    ],
    ["the secret is lost after apply", out({ step: "verify", phase: "ready" }), NOTHING, "apply ready"],
    ["the secret is lost before push", out({ step: "push", phase: "ready" }), NOTHING, "apply ready"],
    [
      "died at push, the target has it",
      out({ step: "push" }),
      holding({ current: "attempt-1" }),
      "confirm ready",
    ],
    [
      "died at push, the target has another",
      out({ step: "push" }),
      holding({ current: "attempt-0" }),
      "apply ready",
    ],
    ["died at push, nobody can tell", out({ step: "push" }), holding("unknown"), "apply ready"],
  ])("%s", (_name, status, sight, expected) => {
    expect(told(recover(status, sight, shape, NOON))).toBe(expected);
  });

  it("what was applied is on record: the next attempt is fenced on its mark", () => {
    const found = recover(
      out({ step: "apply" }, [old()]),
      seen(shown(fresh({ slot: "a", handle: "a@1" }))),
      shape,
      NOON,
    );
    expect(found).toMatchObject({
      status: {
        versions: [{ mark: { attempt: "attempt-1" } }],
        rotation: { ended: [{ handle: "a", slot: "a" }] },
      },
    });
  });
});

describe("a value that a person made", () => {
  const value = (fact: Partial<Rotation>) =>
    record({ recipe: "value", attempt: { id: "attempt-1", number: 1, startedAt: NOON }, ...fact }, []);

  it.each<[string, Status, RecoverySight, string]>([
    ["lost before or at stage", value({ step: "stage", phase: "intended" }), NOTHING, "abort ready"],
    ["lost before its push", value({ step: "push", phase: "ready" }), NOTHING, "abort ready"],
    [
      "pushed",
      value({ step: "push", phase: "intended" }),
      holding({ current: "attempt-1" }),
      "promote ready",
    ],
    ["died at promote", value({ step: "promote", phase: "intended" }), NOTHING, "promote ready"],
  ])("%s", (_name, status, sight, expected) => {
    expect(told(recover(status, sight, BOTH, NOON))).toBe(expected);
  });

  it("is aborted for good: the person gives it again", () => {
    expect(recover(value({ step: "stage", phase: "intended" }), NOTHING, BOTH, NOON)).toMatchObject({
      status: { rotation: { closing: "aborted" } },
    });
  });
});
