import { CreError } from "../../../core/model/errors.ts";
import type { Session } from "../../clients/postgresql/session.ts";
import type { Gap } from "./ownership.ts";
import { ident } from "./sql-text.ts";

/** A role that a document names, as far as it decides whether we may touch it. */
export interface Target {
  readonly name: string;
  readonly canLogin: boolean;
  readonly superuser: boolean;
  readonly replication: boolean;
  readonly bypassesRowSecurity: boolean;
  /** It is the admin login, or the role that the admin acts as. */
  readonly isAdmin: boolean;
  /** The admin may administer it (PostgreSQL 16 and later ask for that beside CREATEROLE). */
  readonly administered: boolean;
}

/** The admin login and the roles it is to act on. */
export interface Admin {
  readonly name: string;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly standby: boolean;
  readonly targets: ReadonlyMap<string, Target>;
}

export async function readAdmin(session: Session, version: number, names: readonly string[]): Promise<Admin> {
  const [self] = await session.query<{
    name: string;
    superuser: boolean;
    create_role: boolean;
    standby: boolean;
  }>(
    `SELECT rolname AS name, rolsuper AS superuser, rolcreaterole AS create_role, pg_is_in_recovery() AS standby
       FROM pg_roles WHERE rolname = current_user`,
  );
  if (self === undefined) throw new Error("the server does not know who we are");
  const administered =
    version >= 160_000 ? "pg_has_role(current_user, oid, 'MEMBER WITH ADMIN OPTION')" : "true";
  const rows = await session.query<{
    name: string;
    can_login: boolean;
    superuser: boolean;
    replication: boolean;
    bypass: boolean;
    is_admin: boolean;
    administered: boolean;
  }>(
    `SELECT rolname AS name, rolcanlogin AS can_login, rolsuper AS superuser, rolreplication AS replication,
            rolbypassrls AS bypass, rolname IN (current_user, session_user) AS is_admin, ${administered} AS administered
       FROM pg_roles WHERE rolname = ANY ($1)`,
    [names],
  );
  return {
    name: self.name,
    superuser: self.superuser,
    createRole: self.create_role,
    standby: self.standby,
    targets: new Map(
      rows.map((row) => [
        row.name,
        {
          name: row.name,
          canLogin: row.can_login,
          superuser: row.superuser,
          replication: row.replication,
          bypassesRowSecurity: row.bypass,
          isAdmin: row.is_admin,
          administered: row.administered,
        },
      ]),
    ),
  };
}

/** Roles that no document may name, whatever its connection allows. */
export function refuseForbidden(
  { targets }: Admin,
  roles: readonly string[],
  ownerRole: string | undefined,
): void {
  for (const name of [...roles, ...(ownerRole === undefined ? [] : [ownerRole])]) {
    const why = forbidden(name, targets.get(name));
    if (why === undefined) continue;
    throw new CreError("role-forbidden", `the role ${name} is never rotated here: ${why}`, {
      fix: "give the consumer a role of its own with no more rights than it needs",
    });
  }
}

function forbidden(name: string, target: Target | undefined): string | undefined {
  if (name.startsWith("pg_")) return "it is one of PostgreSQL's own";
  if (target === undefined) return undefined;
  if (target.isAdmin) return "it is the admin login itself";
  if (target.superuser) return "it is a superuser";
  if (target.replication) return "it may replicate the whole server";
  if (target.bypassesRowSecurity) return "it bypasses row security";
  return undefined;
}

/** What the admin login lacks to change these roles. */
export function rightsGaps(admin: Admin, roles: readonly string[], version: number): readonly Gap[] {
  if (admin.superuser) return [];
  const gaps: Gap[] = [];
  if (!admin.createRole) {
    gaps.push({
      code: "right-missing",
      what: `the admin login ${admin.name} has no CREATEROLE`,
      sql: [`ALTER ROLE ${ident(admin.name)} CREATEROLE`],
    });
  }
  const foreign =
    version < 160_000 ? [] : roles.filter((role) => admin.targets.get(role)?.administered === false);
  for (const role of foreign) {
    gaps.push({
      code: "right-missing",
      what: `the admin login ${admin.name} has no ADMIN OPTION on ${role}`,
      sql: [`GRANT ${ident(role)} TO ${ident(admin.name)} WITH ADMIN OPTION`],
    });
  }
  return gaps;
}
