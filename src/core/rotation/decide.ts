import { addTo } from "../model/instant.ts";
import type { Status } from "../state/status.ts";
import { adoptedVersion } from "./adoption.ts";
import { proofOf } from "./confirm.ts";
import { decideDeactivate, decideRevoke, EVIDENCE_MISSING } from "./ending.ts";
import { shutGate, shutSchedule } from "./gate.ts";
import { confirmed, promoted } from "./new-version.ts";
import { PUSH_UNKNOWN } from "./push-unknown.ts";
import { isInPlace, needsSecret, stepAfter } from "./recipe.ts";
import { canAuthenticate } from "./reconcile.ts";
import { recover } from "./recovery.ts";
import { helpfulVerbs } from "./request.ts";
import type { Move, Situation, Wait } from "./situation.ts";
import {
  advance,
  close,
  goTo,
  openRotation,
  park,
  release,
  retiring,
  spent,
  unpark,
  waiting,
} from "./transition.ts";

/**
 * The next move of an open rotation: pure, so that the same answer serves the run, the plan and the proofs. It asks
 * for what it must know (`look`), names the one effect to do next, moves the record on, or rests.
 */
export function nextMove(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  if (rotation.outcome === "parked") return decideParked(status, situation);
  const backoff = rotation.wait?.why === "backoff" ? rotation.wait.until : undefined;
  if (backoff !== undefined && backoff > situation.now && !situation.explicit && !rotation.emergency) {
    return { kind: "rest", status: release(status) };
  }
  if (
    situation.documentGone &&
    (rotation.step === "deactivate" || rotation.step === "revoke") &&
    !rotation.emergency
  ) {
    const message = "the document is gone: nothing is ended without it";
    return parked(status, DOCUMENT_GONE, message, helpfulVerbs(status), situation);
  }
  return needsRecovery(status, situation) ? recovery(status, situation) : decideStep(status, situation);
}

const DOCUMENT_GONE = "document-gone";

/** A document that is back, and evidence that nobody needs any more, need no person; anything else does. */
function decideParked(status: Status, situation: Situation): Move {
  const { parked } = openRotation(status);
  if (parked?.code === DOCUMENT_GONE && !situation.documentGone) {
    return go(unpark(status), "rotation.resumed", "the document is there again");
  }
  if (
    parked?.code === EVIDENCE_MISSING &&
    !retiring(status).some((version) => canAuthenticate(version, situation.now))
  ) {
    return go(unpark(status), "rotation.resumed", "the old version has come to its own end");
  }
  return { kind: "rest", status: release(status) };
}

/** Somebody died after this intent, or with the secret that this step needs. */
function needsRecovery(status: Status, situation: Situation): boolean {
  const { recipe, step, phase } = openRotation(status);
  const secret = needsSecret(recipe, step);
  if (secret && situation.hasSecret) return false;
  if (phase === "intended") return !situation.ourIntent;
  return secret && !firstSecret(status);
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
    case "request":
      return forward(status, situation, true);
    case "issue":
      return forward(status, situation, rotation.recipe !== "ordered" || rotation.attempt === undefined);
    case "apply":
      return forward(
        status,
        situation,
        rotation.attempt === undefined || rotation.recipe === "in-place-downtime",
      );
    case "stage":
    case "push":
    case "promote":
      return forward(status, situation, rotation.attempt === undefined);
    case "verify":
      if (situation.sights.verified === undefined) return { kind: "look", look: "verify" };
      return go(advance(status, situation.shape, situation.now), "step.done", "the new version signs in");
    case "collect":
      return decideCollect(status, situation);
    case "confirm":
      return decideConfirm(status, situation);
    case "deactivate":
      return decideDeactivate(status, situation);
    case "revoke":
      return decideRevoke(status, situation);
    case "adopt":
      return decideAdopt(status, situation);
    case "contain":
      return decideContain(status, situation);
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
  if (found.kind === "wait") {
    const { emergency, recipe } = openRotation(status);
    // Where consumers may be out meanwhile, the run stays.
    if (emergency || recipe === "in-place-downtime") return { kind: "poll", until: found.until };
    return rest(status, { why: "backoff", until: found.until, detail: found.why });
  }
  const verbs = found.code === PUSH_UNKNOWN ? ["retry", "proceed", "rollback"] : ["retry"];
  return parked(status, found.code, found.message, verbs, situation);
}

function decidePreflight(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  // A rotation in place has no safe place to rest between its first effect and the switch: its gate is here.
  const first = stepAfter(rotation.recipe, "preflight", situation.shape) ?? "issue";
  const schedule = isInPlace(rotation.recipe) ? shutSchedule(situation.gates) : undefined;
  const shut = rotation.emergency ? undefined : (shutGate(first, situation.gates) ?? schedule);
  if (shut !== undefined) return rest(status, shut);
  if (situation.sights.preflight === undefined) return { kind: "look", look: "preflight" };
  return go(
    advance(status, situation.shape, situation.now),
    "step.done",
    "rights, names and targets are as needed",
  );
}

function forward(status: Status, situation: Situation, newAttempt: boolean): Move {
  const { step, emergency, openedAt } = openRotation(status);
  // Times are whole seconds: a version made in the second of its incident could not be told from a burnt one.
  if (emergency && situation.now <= openedAt) return { kind: "poll", until: addTo(openedAt, 1) };
  const shut = mustGoOn(status, situation) ? undefined : shutGate(step, situation.gates);
  if (shut !== undefined) return rest(status, shut);
  return { kind: "effect", status, step, newAttempt };
}

/**
 * Resting here would lose the secret that exists in memory only, or leave a consumer without a password that works:
 * in place, from the intent of `apply` on, there is nothing but forward.
 */
function mustGoOn(status: Status, situation: Situation): boolean {
  const { emergency, recipe, step, pointOfNoReturn } = openRotation(status);
  if (emergency || (isInPlace(recipe) && pointOfNoReturn)) return true;
  return situation.hasSecret && step !== "promote";
}

/** What consumers hold of the new version is of no use without the certificate, which people or a CA bring in days. */
function decideCollect(status: Status, situation: Situation): Move {
  const { collected } = situation.sights;
  if (collected === undefined) return { kind: "look", look: "certificate" };
  if (!collected.ready) return rest(status, { why: "certificate", detail: collected.detail });
  return go(advance(status, situation.shape, situation.now), "step.done", collected.detail);
}

function decideConfirm(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  const { newVersion } = situation.sights;
  if (rotation.attempt === undefined) throw new Error("confirm without an attempt");
  if (rotation.proceed !== undefined) {
    const { by, reason } = rotation.proceed;
    const told = confirmed(spent(promoted(status, situation.now)), "none", situation.now);
    return go(afterConfirm(told, situation), "rotation.confirmed", `${by} says so: ${reason}`);
  }
  if (rotation.promotedAt === undefined) return go(promoted(status, situation.now), "step.done", "in force");
  if (newVersion === undefined) return { kind: "look", look: "new-version" };
  const proof = proofOf(
    newVersion,
    rotation.attempt.id,
    rotation.promotedAt,
    rotation.pinned.policy.quietPeriod,
    situation.now,
  );
  if (proof.confirmed) {
    return go(
      afterConfirm(confirmed(status, proof.by, situation.now), situation),
      "rotation.confirmed",
      proof.detail,
    );
  }
  if (!rotation.emergency) {
    return rest(status, {
      why: "confirm",
      ...(proof.until === undefined ? {} : { until: proof.until }),
      detail: proof.why,
    });
  }
  const deadline = addTo(rotation.promotedAt, rotation.pinned.policy.emergency.confirmWithin);
  if (situation.now < deadline) return { kind: "poll", until: deadline };
  return go(
    afterConfirm(status, situation),
    "rotation.unconfirmed",
    `${proof.why}; the emergency does not wait longer`,
  );
}

/** The old ones end next, if there are any; in place they have, and an emergency ends what they minted. */
function afterConfirm(status: Status, situation: Situation): Status {
  const { emergency, recipe } = openRotation(status);
  const next = stepAfter(recipe, "confirm", situation.shape);
  if (emergency && next === undefined && recipe !== "value") return goTo(status, "contain", situation.now);
  if (next === "deactivate" && retiring(status).length === 0 && !emergency) {
    return close(status, "done", situation.now);
  }
  return advance(status, situation.shape, situation.now);
}

function decideContain(status: Status, situation: Situation): Move {
  if (situation.canContain) return { kind: "effect", status, step: "contain", newAttempt: false };
  const detail = "this provider cannot end what the old version minted";
  return go(contained(status, situation), "step.done", detail);
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
  const { attempt, recipe } = openRotation(status);
  if (attempt === undefined && recipe !== "retire") return goTo(status, "preflight", situation.now);
  return close(status, "done", situation.now);
}

function parked(
  status: Status,
  code: string,
  message: string,
  commands: readonly string[],
  situation: Pick<Situation, "now">,
): Move {
  return go(park(status, code, message, commands, situation.now), "rotation.parked", message);
}

function rest(status: Status, wait: Wait): Move {
  return { kind: "rest", status: release(waiting(status, wait)) };
}

function go(status: Status, event: string, detail: string): Move {
  return { kind: "go", status, event, detail };
}
