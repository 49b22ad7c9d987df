import { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Issued, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { sameVersion } from "../../../core/rotation/fence.ts";
import { handleOf } from "../../clients/postgresql/mark.ts";
import type { Attempts } from "./attempts.ts";
import { type Change, fenced } from "./effect.ts";
import { foreignMark, refuseForeign, refuseStale } from "./fence.ts";
import { chooseIdle } from "./idle.ts";
import type { RoleSight } from "./roles.ts";
import type { Site } from "./site.ts";

/**
 * Alternate: gives the idle role the password of this attempt, LOGIN and the mark, if it is free and without
 * sessions. Called again by the same process with the same attempt it changes nothing.
 */
export async function issueIdle(
  site: Site,
  attempts: Attempts,
  mark: Mark,
  occupied: readonly ObservedVersion[],
  signal: AbortSignal,
): Promise<Issued> {
  const { roles } = site.provider;
  const again = attempts.has(mark);
  const createdAt = site.clock.now();
  let issued: Issued | undefined;
  await fenced(site, roles, signal, async (sight) => {
    const idle = chooseIdle(roles, sight.roles, mark, occupied, again);
    const secret = attempts.make(mark, site, idle.name);
    const roleMark = { mark, kind: "issued" } as const;
    issued = { handle: handleOf(idle.name, roleMark), slot: idle.name, createdAt, parts: secret.parts };
    return {
      role: idle,
      attributes: `LOGIN${freshEnd(idle)}`,
      verifier: await secret.verifier(sight.facts.iterations),
      mark: roleMark,
    };
  });
  if (issued === undefined) throw new Error("issued nothing");
  return issued;
}

/** In place: puts the candidate in force, fenced on the mark of the version before it. Idempotent. */
export async function applyInPlace(
  site: Site,
  attempts: Attempts,
  issued: Issued,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const secret = attempts.of(fence.next, issued.parts);
  await fenced(site, [issued.slot], signal, async ({ roles, facts }) => {
    const role = present(roles, issued.slot);
    refuseForeign(role.name, role.mark, fence);
    return {
      role,
      attributes: `LOGIN${freshEnd(role)}`,
      verifier: await secret.verifier(facts.iterations),
      mark: { mark: fence.next, kind: "issued" },
    };
  });
  attempts.applied(issued.slot, site.clock.now());
}

/** The end that a person set belonged to the password before. */
function freshEnd(role: RoleSight): string {
  return role.validUntil === undefined && !role.expired ? "" : " VALID UNTIL 'infinity'";
}

/** Marks what was there before us: a version where the role can log in, else an empty slot that nobody else takes. */
export async function adoptRole(
  site: Site,
  version: ObservedVersion,
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  await fenced(site, [version.slot], signal, ({ roles }) => {
    const role = present(roles, version.slot);
    if (role.mark !== undefined && !sameVersion(role.mark.mark, mark)) {
      throw foreignMark(role.name, role.mark, undefined);
    }
    refuseStale(role.name, role.mark, mark.epoch);
    return { role, mark: { mark, kind: version.live ? "adopted" : "free" } };
  });
}

/** NOLOGIN: reversible, the password stays. */
export async function deactivateRole(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await change(site, version, fence, signal, (role) =>
    holdsNone(role, fence) ? undefined : { attributes: "NOLOGIN" },
  );
}

/** LOGIN again, with the password that the role had. A revoked one has none any more, and is refused. */
export async function reactivateRole(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await change(site, version, fence, signal, (role) => {
    if (!holdsNone(role, fence)) return { attributes: "LOGIN" };
    throw new EffectError("refused", "revoked", `the role ${role.name} was revoked: its password is gone`, {
      fix: "rotate it: the way is forward",
      retryable: false,
    });
  });
}

/** No password and NOLOGIN; the mark says that the role is free. A role that is gone or free already is success. */
export async function revokeRole(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await fenced(site, [version.slot], signal, ({ roles }) => {
    const role = roles.get(version.slot);
    if (role === undefined || (holdsNone(role, fence) && !role.canLogin)) return undefined;
    if (!holdsNone(role, fence)) refuseForeign(role.name, role.mark, fence);
    refuseStale(role.name, role.mark, fence.next.epoch);
    return { role, attributes: "NOLOGIN PASSWORD NULL", mark: { mark: fence.next, kind: "free" } };
  });
}

/** The slot of this very version is empty. */
function holdsNone({ mark }: RoleSight, { expected, next }: Fence): boolean {
  return (
    mark?.kind === "free" &&
    (expected === undefined || sameVersion(mark.mark, expected) || sameVersion(mark.mark, next))
  );
}

async function change(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
  decide: (role: RoleSight) => Pick<Change, "attributes"> | undefined,
): Promise<void> {
  await fenced(site, [version.slot], signal, ({ roles }) => {
    const role = present(roles, version.slot);
    const decided = decide(role);
    if (decided === undefined) return undefined;
    refuseForeign(role.name, role.mark, fence);
    return { role, ...decided, mark: { mark: fence.next, kind: role.mark?.kind ?? "adopted" } };
  });
}

function present(roles: ReadonlyMap<string, RoleSight>, name: string): RoleSight {
  const role = roles.get(name);
  if (role !== undefined) return role;
  throw new EffectError("refused", "role-missing", `the role ${name} does not exist`, {
    fix: "create it again, or correct `roles`",
    retryable: false,
  });
}
