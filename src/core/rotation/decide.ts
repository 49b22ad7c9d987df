import { addTo } from "../model/instant.ts";
import type { Status } from "../state/status.ts";
import { adoptedVersion } from "./adoption.ts";
import { proofOf } from "./confirm.ts";
import { decideDeactivate, decideRevoke } from "./ending.ts";
import { NO_GATES, shutGate, shutSchedule } from "./gate.ts";
import { needsSecret, stepAfter } from "./recipe.ts";
import { recover } from "./recovery.ts";
import type { Move, Situation, Wait } from "./situation.ts";
import { advance, confirmed, goTo, openRotation, park, promoted, release, retiring, waiting } from "./transition.ts";

/**
 * The next move of an open rotation: pure, so that the same answer serves the run, the plan and the proofs. It asks
 * for what it must know (`look`), names the one effect to do next, moves the record on, or rests.
 */
export function nextMove(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  if (rotation.outcome === "parked") return { kind: "rest", status: release(status) };
  const backoff = rotation.wait?.why === "backoff" ? rotation.wait.until : undefined;
  if (backoff !== undefined && backoff > situation.now && !situation.explicit && !rotation.emergency) {
    return { kind: "rest", status: release(status) };
  }
  if (situation.documentGone && (rotation.step === "deactivate" || rotation.step === "revoke") && !rotation.emergency) {
    return parked(status, "document-gone", "the document is gone: nothing is ended without it", ["retry"], situation);
  }
  const died = rotation.phase === "intended" ? !situation.ourIntent : needsSecret(rotation.recipe, rotation.step);
  if (died && !situation.hasSecret && !(rotation.phase === "ready" && firstSecret(status))) return recovery(status, situation);
  return decideStep(status, situation);
}

/** In place the secret comes into being right before its first step, in memory. */
function firstSecret(status: Status): boolean {
  const { recipe, step, attempt } = openRotation(status);
  // A value that a person gave is not made here: without it the rotation ends.
  return recipe !== "value" && attempt === undefined && (step === "stage" || step === "apply");
}

function decideStep(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  switch (rotation.step) {
    case "preflight":
      return decidePreflight(status, situation);
    case "issue":
    case "apply":
      return forward(status, situation, rotation.step === "issue" || rotation.attempt === undefined || rotation.recipe === "in-place-downtime");
    case "stage":
    case "push":
    case "promote":
      return forward(status, situation, rotation.attempt === undefined);
    case "verify":
      if (situation.sights.verified === undefined) return { kind: "look", look: "verify" };
      return go(advance(status, situation.shape, situation.now), "step.done", "the new version signs in");
    case "confirm":
      return decideConfirm(status, situation);
    case "deactivate":
      return decideDeactivate(status, situation);
    case "revoke":
      return decideRevoke(status, situation);
    case "adopt":
      return decideAdopt(status, situation);
    case "contain":
      if (!situation.canContain) return go(contained(status, situation), "step.done", "this provider cannot end what the old version minted");
      return { kind: "effect", status, step: "contain", newAttempt: false };
    case "abort":
    case "reactivate":
      return { kind: "effect", status, step: rotation.step, newAttempt: false };
  }
}

function recovery(status: Status, situation: Situation): Move {
  const sight = situation.sights.recovery;
  if (sight === undefined) return { kind: "look", look: "recovery" };
  const found = recover(status, sight, situation.shape, situation.now);
  if (found.kind === "go") return go(found.status, "rotation.recovered", found.why);
  return parked(status, found.code, found.message, ["retry", "rollback"], situation);
}

function decidePreflight(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  // A rotation in place has no safe place to rest between its first effect and the switch: its gate is here.
  const first = stepAfter(rotation.recipe, "preflight", situation.shape);
  const inPlace = rotation.recipe === "in-place" || rotation.recipe === "in-place-downtime";
  const shut = rotation.emergency ? undefined : (gate(first ?? "issue", situation) ?? (inPlace ? shutSchedule(situation.gates) : undefined));
  if (shut !== undefined) return rest(status, shut);
  if (situation.sights.preflight === undefined) return { kind: "look", look: "preflight" };
  return go(advance(status, situation.shape, situation.now), "step.done", "rights, names and targets are as needed");
}

function gate(step: Parameters<typeof shutGate>[0], situation: Situation): Wait | undefined {
  return shutGate(step, situation.gates);
}

function forward(status: Status, situation: Situation, newAttempt: boolean): Move {
  const rotation = openRotation(status);
  // After the secret was made for a rotation in place, resting would lose it: its gate was the preflight.
  const gates = rotation.emergency || (situation.hasSecret && rotation.step !== "promote") ? NO_GATES : situation.gates;
  const timed = rotation.pointOfNoReturn ? { ...gates, freeze: undefined, window: undefined } : gates;
  const shut = shutGate(rotation.step, timed);
  if (shut !== undefined) return rest(status, shut);
  return { kind: "effect", status, step: rotation.step, newAttempt };
}

function decideConfirm(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  const { newVersion } = situation.sights;
  if (rotation.attempt === undefined) throw new Error("confirm without an attempt");
  if (rotation.promotedAt === undefined) return go(promoted(status, situation.now), "step.done", "in force");
  if (newVersion === undefined) return { kind: "look", look: "new-version" };
  const proof = proofOf(newVersion, rotation.attempt.id, rotation.promotedAt, rotation.pinned.policy.quietPeriod, situation.now);
  if (proof.confirmed) {
    return go(afterConfirm(confirmed(status, proof.by, situation.now), situation), "rotation.confirmed", proof.detail);
  }
  if (!rotation.emergency) {
    return rest(status, { why: "confirm", ...(proof.until === undefined ? {} : { until: proof.until }), detail: proof.why });
  }
  const deadline = addTo(rotation.promotedAt, rotation.pinned.policy.emergency.confirmWithin);
  if (situation.now < deadline) return { kind: "poll", until: deadline };
  return go(afterConfirm(status, situation), "rotation.unconfirmed", `${proof.why}; the emergency does not wait longer`);
}

/** A person's rollback leaves the old version in use; otherwise the old ones end next, if there are any. */
function afterConfirm(status: Status, situation: Situation): Status {
  const rotation = openRotation(status);
  const next = stepAfter(rotation.recipe, "confirm", situation.shape);
  if (rotation.emergency && next === undefined && rotation.recipe !== "value") return goTo(status, "contain", situation.now);
  if (next === "deactivate" && retiring(status).length === 0 && !rotation.emergency) {
    return advance({ ...status, rotation: { ...rotation, step: "revoke" } }, situation.shape, situation.now);
  }
  return advance(status, situation.shape, situation.now);
}

function decideAdopt(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  const shut = rotation.emergency ? undefined : shutGate("adopt", situation.gates);
  if (shut !== undefined) return rest(status, shut);
  const choice = situation.sights.adoption;
  if (choice === undefined) return { kind: "look", look: "adoption" };
  if (choice.kind === "refuse") return parked(status, choice.code, choice.message, ["retry"], situation);
  // Checked here so that a document whose dates cannot be read is refused before anything is marked.
  adoptedVersion(rotation.pinned.credential.spec, choice.current, true, undefined);
  return { kind: "effect", status, step: "adopt", newAttempt: rotation.attempt === undefined };
}

/** After containment: on with a rotation that had to free its slot first, else done. */
export function contained(status: Status, situation: Pick<Situation, "now" | "shape">): Status {
  const rotation = openRotation(status);
  if (rotation.attempt === undefined && rotation.recipe !== "retire") return goTo(status, "preflight", situation.now);
  return advance({ ...status, rotation: { ...rotation, step: "contain" } }, situation.shape, situation.now);
}

export function parked(status: Status, code: string, message: string, commands: readonly string[], situation: Pick<Situation, "now">): Move {
  return go(park(status, code, message, commands, situation.now), "rotation.parked", message);
}

export function rest(status: Status, wait: Wait): Move {
  return { kind: "rest", status: release(waiting(status, wait)) };
}

export function go(status: Status, event: string, detail: string): Move {
  return { kind: "go", status, event, detail };
}
