import type { Instant } from "../../../core/model/instant.ts";
import type { Evidence, Issued, ObservedVersion, UseEvidence } from "../../../core/ports/rotator.ts";
import { reading } from "../../clients/postgresql/session.ts";
import type { Attempts } from "./attempts.ts";
import { containRole } from "./contain.ts";
import { versionsIn } from "./observe.ts";
import { readRoles, settle } from "./roles.ts";
import type { Site } from "./site.ts";
import { judgeUse, readSessions } from "./use.ts";
import { verifyAt } from "./verify.ts";

/** What the roles hold, after every effect on them that was still going on has ended. */
export async function observeRoles(site: Site, signal: AbortSignal): Promise<readonly ObservedVersion[]> {
  const { roles } = site.provider;
  return reading(site.door, await site.adminLogin(), signal, async (session) => {
    await settle(session, roles);
    return versionsIn(roles, await readRoles(session, roles));
  });
}

export async function verifyIssued(
  site: Site,
  attempts: Attempts,
  issued: Issued,
  signal: AbortSignal,
): Promise<void> {
  const password = issued.parts.get("password");
  if (password === undefined) throw new Error(`${issued.handle} has no password`);
  const { database, ownerRole } = site.provider;
  const login = { user: issued.slot, password, database, application: "cre-verify" };
  attempts.foundPoolers(await verifyAt(site.paths, login, ownerRole, signal));
}

/** Looks at the sessions of a version's role; see {@link judgeUse}. */
export async function useOfVersion(
  site: Site,
  version: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<UseEvidence> {
  return reading(site.door, await site.adminLogin(), signal, async (session) => {
    const sight = await readSessions(session, version.slot);
    if (sight === undefined) return { kind: "unknown", detail: `the role ${version.slot} does not exist` };
    return judgeUse(version.slot, sight, since, site.clock.now(), site.inPlace);
  });
}

export async function containVersion(
  site: Site,
  attempts: Attempts,
  version: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  const now = (): Instant => site.clock.now();
  // In place nobody else can say which sessions came in before the change; all of them sign in anew.
  const replacedAt = site.inPlace ? (attempts.lastApplied(version.slot) ?? now()) : undefined;
  const poolers = attempts.poolers() ?? site.paths.filter((path) => path !== site.door);
  return reading(site.door, await site.adminLogin(), signal, async (session) =>
    containRole(session, { version, since, replacedAt, now, poolers }),
  );
}
