import { addTo, type Instant } from "../model/instant.ts";
import type { Status, VersionFact } from "../state/status.ts";
import { close, openRotation } from "./transition.ts";

/** The life of the version that a rotation makes, from its secret to its proof of use. Pure moves of one record. */

/**
 * The secret exists now, at the provider or (in place, before apply) in memory only. It is no older than the intent to
 * make it, whatever a provider's clock that is behind ours says: an emergency would else take it for a burnt one.
 */
export function issued(
  status: Status,
  facts: { handle: string; slot: string; createdAt: Instant; expiresAt?: Instant; tag?: string },
): Status {
  const rotation = openRotation(status);
  if (rotation.attempt === undefined) throw new Error("issued without an attempt");
  const { startedAt } = rotation.attempt;
  const createdAt = facts.createdAt < startedAt ? startedAt : facts.createdAt;
  return { ...status, rotation: { ...rotation, attempt: { ...rotation.attempt, ...facts, createdAt } } };
}

/** What the provider needs to go on: it outlives the attempt, since another one may use an order that stands. */
export function referring(status: Status, reference: string): Status {
  return { ...status, rotation: { ...openRotation(status), reference } };
}

/** The new version lives at the provider. In place it takes the slot of the old one. */
export function inForce(status: Status): Status {
  const rotation = openRotation(status);
  const attempt = rotation.attempt;
  if (attempt?.handle === undefined || attempt.slot === undefined || attempt.createdAt === undefined) {
    throw new Error("in force without having been issued");
  }
  const version: VersionFact = {
    handle: attempt.handle,
    slot: attempt.slot,
    createdAt: attempt.createdAt,
    ...(attempt.expiresAt === undefined ? {} : { expiresAt: attempt.expiresAt }),
    live: true,
    promoted: false,
    origin: "issued",
    mark: { rotation: rotation.id, attempt: attempt.id, epoch: status.epoch },
    ...(attempt.tag === undefined ? {} : { tag: attempt.tag }),
  };
  const replaced = status.versions.filter((v) => v.slot === version.slot && v.mark?.attempt !== attempt.id);
  const ended = [...(rotation.ended ?? []), ...replaced.map(({ handle, slot }) => ({ handle, slot }))];
  return {
    ...status,
    versions: [...status.versions.filter((v) => v.slot !== version.slot), version],
    rotation: { ...rotation, ...(ended.length === 0 ? {} : { ended }) },
  };
}

/** A certificate was made for the new version, which has its dates from it. */
export function certified(
  status: Status,
  { notBefore, expiresAt }: { notBefore: Instant; expiresAt: Instant },
): Status {
  const attempt = openRotation(status).attempt?.id;
  const versions = status.versions.map((v) =>
    v.mark?.attempt === attempt ? { ...v, notBefore, expiresAt } : v,
  );
  return { ...status, versions };
}

/** Consumers were told to use the new version; the old ones are no longer current. */
export function promoted(status: Status, now: Instant): Status {
  const rotation = openRotation(status);
  const attempt = rotation.attempt?.id;
  if (attempt === undefined) throw new Error("promoted without an attempt");
  return {
    ...status,
    rotatedAt: rotation.promotedAt ?? now,
    versions: status.versions.map((v) => ({ ...v, promoted: v.mark?.attempt === attempt || v.promoted })),
    rotation: { ...rotation, promotedAt: rotation.promotedAt ?? now },
  };
}

export function confirmed(status: Status, by: "consumer" | "provider" | "none", now: Instant): Status {
  return { ...status, rotation: { ...openRotation(status), confirmedAt: now, confirmedBy: by } };
}

/** The attempt is gone everywhere: closed, or ready for a new attempt, after `backoff` seconds if it had failed. */
export function aborted(status: Status, backoff: number, now: Instant): Status {
  const rotation = openRotation(status);
  const { attempt, promotedAt: _p, wait: _w, failure, ...rest } = rotation;
  const versions =
    attempt === undefined
      ? status.versions
      : status.versions.filter((v) => v.promoted || v.mark?.attempt !== attempt.id);
  const cleared: Status = { ...status, versions, rotation: { ...rest, pointOfNoReturn: false } };
  if (rotation.closing !== undefined) return close(cleared, rotation.closing, now);
  return {
    ...cleared,
    rotation: {
      ...openRotation(cleared),
      step: "preflight",
      phase: "ready",
      since: now,
      ...(failure === undefined
        ? {}
        : { failure, wait: { why: "backoff", until: addTo(now, backoff), detail: failure.message } }),
    },
  };
}
