import { type Instant, parseInstant } from "../../../core/model/instant.ts";
import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import { currentVersion } from "../../../core/rotation/reconcile.ts";
import type { VersionFact } from "../../../core/state/status.ts";
import { slotOf } from "./place.ts";
import { renewalWindow } from "./renewal.ts";
import { lookAtEndpoints, type Served } from "./served.ts";
import type { Site } from "./site.ts";

/**
 * No CA lists certificates, so the record says which there are, and this says what became of them: the one in use, and
 * one that was not promoted yet, live until their end; an older one only while a place serves it, or may. Where there
 * is no record yet, it is what the endpoints serve; where they serve nothing, what the document says.
 */
export async function observe(
  site: Site,
  signal: AbortSignal,
  recorded: readonly VersionFact[] = [],
): Promise<readonly ObservedVersion[]> {
  site.recorded.clear();
  for (const fact of recorded) site.recorded.set(fact.handle, fact);
  if (recorded.length === 0) return beforeUs(site, await lookAtEndpoints(site, signal));
  const current = currentVersion(recorded);
  const hasOlder = recorded.some((fact) => fact.promoted && fact !== current);
  const served = hasOlder ? await lookAtEndpoints(site, signal) : undefined;
  const now = site.ports.clock.now();
  return Promise.all(
    recorded.map(async (fact) => {
      const isOld = fact.promoted && fact !== current;
      const live = isBefore(now, fact.expiresAt) && (!isOld || mayBeServed(fact, served));
      const renewal = fact === current ? await renewalWindow(site, fact, signal) : undefined;
      return { ...shown(fact), live, ...(renewal === undefined ? {} : { renewal }) };
    }),
  );
}

function shown({ handle, slot, createdAt, expiresAt, mark, notBefore }: VersionFact): ObservedVersion {
  return {
    handle,
    slot,
    live: true,
    reactivatable: false,
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(mark === undefined ? {} : { mark }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

function isBefore(now: Instant, end: Instant | undefined): boolean {
  return end === undefined || now < end;
}

function mayBeServed({ handle, live }: VersionFact, served: Served | undefined): boolean {
  if (served === undefined) return false;
  return served.leaves.some((leaf) => leaf.handle === handle) || (live && served.blind.length > 0);
}

/** Certificates that were there before us, each once, with where they are served. One that is past its end is as well. */
function beforeUs(site: Site, { leaves, blind }: Served): readonly ObservedVersion[] {
  const handles = new Set(leaves.map(({ handle }) => handle));
  if (handles.size === 0) return [declaredVersion(site, blind)];
  return [...handles].flatMap((handle) => {
    const places = leaves.filter((leaf) => leaf.handle === handle);
    const [leaf] = places;
    if (leaf === undefined) return [];
    return [
      {
        handle,
        slot: leaf.der === undefined ? handle : slotOf(leaf.der),
        live: true,
        reactivatable: false,
        createdAt: leaf.notBefore,
        expiresAt: leaf.notAfter,
        notBefore: leaf.notBefore,
        note: `served by ${places.map(({ place }) => place).join(", ")}`,
      },
    ];
  });
}

/** Nothing is served, or nobody said where: what was there before us, if anything, ends as the document says. */
function declaredVersion({ declared }: Site, blind: readonly string[]): ObservedVersion {
  const handle = declared.handle ?? "declared";
  const expiresAt = declared.expiresAt === undefined ? undefined : parseInstant(declared.expiresAt);
  return {
    handle,
    slot: handle,
    live: true,
    reactivatable: false,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    note: `as the document says${blind.length === 0 ? "" : `; ${blind.join("; ")}`}`,
  };
}
