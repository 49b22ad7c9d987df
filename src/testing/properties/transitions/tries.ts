import { addTo, type Instant } from "../../../core/model/instant.ts";
import { adoptedVersion } from "../../../core/rotation/adoption.ts";
import { backoffSeconds, MAX_FAILURES } from "../../../core/rotation/backoff.ts";
import { type Applied, afterApplied, afterFailure, type Failure } from "../../../core/rotation/outcome.ts";
import type { Look, Situation } from "../../../core/rotation/situation.ts";
import { openRotation, park } from "../../../core/rotation/transition.ts";
import type { Rotation, Status } from "../../../core/state/status.ts";
import { freeSlot } from "./answers.ts";
import { type Place, presentOf, type Surroundings } from "./place.ts";
import type { EventName, Result } from "./result.ts";

/** A run goes on to the effect it intended, unless a look had the record parked meanwhile. */
export function isTried({ phase, outcome }: Rotation): boolean {
  return phase === "intended" && outcome === "open";
}

const FAILURES: readonly (Failure & { readonly event: EventName })[] = [true, false].flatMap((refused) =>
  [false, true].map((final) => ({
    event: refused ? "refused" : "in doubt",
    code: "failed",
    message: "failed",
    refused,
    final,
  })),
);

/** A look that fails, in every way. */
export function failedLooks(place: Place, look: Look, base: Situation): readonly Result[] {
  return FAILURES.map((failure) => {
    const status =
      look === "recovery"
        ? countedOnly(place.status, failure, base.now)
        : afterFailure(place.status, openRotation(place.status).step, failure, { ...base, jitter: 0 });
    return { event: "look fails", word: standing(status), next: { ...place, status, ours: false } };
  });
}

/** What a run notes when not even the probe could be asked. */
function countedOnly(status: Status, { code, message }: Failure, now: Instant): Status {
  const rotation = openRotation(status);
  const failures = rotation.failures + 1;
  const counted: Status = {
    ...status,
    rotation: {
      ...rotation,
      failures,
      failure: { step: rotation.step, code, message, at: now },
      wait: { why: "backoff", until: addTo(now, backoffSeconds(failures, 0)), detail: message },
    },
  };
  return failures >= MAX_FAILURES ? park(counted, code, message, ["retry"], now) : counted;
}

/** Where a record stands, in a word or two. */
export function standing({ rotation }: Status): string {
  if (rotation?.outcome !== "open") {
    return rotation?.outcome === "parked" ? "parks" : (rotation?.outcome ?? "nothing");
  }
  return `${rotation.phase === "intended" ? "asks about" : "to"} ${rotation.step}`;
}

/** The intended effect is tried: it happens, is refused, or nobody knows. */
export function effects(place: Place, around: Surroundings): readonly Result[] {
  const rotation = openRotation(place.status);
  const base = { now: presentOf(place.status), shape: around.shape, canContain: around.able, jitter: 0 };
  const applied = outcomes(place, around, base.now).map(({ facts, secret }): Result => {
    const status = afterApplied(place.status, rotation.step, facts, base);
    return { event: "applied", word: standing(status), next: { status, secret, ours: false } };
  });
  const failed = FAILURES.map((failure): Result => {
    const status = afterFailure(place.status, rotation.step, failure, base);
    const lost = (rotation.step === "push" || rotation.step === "apply") && !failure.refused;
    return {
      event: failure.event,
      word: standing(status),
      next: { status, secret: place.secret && !lost, ours: false },
    };
  });
  return [...applied, ...failed];
}

function outcomes(
  { status, secret }: Place,
  around: Surroundings,
  now: Instant,
): readonly { readonly facts: Applied; readonly secret: boolean }[] {
  const { step, attempt, recipe, pinned } = openRotation(status);
  const made = (slot: string): Applied => ({
    issued: { handle: `${slot}@${attempt?.id}`, slot, createdAt: now },
  });
  switch (step) {
    case "request":
      return [{ facts: { reference: `order-${attempt?.id}` }, secret }];
    case "issue": {
      const slot = freeSlot(status, around);
      return slot === undefined ? [] : [{ facts: made(slot), secret: true }];
    }
    case "stage":
    case "push":
    case "apply": {
      if (secret) return [{ facts: {}, secret }];
      // A provider's candidate is made where none is in memory; a person's value was there from the start.
      return [{ facts: made(recipe === "value" ? "value" : "a"), secret: true }];
    }
    case "adopt": {
      const mark = { rotation: status.rotation?.id ?? "", attempt: attempt?.id ?? "", epoch: status.epoch };
      const version = (slot: string, promoted: boolean) =>
        adoptedVersion(
          pinned.credential.spec,
          { handle: slot, slot, live: true, reactivatable: false },
          promoted,
          mark,
        );
      return [[version("a", true)], [version("a", true), version("b", false)]].map((versions) => ({
        facts: { adopted: { versions, identity: "simulated" } },
        secret: false,
      }));
    }
    case "abort":
      return [{ facts: {}, secret: false }];
    default:
      return [{ facts: {}, secret }];
  }
}
