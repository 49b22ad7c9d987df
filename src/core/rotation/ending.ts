import { addTo, later, type Instant } from "../model/instant.ts";
import type { Rotation, Status } from "../state/status.ts";
import { shutGate } from "./gate.ts";
import type { Move, Situation, Wait } from "./situation.ts";
import { advance, blind, goTo, openRotation, park, release, retiring, waiting, witnessed } from "./transition.ts";

/**
 * The end of the old versions: first reversibly (deactivate), after the soak for good (revoke). Both need time *and*
 * evidence; blind evidence is only ever a reason to wait, and an emergency waits for nothing.
 */
export function decideDeactivate(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  const live = retiring(status).filter((version) => version.live);
  if (live.length === 0) return moved(advance(status, situation.shape, situation.now), "no old version can log in");
  if (!situation.canDeactivate) return moved(goTo(status, "revoke", situation.now), "this provider cannot deactivate reversibly");
  if (rotation.emergency) return { kind: "effect", status, step: "deactivate", newAttempt: false };
  const wait = ripeness(status, situation, "deactivate");
  if ("kind" in wait) return wait;
  return gated(wait.status, situation, "deactivate");
}

export function decideRevoke(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  const ending = retiring(status);
  if (rotation.emergency) {
    if (ending.length > 0) return { kind: "effect", status, step: "revoke", newAttempt: false };
    return moved(afterRevoke(status, situation), "nothing is left to revoke");
  }
  if (ending.length === 0) return moved(afterRevoke(status, situation), "nothing is left to revoke");
  if (rotation.deactivatedAt === undefined && ending.some((version) => version.live)) {
    const wait = ripeness(status, situation, "revoke");
    if ("kind" in wait) return wait;
    return gated(wait.status, situation, "revoke");
  }
  return decideSoaked(status, situation);
}

/** A deactivated version that is used again, or that a target names again, comes back to life. */
function decideSoaked(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  const sight = situation.sights.old;
  if (sight === undefined) return { kind: "look", look: "old-version" };
  if (sight.kind === "used") {
    return { kind: "go", status: goTo(status, "reactivate", situation.now), event: "evidence.used", detail: `used again: ${sight.detail}` };
  }
  const since = rotation.deactivatedAt ?? rotation.since;
  const until = addTo(since, soakSeconds(rotation));
  if (until > situation.now) return resting(status, { why: "soak", until });
  return gated(status, situation, "revoke");
}

/** Twice as long where nobody could prove that the old version was unused. */
export function soakSeconds(rotation: Rotation): number {
  const weak = rotation.confirmedBy === "none" || rotation.silentSince === undefined;
  return rotation.pinned.policy.soakPeriod * (weak ? 2 : 1);
}

/** Have time and evidence come together? A move while they have not, else the status with the evidence in it. */
function ripeness(status: Status, situation: Situation, step: "deactivate" | "revoke"): Move | { readonly status: Status } {
  const rotation = openRotation(status);
  const sight = situation.sights.old;
  if (sight === undefined) return { kind: "look", look: "old-version" };
  const policy = rotation.pinned.policy;
  const grace = rotation.confirmedAt === undefined ? rotation.openedAt : addTo(rotation.confirmedAt, policy.gracePeriod);
  switch (sight.kind) {
    case "used":
      return resting(witnessed(status, { used: true, sampled: false }, situation.now), { why: "quiet", detail: `in use: ${sight.detail}` });
    case "unknown":
      if (rotation.proceed !== undefined) return graceOver(blind(status), grace, situation.now);
      return resting(blind(status), { why: "evidence", detail: sight.detail });
    case "no-facility":
      if (step === "deactivate" || rotation.proceed !== undefined) return graceOver(status, grace, situation.now);
      return needsPerson(status, "nothing can tell whether the old version is used, and ending it cannot be undone", situation.now);
    case "silent": {
      const seen = witnessed(status, { used: false, sampled: sight.sampled }, situation.now);
      if (step === "revoke" && sight.sampled && rotation.proceed === undefined) {
        return needsPerson(seen, "the provider shows only present sessions, and ending the version cannot be undone", situation.now);
      }
      const quiet = addTo(openRotation(seen).silentSince ?? situation.now, policy.quietPeriod);
      if (later(grace, quiet) > situation.now) {
        return resting(seen, { why: grace > quiet ? "grace" : "quiet", until: later(grace, quiet) });
      }
      return { status: seen };
    }
  }
}

function graceOver(status: Status, grace: Instant, now: Instant): Move | { readonly status: Status } {
  if (grace > now) return resting(status, { why: "grace", until: grace });
  return { status };
}

function needsPerson(status: Status, message: string, now: Instant): Move {
  return { kind: "go", status: park(status, "evidence-missing", message, ["proceed"], now), event: "rotation.parked", detail: message };
}

function gated(status: Status, situation: Situation, step: "deactivate" | "revoke"): Move {
  const shut = shutGate(step, situation.gates);
  if (shut !== undefined) return resting(status, shut);
  return { kind: "effect", status, step, newAttempt: false };
}

/** Emergencies end with containment, where the provider can; one that freed its slot first then makes the new version. */
export function afterRevoke(status: Status, situation: Pick<Situation, "now" | "shape" | "canContain">): Status {
  const rotation = openRotation(status);
  if (!rotation.emergency || rotation.recipe === "adopt") return advance({ ...status, rotation: { ...rotation, step: "revoke" } }, situation.shape, situation.now);
  return goTo(status, "contain", situation.now);
}

function resting(status: Status, wait: Wait): Move {
  return { kind: "rest", status: release(waiting(status, wait)) };
}

function moved(status: Status, detail: string): Move {
  return { kind: "go", status, event: "step.done", detail };
}
