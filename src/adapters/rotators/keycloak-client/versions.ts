import { CreError } from "../../../core/model/errors.ts";
import { epochSeconds, type Instant, instantOf } from "../../../core/model/instant.ts";
import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import type { VersionNote } from "./note.ts";
import { placeOf } from "./place.ts";
import { unusable } from "./secret-text.ts";
import type { Placed, Sight } from "./sight.ts";
import { type Site } from "./site.ts";

/** A version, and where Keycloak has it now. */
export interface Seen {
  readonly version: ObservedVersion;
  readonly place: "current" | "rotated";
  readonly placed: Placed;
  readonly note: VersionNote | undefined;
}

/**
 * The versions of a client. What fills the place of a version that is gone is none, and neither is a former secret that
 * is over and not ours: Keycloak keeps those until the next one comes.
 */
export function versionsIn(sight: Sight, now: Instant): readonly Seen[] {
  const { current, rotated } = sight;
  const taken = new Set(sight.noted);
  const named = (base: string): string => {
    let handle = base;
    for (let count = 2; taken.has(handle); count += 1) handle = `${base}-${count}`;
    taken.add(handle);
    return handle;
  };
  return [
    ...(current === undefined || current.note === "filler" ? [] : [seenCurrent(current, now, named)]),
    ...(rotated === undefined || rotated.note === "filler" ? [] : seenRotated(rotated, now, named)),
  ];
}

/** Whether Keycloak takes it now. */
export function isLive({ end, note }: Placed, now: Instant): boolean {
  return (end === undefined || end > epochSeconds(now)) && (note === "filler" || note?.asleep === undefined);
}

function seenCurrent(placed: Placed, now: Instant, named: (base: string) => string): Seen {
  const note = noteOf(placed);
  const handle = note?.handle ?? named(timeName(placed.since));
  const createdAt = note?.createdAt ?? placed.since;
  return {
    place: "current",
    placed,
    note,
    version: {
      handle,
      slot: handle,
      live: isLive(placed, now),
      reactivatable: false,
      ...(createdAt === undefined ? {} : { createdAt: instantOf(createdAt) }),
      ...(placed.end === undefined ? {} : { expiresAt: instantOf(placed.end) }),
      ...(note === undefined ? { note: "the client's current secret" } : { mark: note.mark }),
    },
  };
}

function seenRotated(placed: Placed, now: Instant, named: (base: string) => string): readonly Seen[] {
  const note = noteOf(placed);
  const live = isLive(placed, now);
  if (note === undefined && !live) return [];
  const handle = note?.handle ?? named(`before-${timeName(placed.since)}`);
  const end = note?.asleep ?? placed.end;
  return [
    {
      place: "rotated",
      placed,
      note,
      version: {
        handle,
        slot: handle,
        live,
        reactivatable: note?.asleep !== undefined && note.asleep > epochSeconds(now),
        ...(note === undefined ? {} : { createdAt: instantOf(note.createdAt) }),
        ...(end === undefined ? {} : { expiresAt: instantOf(end) }),
        ...(note === undefined
          ? { note: "the secret before the current one (rotated secret)" }
          : { mark: note.mark }),
      },
    },
  ];
}

function noteOf({ note }: Placed): VersionNote | undefined {
  return note === "filler" ? undefined : note;
}

/** The public name of a secret that nobody has named yet: when it was made. */
export function timeName(seconds: number | undefined): string {
  if (seconds === undefined) return "undated";
  return instantOf(seconds).replaceAll(/[-:]/g, "");
}

/** Refuses a client whose secret cannot be read and replaced, with what would have to be changed. */
export function refuseUnfit(site: Site, sight: Sight | undefined): Sight {
  const { realm, clientId, connection } = site.provider;
  if (sight === undefined) {
    throw new CreError("client-missing", `there is no ${placeOf(site).replace(/^the /, "")}`, {
      evidence: "Keycloak shows no client with this client id",
      fix: `write the Client ID as the console shows it for the realm ${realm} (not the id in the console's address), and let the client of ${connection} view it`,
    });
  }
  if (sight.unfit !== undefined) {
    throw new CreError("client-unfit", `${placeOf(site)} has no secret to rotate`, {
      evidence: sight.unfit,
      fix: "turn Client authentication on, with «Client Id and Secret», or remove this document",
    });
  }
  if (sight.current === undefined) {
    throw new CreError("client-unfit", `${placeOf(site)} shows no secret`, {
      fix: `make one in the console (Credentials, Regenerate), and let the client of ${connection} manage ${clientId}`,
    });
  }
  for (const placed of [sight.current, sight.rotated]) {
    const why = placed === undefined ? undefined : unusable(placed.secret);
    if (why === "masked") {
      throw new CreError("permission-missing", `${placeOf(site)} hides its secret from this runner`, {
        fix: `let the client of the connection ${connection} manage ${clientId}, and not only view it`,
      });
    }
    if (why === "vault") {
      throw new CreError("vault-secret", `the secret of ${placeOf(site)} is in Keycloak's vault`, {
        fix: "rotate it in the vault, or regenerate it in Keycloak so that it is stored there",
      });
    }
  }
  return sight;
}
