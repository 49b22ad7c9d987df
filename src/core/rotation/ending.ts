import { addTo, type Instant, later } from "../model/instant.ts";
import type { Rotation, Status } from "../state/status.ts";
import { shutGate } from "./gate.ts";
import type { OldSight } from "./old-use.ts";
import { afterRevoke, blind, deactivated, heard, lastHeard, silent } from "./old-versions.ts";
import { canAuthenticate } from "./reconcile.ts";
import type { Move, Situation, Wait } from "./situation.ts";
import { advance, goTo, openRotation, park, release, retiring, waiting } from "./transition.ts";

/** Why a rotation is parked whose old version nobody can see, and whose end could not be taken back. */
export const EVIDENCE_MISSING = "evidence-missing";

/**
 * The end of the old versions: first reversibly (deactivate), after the soak for good (revoke). Both need time *and*
 * evidence; blind evidence is only ever a reason to wait, and an emergency waits for nothing.
 */
export function decideDeactivate(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  const ending = retiring(status);
  const live = ending.filter((version) => version.live);
  if (live.length === 0) return moved(alreadyDead(status, situation), "no old version can log in");
  if (!situation.canDeactivate) {
    return moved(goTo(status, "revoke", situation.now), "this provider cannot deactivate reversibly");
  }
  if (rotation.emergency) return { kind: "effect", status, step: "deactivate", newAttempt: false };
  const wait = ripeness(status, situation, "deactivate");
  if ("kind" in wait) return wait;
  return gated(wait.status, situation, "deactivate");
}

/** Nothing is left to deactivate; what a lost or a foreign hand switched off soaks like what we switched off. */
function alreadyDead(status: Status, { now, shape }: Situation): Status {
  const asleep = retiring(status).filter((version) => version.deactivatedAt !== undefined);
  if (asleep.length === 0) return advance(status, shape, now);
  return advance(deactivated(status, new Set(asleep.map(({ handle }) => handle)), now), shape, now);
}

export function decideRevoke(status: Status, situation: Situation): Move {
  const rotation = openRotation(status);
  const ending = retiring(status);
  if (ending.length === 0) return moved(afterRevoke(status, situation), "nothing is left to revoke");
  if (rotation.emergency) return { kind: "effect", status, step: "revoke", newAttempt: false };
  if (
    rotation.deactivatedAt === undefined &&
    ending.some((version) => canAuthenticate(version, situation.now))
  ) {
    // It was taken for dead, by a look that showed what was no longer so: what can be taken back comes first.
    if (situation.canDeactivate) {
      return moved(goTo(status, "deactivate", situation.now), "the old version can log in after all");
    }
    const wait = ripeness(status, situation, "revoke");
    if ("kind" in wait) return wait;
    return gated(wait.status, situation, "revoke");
  }
  // What came to its end by itself and cannot come back (a certificate that is not served any more) soaks for nothing.
  if (rotation.deactivatedAt === undefined && !situation.canDeactivate) {
    return gated(status, situation, "revoke");
  }
  return decideSoaked(status, situation);
}

/** A deactivated version that is used again, or that a target names again, comes back to life. */
function decideSoaked(status: Status, situation: Situation): Move {
  const { now } = situation;
  const rotation = openRotation(status);
  const sight = situation.sights.old;
  if (sight === undefined) return { kind: "look", look: "old-version" };
  if (sight.kind === "used") {
    if (rotation.deactivatedAt === undefined) {
      return resting(heard(status, now), { why: "quiet", detail: `in use: ${sight.detail}` });
    }
    const back = goTo(heard(status, now), "reactivate", now);
    return { kind: "go", status: back, event: "evidence.used", detail: `used again: ${sight.detail}` };
  }
  // Whoever reads that target now may have got a version that does not work: no provider tells of such tries.
  const isDisplaced = sight.kind === "unknown" && sight.displaced === true;
  if (isDisplaced && rotation.deactivatedAt !== undefined && rotation.proceed === undefined) {
    const back = goTo(blind(status), "reactivate", now);
    return { kind: "go", status: back, event: "evidence.used", detail: `needed again: ${sight.detail}` };
  }
  const since = rotation.deactivatedAt ?? rotation.since;
  const until = addTo(since, soakSeconds(rotation));
  if (until > now && !saidInSoak(rotation)) return resting(status, { why: "soak", until });
  if (sight.kind === "unknown" && rotation.proceed === undefined) {
    return resting(status, { why: "evidence", detail: sight.detail });
  }
  return gated(status, situation, "revoke");
}

/** A word that a person gave after the deactivation is about the soak; one from before is about the evidence. */
function saidInSoak({ proceed, deactivatedAt }: Rotation): boolean {
  return proceed !== undefined && deactivatedAt !== undefined && proceed.at > deactivatedAt;
}

/** Twice as long where nobody could prove that the old version was unused; one look at an adoption proves little. */
export function soakSeconds(rotation: Rotation): number {
  const { confirmedBy, silentSince, recipe } = rotation;
  const weak = confirmedBy === "none" || silentSince === undefined || recipe === "adopt";
  return rotation.pinned.policy.soakPeriod * (weak ? 2 : 1);
}

/** Have time and evidence come together? A move while they have not, else the status with the evidence in it. */
function ripeness(
  status: Status,
  situation: Situation,
  step: "deactivate" | "revoke",
): Move | { readonly status: Status } {
  const { now } = situation;
  const sight = situation.sights.old;
  if (sight === undefined) return { kind: "look", look: "old-version" };
  const rotation = openRotation(status);
  const { gracePeriod } = rotation.pinned.policy;
  const grace =
    rotation.confirmedAt === undefined ? rotation.openedAt : addTo(rotation.confirmedAt, gracePeriod);
  switch (sight.kind) {
    case "used":
      return used(status, sight, grace, now);
    case "unknown":
      if (rotation.proceed !== undefined) return graceOver(blind(status), grace, now);
      // Within grace nothing could end it anyway, and a provider that tells late may have told by then.
      if (grace > now) return resting(blind(status), { why: "grace", until: grace, detail: sight.detail });
      return resting(blind(status), { why: "evidence", detail: sight.detail });
    case "no-facility":
      if (step === "deactivate" || rotation.proceed !== undefined) {
        return graceOver(blind(status), grace, now);
      }
      return needsPerson(
        blind(status),
        "nothing can tell whether the old version is used, and ending it cannot be undone",
        now,
      );
    case "silent": {
      const seen = silent(status, now, sight.sampled);
      if (step === "revoke" && sight.sampled && rotation.proceed === undefined) {
        return needsPerson(
          seen,
          "the provider shows only present sessions, and ending the version cannot be undone",
          now,
        );
      }
      // The other one of a pair that is being adopted: known to be idle by what chose it, and it can come back.
      if (rotation.recipe === "adopt" && step === "deactivate" && sight.sampled) return { status: seen };
      return quietOver(seen, grace, now, undefined);
    }
  }
}

/** Use ends the silence. A provider that remembers the last use tells with it since when there was none. */
function used(
  status: Status,
  sight: Extract<OldSight, { kind: "used" }>,
  grace: Instant,
  now: Instant,
): Move | { readonly status: Status } {
  if (sight.at === undefined || sight.at >= now) {
    return resting(heard(status, now), { why: "quiet", detail: `in use: ${sight.detail}` });
  }
  if (sight.displaced === true && openRotation(status).proceed === undefined) {
    return resting(lastHeard(status, sight.at), { why: "evidence", detail: sight.detail });
  }
  return quietOver(lastHeard(status, sight.at), grace, now, `in use: ${sight.detail}`);
}

function quietOver(
  status: Status,
  grace: Instant,
  now: Instant,
  detail: string | undefined,
): Move | { readonly status: Status } {
  const { silentSince, pinned } = openRotation(status);
  const quiet = addTo(silentSince ?? now, pinned.policy.quietPeriod);
  const until = later(grace, quiet);
  if (until <= now) return { status };
  return resting(status, {
    why: grace > quiet ? "grace" : "quiet",
    until,
    ...(detail === undefined ? {} : { detail }),
  });
}

function graceOver(status: Status, grace: Instant, now: Instant): Move | { readonly status: Status } {
  if (grace > now) return resting(status, { why: "grace", until: grace });
  return { status };
}

function needsPerson(status: Status, message: string, now: Instant): Move {
  return {
    kind: "go",
    status: park(status, EVIDENCE_MISSING, message, ["proceed"], now),
    event: "rotation.parked",
    detail: message,
  };
}

function gated(status: Status, situation: Situation, step: "deactivate" | "revoke"): Move {
  const shut = shutGate(step, situation.gates);
  if (shut !== undefined) return resting(status, shut);
  return { kind: "effect", status, step, newAttempt: false };
}

function resting(status: Status, wait: Wait): Move {
  return { kind: "rest", status: release(waiting(status, wait)) };
}

function moved(status: Status, detail: string): Move {
  return { kind: "go", status, event: "step.done", detail };
}
