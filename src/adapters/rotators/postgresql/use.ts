import { epochSeconds, type Instant, instantOf } from "../../../core/model/instant.ts";
import type { UseEvidence } from "../../../core/ports/rotator.ts";
import type { Session } from "../../clients/postgresql/session.ts";

/** One session of a role on this server, as far as the admin login may see it. */
export interface RoleSession {
  readonly pid: number;
  readonly application: string;
  readonly client: string;
  /** Seconds since it signed in; undefined without the right to see it. */
  readonly age: number | undefined;
}

/** The sessions of a role, and whether this login could have seen all about them. */
export interface SessionSight {
  readonly sighted: boolean;
  readonly sessions: readonly RoleSession[];
  readonly prepared: number;
}

/** Reads the sessions of a role, without our own probes. */
export async function readSessions(session: Session, role: string): Promise<SessionSight | undefined> {
  const [rights] = await session.query<{ oid: string; sighted: boolean; prepared: number }>(
    `SELECT r.oid::text AS oid,
            pg_has_role(current_user, r.oid, 'USAGE') OR pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sighted,
            (SELECT count(*) FROM pg_prepared_xacts p WHERE p.owner = r.rolname)::int AS prepared
       FROM pg_roles r WHERE r.rolname = $1`,
    [role],
  );
  if (rights === undefined) return undefined;
  // Within a transaction the server shows the activity of its first look again.
  await session.query("SELECT pg_stat_clear_snapshot()");
  const sessions = await session.query<{
    pid: number;
    application: string;
    client: string;
    age: number | null;
  }>(
    `SELECT pid, coalesce(application_name, '') AS application, coalesce(host(client_addr), 'socket') AS client,
            extract(epoch FROM clock_timestamp() - backend_start)::float8 AS age
       FROM pg_stat_activity WHERE usesysid = $1::oid AND application_name IS DISTINCT FROM 'cre-verify'`,
    [rights.oid],
  );
  return {
    sighted: rights.sighted,
    prepared: rights.prepared,
    sessions: sessions.map(({ pid, application, client, age }) => ({
      pid,
      application,
      client,
      age: age ?? undefined,
    })),
  };
}

/**
 * What the sessions say about the use of a role's version. A session of the present is use, and no session is silence,
 * which is `sampled`: the server remembers no past ones. Without the right to see them all it is unknown.
 *
 * `sinceMatters` where one role keeps its name from version to version: a session from before `since` may have come in
 * with the password before this one, so it proves neither use nor silence.
 */
export function judgeUse(
  role: string,
  sight: SessionSight,
  since: Instant,
  now: Instant,
  sinceMatters: boolean,
): UseEvidence {
  const { sessions, sighted, prepared } = sight;
  const fresh = sessions.filter(
    ({ age }) => age !== undefined && epochSeconds(now) - age >= epochSeconds(since),
  );
  const counted = sinceMatters ? fresh : sessions;
  if (counted.length > 0) return { kind: "used", at: now, detail: summary(role, counted) };
  if (prepared > 0 && !sinceMatters) {
    return { kind: "used", at: now, detail: `${role} has ${prepared} prepared transactions to finish` };
  }
  if (!sighted) {
    return {
      kind: "unknown",
      detail: `the admin login may not see the sessions of ${role}: GRANT pg_read_all_stats to it`,
    };
  }
  if (sessions.length > 0) {
    return {
      kind: "unknown",
      detail: `${summary(role, sessions)}, all from before ${since}: they tell nothing`,
    };
  }
  return { kind: "silent", sampled: true, detail: `no session of ${role} at ${now}` };
}

/** Sessions by application and client, in words; what others wrote is cut and cleaned. */
export function summary(role: string, sessions: readonly RoleSession[]): string {
  const groups = new Map<string, number>();
  for (const { application, client } of sessions) {
    const name = `${shown(application) || "unnamed"} from ${client}`;
    groups.set(name, (groups.get(name) ?? 0) + 1);
  }
  const list = [...groups].map(([name, count]) => `${count} × ${name}`);
  const more = list.length > 5 ? `, and ${list.length - 5} more` : "";
  return `${sessions.length} ${sessions.length === 1 ? "session" : "sessions"} of ${role} (${list.slice(0, 5).join(", ")}${more})`;
}

/** When a session signed in, by our clock. */
export function signedInAt(session: RoleSession, now: Instant): Instant | undefined {
  return session.age === undefined ? undefined : instantOf(epochSeconds(now) - session.age);
}

function shown(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 40);
}
