import type { Session } from "../../clients/postgresql/session.ts";
import { ident, literal } from "./sql-text.ts";

/** How a login role stands to the objects of the database and to the owner role. */
export interface Standing {
  readonly role: string;
  /** Objects that belong to the login role itself, by database; undefined: objects of the whole server. */
  readonly owned: readonly {
    readonly database: string | undefined;
    readonly count: number;
    readonly sample: string | undefined;
  }[];
  /** It may create objects in this database. */
  readonly creates: boolean;
  /** It may become the owner role. */
  readonly member: boolean;
  /** The role that its sessions in this database act as from the start. */
  readonly actsAs: string | undefined;
}

/** Without default privileges, which are compared apart, and temporary tables, which end with their session. */
const OWNED = `
  SELECT d.datname AS database, count(*)::int AS count,
         min(CASE WHEN s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) OR s.dbid = 0
                  THEN pg_describe_object(s.classid, s.objid, 0) END) AS sample
    FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid LEFT JOIN pg_database d ON d.oid = s.dbid
   WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o' AND r.rolname = $1
     AND s.classid <> 'pg_default_acl'::regclass
     AND NOT (d.datname IS NOT DISTINCT FROM current_database() AND s.classid = 'pg_class'::regclass
              AND EXISTS (SELECT FROM pg_class c WHERE c.oid = s.objid AND c.relpersistence = 't'))
   GROUP BY 1 ORDER BY 1`;

function standingQuery(version: number): string {
  const become = version >= 160_000 ? "SET" : "MEMBER";
  return `
    SELECT has_database_privilege(r.oid, current_database(), 'CREATE')
           OR EXISTS (SELECT FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND has_schema_privilege(r.oid, n.oid, 'CREATE')) AS creates,
           coalesce((SELECT pg_has_role(r.oid, o.oid, '${become}') FROM pg_roles o WHERE o.rolname = $2), false) AS member,
           (SELECT substr(c, 6) FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) c
             WHERE s.setrole = r.oid AND c LIKE 'role=%'
               AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
             ORDER BY s.setdatabase DESC LIMIT 1) AS acts_as
      FROM pg_roles r WHERE r.rolname = $1`;
}

export async function readStanding(
  session: Session,
  role: string,
  ownerRole: string,
  version: number,
): Promise<Standing> {
  const owned = await session.query<{ database: string | null; count: number; sample: string | null }>(
    OWNED,
    [role],
  );
  const [standing] = await session.query<{ creates: boolean; member: boolean; acts_as: string | null }>(
    standingQuery(version),
    [role, ownerRole ?? ""],
  );
  return {
    role,
    owned: owned.map(({ database, count, sample }) => ({
      database: database ?? undefined,
      count,
      sample: sample ?? undefined,
    })),
    creates: standing?.creates ?? false,
    member: standing?.member ?? false,
    actsAs: standing?.acts_as ?? undefined,
  };
}

/** Something to put right, and the statements that do it. */
export interface Gap {
  readonly code: "role-missing" | "right-missing" | "ownership-flips" | "roles-differ";
  readonly what: string;
  readonly sql: readonly string[];
}

/**
 * Where objects belong to a login role, the other one could not alter them after the switch. The owner role must own
 * them, both must be able to act as it, and must do so from the start of a session if they create any.
 */
export function ownershipGaps(
  standings: readonly Standing[],
  ownerRole: string,
  declared: boolean,
  database: string,
): readonly Gap[] {
  const wanted = declared || standings.some(({ owned }) => owned.length > 0);
  if (!wanted) return [];
  const hint = declared ? "" : `; then write \`ownerRole: ${ownerRole}\``;
  // One that does not exist yet will create what the other one creates.
  const creating = standings.some(({ owned, creates }) => creates || owned.length > 0);
  return standings.flatMap(({ role, owned, member, actsAs }): readonly Gap[] => {
    const gaps: Gap[] = [];
    if (!member) {
      gaps.push({
        code: "ownership-flips",
        what: `${role} cannot act as the owner role ${ownerRole}`,
        sql: [`GRANT ${ident(ownerRole)} TO ${ident(role)}`],
      });
    }
    for (const { database: place, count, sample } of owned) {
      const where = place === undefined || place === database ? "" : `-- in the database ${place}:\n`;
      gaps.push({
        code: "ownership-flips",
        what: `${role} itself owns ${count} ${count === 1 ? "object" : "objects"} in ${place ?? "the whole server"}${sample === undefined ? "" : ` (${sample})`}${hint}`,
        sql: [`${where}REASSIGN OWNED BY ${ident(role)} TO ${ident(ownerRole)}`],
      });
    }
    if (creating && actsAs !== ownerRole) {
      gaps.push({
        code: "ownership-flips",
        what: `what ${role} creates would belong to ${actsAs ?? "it alone"}`,
        sql: [`ALTER ROLE ${ident(role)} SET role TO ${literal(ownerRole)}`],
      });
    }
    return gaps;
  });
}
