import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import { handleOf } from "../../clients/postgresql/mark.ts";
import type { RoleSight } from "./roles.ts";

/**
 * The versions that roles hold. A free role holds none, unless somebody let it log in again: then it is shown without
 * a mark, as a version that no record knows.
 *
 * Whether a password is set is visible to superusers only; a role is live when it may log in and has not expired.
 */
export function versionsIn(
  names: readonly string[],
  roles: ReadonlyMap<string, RoleSight>,
): readonly ObservedVersion[] {
  return names.flatMap((name) => {
    const role = roles.get(name);
    if (role === undefined) return [];
    const free = role.mark?.kind === "free";
    if (free && !role.canLogin) return [];
    return [
      {
        handle: handleOf(name, role.mark),
        slot: name,
        live: role.canLogin && !role.expired,
        reactivatable: !role.canLogin,
        ...(role.validUntil === undefined ? {} : { expiresAt: role.validUntil }),
        ...(role.mark === undefined || free ? {} : { mark: role.mark.mark }),
        note: noteOn(role, free),
      },
    ];
  });
}

function noteOn({ sessions, expired }: RoleSight, free: boolean): string {
  const notes = [`${sessions} ${sessions === 1 ? "session" : "sessions"} now`];
  if (expired) notes.push("its VALID UNTIL is over");
  if (free) notes.push("revoked by us, and allowed to log in again by somebody else");
  return notes.join(", ");
}
