import type { Instant } from "../model/instant.ts";
import type { Rotation, Status } from "../state/status.ts";
import type { DeliveryShape } from "./recipe.ts";
import { advance, goTo, openRotation } from "./transition.ts";

/** The end of the versions that a rotation retires: silence, deactivation, revocation. Pure moves of one record. */

/** The old version was seen in use: its silence is over. */
export function heard(status: Status, now: Instant): Status {
  const { silentSince: _a, silenceSampled: _b, ...rest } = openRotation(status);
  return { ...status, rotation: { ...rest, oldUsedOn: now.slice(0, 10) } };
}

/** No use was seen: silence has begun at `since`, unless it had before. */
export function silent(status: Status, since: Instant, sampled: boolean): Status {
  const rotation = openRotation(status);
  return {
    ...status,
    rotation: { ...rotation, silentSince: rotation.silentSince ?? since, silenceSampled: sampled },
  };
}

/** The provider remembers the last use, which was at `at`: silence has lasted since then. */
export function lastHeard(status: Status, at: Instant): Status {
  const rotation = openRotation(status);
  return {
    ...status,
    rotation: { ...rotation, oldUsedOn: at.slice(0, 10), silentSince: at, silenceSampled: false },
  };
}

/** Nobody could see whether the old one is used: an earlier silence proves nothing any more. */
export function blind(status: Status): Status {
  const { silentSince: _a, silenceSampled: _b, ...rest } = openRotation(status);
  return { ...status, rotation: rest };
}

export function deactivated(status: Status, handles: ReadonlySet<string>, now: Instant): Status {
  return {
    ...status,
    versions: status.versions.map((v) =>
      handles.has(v.handle) ? { ...v, live: false, deactivatedAt: v.deactivatedAt ?? now } : v,
    ),
    rotation: { ...openRotation(status), deactivatedAt: now },
  };
}

/**
 * The old version is live again: the proof of use starts over. A rotation without a new version has nothing to
 * confirm, so there it is the old one's silence that has to be proven anew.
 */
export function reactivated(status: Status, handles: ReadonlySet<string>, now: Instant): Status {
  const { deactivatedAt: _d, ...rest } = forgetProof(openRotation(status));
  const versions = status.versions.map((v) => {
    if (!handles.has(v.handle)) return v;
    const { deactivatedAt: _v, ...version } = v;
    return { ...version, live: true };
  });
  const back = rest.recipe === "retire" || rest.recipe === "adopt" ? "deactivate" : "confirm";
  return goTo({ ...status, versions, rotation: rest }, back, now);
}

/** These versions are dead for good; an emergency still has to end what they minted. */
export function revoked(status: Status, handles: ReadonlySet<string>): Status {
  const rotation = openRotation(status);
  const gone = status.versions
    .filter((v) => handles.has(v.handle))
    .map(({ handle, slot }) => ({ handle, slot }));
  return {
    ...status,
    versions: status.versions.filter((v) => !handles.has(v.handle)),
    rotation: { ...rotation, ended: [...(rotation.ended ?? []), ...gone] },
  };
}

/** Emergencies end with containment, where the provider can; one that freed its slot first then makes the new version. */
export function afterRevoke(status: Status, { now, shape }: { now: Instant; shape: DeliveryShape }): Status {
  const { emergency, recipe } = openRotation(status);
  if (emergency && recipe !== "adopt") return goTo(status, "contain", now);
  return advance(status, shape, now);
}

/** Forgets confirmation, silence and a person's word about them, so that all are proven again. */
export function forgetProof(rotation: Rotation): Rotation {
  const {
    confirmedAt: _a,
    confirmedBy: _b,
    silentSince: _c,
    silenceSampled: _d,
    proceed: _e,
    ...rest
  } = rotation;
  return rest;
}
