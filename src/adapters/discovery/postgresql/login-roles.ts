import { type Instant, instantOf } from "../../../core/model/instant.ts";
import type { Session } from "../../clients/postgresql/session.ts";

/** How a password is kept, as far as one may see it; the verifier itself never leaves the server. */
type Verifier = "scram" | "md5" | "other" | "none" | "not seen";

/** A role that may log in, or that is registered, as the server shows it now. */
export interface LoginRole {
  readonly name: string;
  readonly canLogin: boolean;
  readonly verifier: Verifier;
  readonly validUntil: Instant | undefined;
  readonly expired: boolean;
  readonly superuser: boolean;
  readonly replication: boolean;
  readonly createsRoles: boolean;
  readonly bypassesRowSecurity: boolean;
  readonly comment: string | null;
  /** Sessions of others than our probes on this server now. */
  readonly sessions: number;
}

interface Row {
  name: string;
  can_login: boolean;
  verifier: Verifier;
  until: number | null;
  expired: boolean;
  superuser: boolean;
  replication: boolean;
  creates_roles: boolean;
  bypasses: boolean;
  comment: string | null;
  sessions: number;
}

/** The server itself says of what kind a verifier is: what it answers has nothing of one. */
const KIND = `CASE WHEN p.rolpassword IS NULL THEN 'none'
  WHEN p.rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram' WHEN p.rolpassword LIKE 'md5%' THEN 'md5' ELSE 'other' END`;

/** Where this login may learn of what kind verifiers are. */
type KindsAt = "catalog" | "view" | "nowhere";

/** How each of these is asked; the view is that of examples/discovery/postgresql.sql. */
const KINDS: Readonly<Record<KindsAt, { readonly kind: string; readonly join: string }>> = {
  catalog: { kind: KIND, join: "JOIN pg_catalog.pg_authid p ON p.oid = r.oid" },
  view: {
    kind: "CASE WHEN k.kind IN ('scram', 'md5', 'none') THEN k.kind ELSE 'other' END",
    join: "JOIN cre.password_kinds k ON k.role = r.rolname",
  },
  nowhere: { kind: "'not seen'", join: "" },
};

/** Roles in the order of their bytes, so that a look can go on where another one ended. */
function statement(at: KindsAt): string {
  const { kind, join } = KINDS[at];
  return `
  SELECT r.rolname AS name, r.rolcanlogin AS can_login, ${kind} AS verifier,
         CASE WHEN isfinite(r.rolvaliduntil) THEN floor(extract(epoch FROM r.rolvaliduntil))::float8 END AS until,
         coalesce(r.rolvaliduntil <= clock_timestamp(), false) AS expired,
         r.rolsuper AS superuser, r.rolreplication AS replication, r.rolcreaterole AS creates_roles,
         r.rolbypassrls AS bypasses, shobj_description(r.oid, 'pg_authid') AS comment,
         (SELECT count(*) FROM pg_stat_activity a
           WHERE a.usesysid = r.oid AND coalesce(a.application_name, '') NOT IN ('cre', 'cre-verify'))::int AS sessions
    FROM pg_roles r ${join}
   WHERE r.rolname > $1::name AND (r.rolcanlogin OR r.rolname = ANY ($2)) AND r.rolname !~ '^pg_'
   ORDER BY r.rolname LIMIT $3`;
}

/** Only superusers may read verifiers; a view can show their kinds to others. */
export async function kindsSeenAt(session: Session): Promise<KindsAt> {
  const [row] = await session.query<{ catalog: boolean; view: boolean }>(
    `SELECT has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') AS catalog,
            coalesce(has_table_privilege(to_regclass('cre.password_kinds'), 'SELECT')
              AND has_schema_privilege(to_regnamespace('cre'), 'USAGE'), false) AS view`,
  );
  if (row?.catalog === true) return "catalog";
  return row?.view === true ? "view" : "nowhere";
}

/** Up to `most` roles behind `after`: those that may log in, and those that are registered whatever they may. */
export async function rolesAfter(
  session: Session,
  after: string,
  registered: readonly string[],
  { kinds, most }: { readonly kinds: KindsAt; readonly most: number },
): Promise<readonly LoginRole[]> {
  const rows = await session.query<Row>(statement(kinds), [after, registered, most]);
  return rows.map((row) => ({
    name: row.name,
    canLogin: row.can_login,
    verifier: row.verifier,
    validUntil: row.until === null ? undefined : instantOf(row.until),
    expired: row.expired,
    superuser: row.superuser,
    replication: row.replication,
    createsRoles: row.creates_roles,
    bypassesRowSecurity: row.bypasses,
    comment: row.comment,
    sessions: row.sessions,
  }));
}
