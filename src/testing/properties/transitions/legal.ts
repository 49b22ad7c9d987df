import type { Rotation, Status } from "../../../core/state/status.ts";

import type { Place, Surroundings } from "./place.ts";
import type { Result } from "./result.ts";

/** Steps that act on what an attempt has made. */
const OF_AN_ATTEMPT: ReadonlySet<string> = new Set(["verify", "collect", "promote", "confirm"]);
/** Steps whose intent names the attempt. */
const NAMED: ReadonlySet<string> = new Set([
  "adopt",
  "request",
  "issue",
  "apply",
  "stage",
  "push",
  "promote",
]);

/** What no record may ever say, whatever led to it; undefined: nothing of that. */
export function contradiction(status: Status, around: Surroundings): string | undefined {
  const { rotation, versions } = status;
  if (rotation === undefined) return undefined;
  return (
    ofRotation(rotation) ??
    ofVersions(status, around) ??
    ofOutcome(rotation) ??
    ofTime(rotation, versions.length)
  );
}

function ofRotation(rotation: Rotation): string | undefined {
  const { attempt, step, phase, recipe, pointOfNoReturn, attempts, closing, proceed } = rotation;
  if (attempt === undefined && OF_AN_ATTEMPT.has(step)) return `${step} without an attempt`;
  if (attempt === undefined && phase === "intended" && NAMED.has(step)) {
    return `${step} intended without an attempt`;
  }
  if (attempt !== undefined && attempt.number !== attempts) return "another attempt than the last counted";
  if (phase === "intended" && ["preflight", "verify", "collect", "confirm"].includes(step)) {
    return `an intent of ${step}`;
  }
  const first = recipe === "in-place" || recipe === "in-place-downtime" ? "apply" : "promote";
  if (phase === "intended" && (step === first || step === "push") && !pointOfNoReturn) {
    return `${step} intended before the point of no return`;
  }
  if (step === "confirm" && !pointOfNoReturn) return "confirm before the point of no return";
  if (pointOfNoReturn && ["preflight", "request", "issue"].includes(step)) {
    return `${step} after the point of no return`;
  }
  if (closing !== undefined && step !== "abort") return "closing without an abort";
  if (proceed !== undefined && attempt !== undefined && proceed.at < attempt.startedAt) {
    return "a person's word about an earlier attempt";
  }
  return undefined;
}

function ofVersions({ versions, rotation }: Status, { slots }: Surroundings): string | undefined {
  if (versions.length > slots) return `${versions.length} versions in ${slots} slots`;
  if (new Set(versions.map(({ slot }) => slot)).size < versions.length) return "two versions in one slot";
  // In place the next one takes its slot.
  if (slots === 1) return undefined;
  const strays = versions.filter(
    ({ mark, promoted, origin }) =>
      origin === "issued" && !promoted && mark?.attempt !== rotation?.attempt?.id,
  );
  if (strays.length > 0 && rotation?.emergency === false) return "an unpromoted version of no attempt";
  return undefined;
}

function ofOutcome(rotation: Rotation): string | undefined {
  const { outcome, parked, closedAt, lease, wait, failure, closing, phase } = rotation;
  if ((outcome === "parked") !== (parked !== undefined)) return `${outcome}, but parked is ${parked?.code}`;
  if (outcome === "open" || outcome === "parked") {
    return closedAt === undefined ? undefined : "open and closed";
  }
  if (closedAt === undefined) return "closed at no time";
  const left = { lease, wait, failure, closing };
  const rest = Object.entries(left).find(([, value]) => value !== undefined)?.[0];
  return rest === undefined && phase === "ready" ? undefined : `closed with ${rest ?? phase}`;
}

function ofTime(rotation: Rotation, versions: number): string | undefined {
  const { promotedAt, confirmedAt, confirmedBy, attempt, step, recipe, emergency, outcome } = rotation;
  if (promotedAt !== undefined && attempt === undefined) return "promoted without an attempt";
  if ((confirmedAt === undefined) !== (confirmedBy === undefined)) return "confirmed by nobody";
  if (confirmedAt !== undefined && promotedAt === undefined) return "confirmed, but not promoted";
  const replaces = ["overlap", "ordered", "signed", "alternate"].includes(recipe);
  if (replaces && !emergency && (step === "deactivate" || step === "revoke") && confirmedAt === undefined) {
    return `${step} before the new version is confirmed`;
  }
  if (replaces && outcome === "done" && versions !== 1) return `done with ${versions} versions`;
  return undefined;
}

/** What an event may never do to a record. */
export function brokenPromise(before: Status, after: Status): string | undefined {
  const [old, now] = [before.rotation, after.rotation];
  if (after.epoch < before.epoch) return "the epoch goes back";
  if (old === undefined || now === undefined || old.id !== now.id) return undefined;
  if (old.emergency && !now.emergency) return "an emergency is over before its rotation is";
  if (now.attempts < old.attempts) return "attempts are counted down";
  // A refused `apply` has nothing to abort.
  const dropped = old.step === "abort" || (old.step === "apply" && old.phase === "intended");
  if (old.pointOfNoReturn && !now.pointOfNoReturn && !dropped) return "returns without an abort";
  const ended = old.outcome !== "open" && old.outcome !== "parked";
  if (ended && JSON.stringify(old) !== JSON.stringify(now)) return "an ended rotation changes";
  return undefined;
}

/** Steps of which a Hold says that they do not happen. */
const HELD: ReadonlySet<string> = new Set([
  "request",
  "issue",
  "apply",
  "stage",
  "push",
  "promote",
  "deactivate",
  "revoke",
  "adopt",
]);

/** Steps that a window and a freeze keep back as well. */
const TIMED: ReadonlySet<string> = new Set(["apply", "deactivate", "revoke"]);

/** What no decision may ever be: an effect before its evidence, behind a shut gate, without its document. */
export function forbiddenEffect(
  { status, secret }: Place,
  { gate, event, effect }: Result,
): string | undefined {
  const { rotation, versions } = status;
  if (effect === undefined || rotation === undefined) return undefined;
  if (rotation.outcome === "parked") return `${effect} while parked`;
  if (rotation.emergency) return undefined;
  const { recipe, pointOfNoReturn, confirmedAt, deactivatedAt } = rotation;
  const inPlace = recipe === "in-place" || recipe === "in-place-downtime";
  const mustGoOn = (secret && effect !== "promote") || (inPlace && pointOfNoReturn);
  if (gate === "hold" && HELD.has(effect) && !mustGoOn) return `${effect} in spite of a hold`;
  if (gate === "window" && TIMED.has(effect) && !mustGoOn) return `${effect} outside its window`;
  const ends = effect === "deactivate" || effect === "revoke";
  if (!ends) return undefined;
  if (event === "document gone") return `${effect} without a document`;
  if (recipe !== "retire" && recipe !== "adopt" && confirmedAt === undefined) {
    return `${effect} without a proof of use`;
  }
  const current = versions.filter((version) => version.mark?.attempt === rotation.attempt?.id);
  if (["overlap", "ordered", "signed"].includes(recipe) && current.every((version) => !version.promoted)) {
    return `${effect} before promotion`;
  }
  const back = versions.some(({ live, mark }) => live && mark?.attempt !== rotation.attempt?.id);
  return effect === "revoke" && back && deactivatedAt !== undefined && recipe !== "adopt"
    ? "a version that is alive again is revoked"
    : undefined;
}
