import { createHash } from "node:crypto";
import { CreError } from "../../../core/model/errors.ts";
import { type Instant, instantOf } from "../../../core/model/instant.ts";
import { serverAnswer } from "../../clients/postgresql/connect-error.ts";
import { type RoleMark, readComment } from "../../clients/postgresql/mark.ts";
import type { Session } from "../../clients/postgresql/session.ts";

/** A role as everybody on the server may see it. */
export interface RoleSight {
  readonly name: string;
  readonly oid: string;
  readonly canLogin: boolean;
  /** Its password has an end of its own. */
  readonly validUntil: Instant | undefined;
  readonly expired: boolean;
  readonly comment: string | null;
  readonly mark: RoleMark | undefined;
  /** Sessions of others than our probes on this server now; their number everybody may see. */
  readonly sessions: number;
}

interface Row {
  name: string;
  oid: string;
  can_login: boolean;
  until: number | null;
  expired: boolean;
  comment: string | null;
  sessions: number;
}

const ROLES = `
  SELECT r.rolname AS name, r.oid::text AS oid, r.rolcanlogin AS can_login,
         CASE WHEN isfinite(r.rolvaliduntil) THEN floor(extract(epoch FROM r.rolvaliduntil))::float8 END AS until,
         coalesce(r.rolvaliduntil <= clock_timestamp(), false) AS expired,
         shobj_description(r.oid, 'pg_authid') AS comment,
         (SELECT count(*) FROM pg_stat_activity a
           WHERE a.usesysid = r.oid AND a.application_name IS DISTINCT FROM 'cre-verify')::int AS sessions
    FROM pg_roles r WHERE r.rolname = ANY ($1)`;

/** Reads roles by name; one that does not exist is left out. */
export async function readRoles(
  session: Session,
  names: readonly string[],
): Promise<ReadonlyMap<string, RoleSight>> {
  const rows = await session.query<Row>(ROLES, [names]);
  return new Map(
    rows.map((row) => [
      row.name,
      {
        name: row.name,
        oid: row.oid,
        canLogin: row.can_login,
        validUntil: row.until === null ? undefined : instantOf(row.until),
        expired: row.expired,
        comment: row.comment,
        mark: readComment(row.comment).mark,
        sessions: row.sessions,
      },
    ]),
  );
}

/** Waits for every effect on these roles that may still be on its way, so that what is read next is settled. */
export async function settle(session: Session, names: readonly string[]): Promise<void> {
  try {
    await session.command(lockStatement(names, "shared"));
  } catch (error) {
    // lock_timeout and statement_timeout; anything else, as a lost connection, says nothing about a change.
    const answer = serverAnswer(error);
    if (answer?.state !== "55P03" && answer?.state !== "57014") throw error;
    throw new CreError("effect-in-progress", `a change of ${names.join(", ")} is still going on`, {
      evidence: answer.message,
    });
  }
}

/**
 * Locks roles until the end of the transaction, always in the same order. The lock is one of the database that the
 * session is in, so an effect also compares the comment again after its change.
 */
export function lockStatement(names: readonly string[], mode: "exclusive" | "shared"): string {
  const call = mode === "shared" ? "pg_advisory_xact_lock_shared" : "pg_advisory_xact_lock";
  const keys = names.toSorted().map((name) => {
    const digest = createHash("sha256").update(`cre:role:${name}`).digest();
    return `SELECT ${call}(${digest.readBigInt64BE(0)})`;
  });
  return keys.join("; ");
}
