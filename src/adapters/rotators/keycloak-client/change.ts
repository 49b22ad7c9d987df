import { EffectError } from "../../../core/model/errors.ts";
import { epochSeconds } from "../../../core/model/instant.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { type SlotNote, writeNote } from "./note.ts";
import { placeOf } from "./place.ts";
import { changeText } from "./secret-text.ts";
import { CURRENT_NOTE, type Placed, ROTATED_NOTE, type Sight } from "./sight.ts";
import { type Site } from "./site.ts";

/** What is to stand in one of the two slots. */
export interface Wanted {
  readonly secret: Secret;
  readonly note: SlotNote | undefined;
  readonly since: number;
  /** Seconds since 1970. Undefined, for the current one only: as the realm's policy has it, if there is one. */
  readonly end: number | undefined;
}

export interface Arrangement {
  /** Undefined: as it is. */
  readonly current?: Wanted;
  readonly rotated?: Wanted | "none";
  /** Other attributes and fields. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * Puts secrets, their ends and the notes about them where they belong, in one request: Keycloak does all of it or
 * nothing. What is not named stays as it is, except for the authorization settings of the client, which Keycloak deletes
 * if a change does not say that they are on.
 *
 * Keycloak compares nothing when it changes a client, so that between the look and this another run could act. What holds
 * it back is the lease, which is checked right before.
 */
export async function rearrange(
  site: Site,
  sight: Sight,
  { current, rotated, fields = {}, attributes = {} }: Arrangement,
  doing: string,
  signal: AbortSignal,
): Promise<void> {
  const now = epochSeconds(site.ports.clock.now());
  refuseEnded(site, current ?? sight.current, now);
  const body = {
    ...(sight.authorization === undefined ? {} : { authorizationServicesEnabled: sight.authorization }),
    ...fields,
    attributes: {
      ...attributes,
      ...currentAttributes(sight, current),
      ...rotatedAttributes(sight, rotated),
    },
  };
  const secrets = {
    ...(current === undefined ? {} : { current: current.secret }),
    ...(rotated === undefined || rotated === "none" ? {} : { rotated: rotated.secret }),
  };
  await site.api.send(
    {
      method: "PUT",
      path: `/clients/${sight.id}`,
      body: changeText(body, secrets),
      doing,
      isEffect: true,
      sent: Object.values(secrets),
    },
    signal,
  );
}

/** Under a policy Keycloak answers to any change of a client whose secret is over with a new secret of its own. */
function refuseEnded(site: Site, current: Pick<Placed, "end"> | undefined, now: number): void {
  if (current?.end === undefined || current.end > now) return;
  throw new EffectError("refused", "current-ended", `the current secret of ${placeOf(site)} is over`, {
    evidence: "Keycloak would make another one by itself as soon as anything is changed",
    fix: `cre rotate ${site.credential}`,
  });
}

/** An empty text removes an attribute. */
function currentAttributes(sight: Sight, current: Wanted | undefined): Record<string, string> {
  if (current === undefined) return { [CURRENT_NOTE]: noteText(sight, sight.current) };
  return {
    "client.secret.creation.time": String(current.since),
    "client.secret.expiration.time": current.end === undefined ? "" : String(current.end),
    [CURRENT_NOTE]: noteText(sight, current),
  };
}

function rotatedAttributes(sight: Sight, rotated: Wanted | "none" | undefined): Record<string, string> {
  if (rotated === undefined) return { [ROTATED_NOTE]: noteText(sight, sight.rotated) };
  if (rotated === "none") {
    return {
      "client.secret.rotated": "",
      "client.secret.rotated.creation.time": "",
      "client.secret.rotated.expiration.time": "",
      [ROTATED_NOTE]: "",
    };
  }
  return {
    "client.secret.rotated.creation.time": String(rotated.since),
    "client.secret.rotated.expiration.time": String(rotated.end ?? 0),
    [ROTATED_NOTE]: noteText(sight, rotated),
  };
}

function noteText({ id }: Sight, slot: Pick<Wanted, "note" | "secret"> | undefined): string {
  return slot?.note === undefined ? "" : writeNote(slot.note, id, slot.secret);
}
