import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { chainsServed } from "../evaluate/served-facts.ts";
import type { Before } from "../state/issue-book.ts";
import type { Status } from "../state/status.ts";

/** Codes that a person heals by rotating. */
export const ROTATION_CODES: ReadonlySet<string> = new Set([
  "rotation-due",
  "rotation-overdue",
  "past-end",
  "compromised",
]);

/** A finding that is over when a person has made a new version. */
export function isHandwork(code: string, evaluated: EvaluatedCredential | undefined): boolean {
  return ROTATION_CODES.has(code) && evaluated?.source.document.spec.method === "manual";
}

/**
 * What shows the version in use before a person rotates, where anything does: the keys that a certificate's places
 * serve, else the handle in the document. Undefined: only the date that people write can say it.
 */
export function seenBefore({ source }: EvaluatedCredential, status: Status | undefined): Before | undefined {
  const { type, handle } = source.document.spec;
  if (type === "tls-certificate") {
    const seen = keysServed(status);
    if (seen.length > 0) return { by: "served", seen: seen.map(([, key]) => key) };
  }
  return handle === undefined ? undefined : { by: "handle", seen: [handle] };
}

/** What still shows the version of before, in words for `is still …`; undefined: a new one is in use everywhere. */
export function stillOld(
  { by, seen }: Before,
  { source, last }: EvaluatedCredential,
  status: Status | undefined,
): string | undefined {
  const old = new Set(seen);
  if (by === "handle") {
    const { handle } = source.document.spec;
    // A value that was carried to its targets since then is a new version, whatever it is called.
    const isCarried =
      status?.versions.some(({ promoted, createdAt }) => promoted && createdAt >= last) === true;
    if (isCarried) return undefined;
    return handle !== undefined && old.has(handle)
      ? `its document still names the handle ${handle}`
      : undefined;
  }
  const places = keysServed(status).flatMap(([place, key]) => (old.has(key) ? [place] : []));
  if (places.length === 0) return undefined;
  return `the key of before is still served at ${[...new Set(places)].join(", ")}`;
}

function keysServed(status: Status | undefined): readonly (readonly [place: string, key: string])[] {
  return chainsServed(status?.served)
    .map(({ place, leaf }) => [place.place, leaf.spki] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
