import { EffectError } from "../../../core/model/errors.ts";
import type { Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { sameVersion } from "../../../core/rotation/fence.ts";
import { foreignMark, refuseStale } from "./fence.ts";
import type { RoleSight } from "./roles.ts";

/**
 * The role that may take the next version: it holds none (revoked by us, or unmarked and unable to log in), nobody is
 * signed in with it, and every other role is as the record has it. Also the role that has this very attempt already,
 * if this process made it (`again`). Everything else is refused.
 */
export function chooseIdle(
  names: readonly string[],
  roles: ReadonlyMap<string, RoleSight>,
  mark: Mark,
  occupied: readonly ObservedVersion[],
  again: boolean,
): RoleSight {
  let idle: RoleSight | undefined;
  for (const name of names) {
    const role = roles.get(name);
    if (role === undefined) throw missing(name);
    const known = occupied.find(({ slot }) => slot === name);
    if (known !== undefined && !sameVersion(known.mark, mark)) {
      if (known.mark !== role.mark?.mark && !sameVersion(known.mark, role.mark?.mark)) {
        throw foreignMark(name, role.mark, known.mark);
      }
      refuseStale(name, role.mark, mark.epoch);
      continue;
    }
    if (sameVersion(role.mark?.mark, mark) && role.mark?.kind === "issued") {
      if (again) return role;
      throw new EffectError(
        "refused",
        "already-issued",
        `the role ${name} has this attempt, but its secret is lost`,
        {
          fix: "nothing: the attempt is aborted and made anew",
        },
      );
    }
    refuseOccupied(role);
    refuseStale(name, role.mark, mark.epoch);
    idle ??= role;
  }
  if (idle === undefined) {
    throw new EffectError("refused", "no-free-slot", `none of the roles ${names.join(", ")} is free`, {
      fix: "wait until the old version is revoked",
    });
  }
  if (idle.sessions > 0) {
    throw new EffectError(
      "refused",
      "idle-in-use",
      `the idle role ${idle.name} has ${idle.sessions} sessions`,
      {
        fix: `end them: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${idle.name.replaceAll("'", "''")}'`,
      },
    );
  }
  return idle;
}

function refuseOccupied(role: RoleSight): void {
  if (role.mark !== undefined && role.mark.kind !== "free") {
    throw foreignMark(role.name, role.mark, undefined);
  }
  if (!role.canLogin) return;
  throw new EffectError(
    "refused",
    "idle-can-login",
    `the role ${role.name} can log in, but no record knows a version in it`,
    { fix: `ALTER ROLE "${role.name.replaceAll('"', '""')}" NOLOGIN if nobody uses it`, retryable: false },
  );
}

function missing(name: string): EffectError {
  return new EffectError("refused", "role-missing", `the role ${name} does not exist`, {
    fix: "create it as the preflight says",
    retryable: false,
  });
}
