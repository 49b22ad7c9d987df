import type { Session } from "../../clients/postgresql/session.ts";
import { ident, literal } from "./sql-text.ts";

/** One thing that a role has, and how another role comes to it or loses it. */
export interface Possession {
  /** What it is about; a role has at most one possession of a key. */
  readonly key: string;
  /** What it says, comparable between roles. */
  readonly value: string;
  give(role: string): string;
  take(role: string): string;
}

interface Attributes {
  name: string;
  createdb: boolean;
  createrole: boolean;
  inherit: boolean;
  connections: number;
}

interface Membership {
  granted: string;
  admin: boolean;
  inherit: boolean;
  set: boolean;
}

interface Setting {
  database: string | null;
  setting: string;
}

interface Grant {
  kind: string;
  target: string;
  privilege: string;
  grantable: boolean;
}

interface DefaultGrant {
  creator: string | null;
  schema: string | null;
  objects: string;
  privilege: string;
  grantee: string | null;
  grantable: boolean;
}

/**
 * Everything about a role that a consumer would miss after a switch to another one: attributes, memberships, settings,
 * limits, direct grants in this database, and default privileges of and for the role.
 */
export async function readPossessions(
  session: Session,
  role: string,
  version: number,
): Promise<readonly Possession[]> {
  const attributes = await session.query<Attributes>(
    `SELECT rolname AS name, rolcreatedb AS createdb, rolcreaterole AS createrole, rolinherit AS inherit,
            rolconnlimit AS connections FROM pg_roles WHERE rolname = $1`,
    [role],
  );
  const memberships = await session.query<Membership>(membershipQuery(version), [role]);
  const settings = await session.query<Setting>(SETTINGS, [role]);
  const grants = await session.query<Grant>(GRANTS, [role]);
  const defaults = await session.query<DefaultGrant>(DEFAULTS, [role]);
  return [
    ...attributes.flatMap(attributePossessions),
    ...memberships.map((one) => membershipPossession(one, version)),
    ...settings.map(settingPossession),
    ...grants.map(grantPossession),
    ...defaults.map(defaultPossession),
  ];
}

function membershipQuery(version: number): string {
  const options =
    version >= 160_000
      ? "bool_or(m.inherit_option) AS inherit, bool_or(m.set_option) AS set"
      : "true AS inherit, true AS set";
  return `SELECT g.rolname AS granted, bool_or(m.admin_option) AS admin, ${options}
            FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
           WHERE r.rolname = $1 GROUP BY g.rolname`;
}

const SETTINGS = `
  SELECT d.datname AS database, unnest(s.setconfig) AS setting
    FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
   WHERE r.rolname = $1`;

/** Names are made only for what has an entry: most of the thousands of objects of a database have none. */
const GRANTS = `
  WITH granted AS (
    SELECT 'DATABASE' AS kind, format('%I', datname) AS target, NULL AS part, datacl AS acl
      FROM pg_database WHERE datacl IS NOT NULL
    UNION ALL SELECT 'TABLESPACE', format('%I', spcname), NULL, spcacl FROM pg_tablespace WHERE spcacl IS NOT NULL
    UNION ALL SELECT 'SCHEMA', format('%I', nspname), NULL, nspacl FROM pg_namespace WHERE nspacl IS NOT NULL
    UNION ALL SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, format('%I.%I', nspname, relname), NULL, relacl
                FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
               WHERE relacl IS NOT NULL
    UNION ALL SELECT 'TABLE', format('%I.%I', nspname, relname), format(' (%I)', attname), attacl
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = relnamespace
               WHERE attacl IS NOT NULL AND NOT attisdropped
    UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, NULL, proacl FROM pg_proc p WHERE proacl IS NOT NULL
    UNION ALL SELECT 'TYPE', t.oid::regtype::text, NULL, typacl FROM pg_type t WHERE typacl IS NOT NULL
    UNION ALL SELECT 'LANGUAGE', format('%I', lanname), NULL, lanacl FROM pg_language WHERE lanacl IS NOT NULL
    UNION ALL SELECT 'FOREIGN DATA WRAPPER', format('%I', fdwname), NULL, fdwacl
                FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
    UNION ALL SELECT 'FOREIGN SERVER', format('%I', srvname), NULL, srvacl FROM pg_foreign_server WHERE srvacl IS NOT NULL
    UNION ALL SELECT 'LARGE OBJECT', oid::text, NULL, lomacl FROM pg_largeobject_metadata WHERE lomacl IS NOT NULL
  )
  SELECT kind, target, a.privilege_type || coalesce(part, '') AS privilege, bool_or(a.is_grantable) AS grantable
    FROM granted CROSS JOIN LATERAL aclexplode(acl) a JOIN pg_roles r ON r.oid = a.grantee
   WHERE r.rolname = $1 AND a.grantee <> a.grantor
   GROUP BY 1, 2, 3`;

/** Both what others get on the objects that this role creates, and what it gets on the objects of others. */
const DEFAULTS = `
  SELECT CASE WHEN d.defaclrole = r.oid THEN NULL ELSE creator.rolname END AS creator, n.nspname AS schema,
         CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                              WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS objects,
         a.privilege_type AS privilege, a.is_grantable AS grantable,
         CASE WHEN a.grantee = r.oid THEN NULL WHEN a.grantee = 0 THEN 'PUBLIC' ELSE format('%I', grantee.rolname) END AS grantee
    FROM pg_roles r CROSS JOIN pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a
    JOIN pg_roles creator ON creator.oid = d.defaclrole
    LEFT JOIN pg_roles grantee ON grantee.oid = a.grantee LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
   WHERE r.rolname = $1 AND a.grantee <> d.defaclrole AND (d.defaclrole = r.oid OR a.grantee = r.oid)`;

function attributePossessions({ createdb, createrole, inherit, connections }: Attributes): Possession[] {
  return [
    ...(createdb ? [attribute("CREATEDB", "NOCREATEDB")] : []),
    ...(createrole ? [attribute("CREATEROLE", "NOCREATEROLE")] : []),
    ...(inherit ? [] : [attribute("NOINHERIT", "INHERIT")]),
    ...(connections === -1 ? [] : [attribute(`CONNECTION LIMIT ${connections}`, "CONNECTION LIMIT -1")]),
  ];
}

function attribute(give: string, take: string): Possession {
  return {
    key: give.replace(/ -?\d+$/, ""),
    value: give,
    give: (role) => `ALTER ROLE ${ident(role)} ${give}`,
    take: (role) => `ALTER ROLE ${ident(role)} ${take}`,
  };
}

function membershipPossession({ granted, admin, inherit, set }: Membership, version: number): Possession {
  const modern = ` WITH ADMIN ${admin}, INHERIT ${inherit}, SET ${set}`;
  const options = version >= 160_000 ? modern : admin ? " WITH ADMIN OPTION" : "";
  return {
    key: `membership in ${granted}`,
    value: modern,
    give: (role) => `GRANT ${ident(granted)} TO ${ident(role)}${options}`,
    take: (role) => `REVOKE ${ident(granted)} FROM ${ident(role)}`,
  };
}

function settingPossession({ database, setting }: Setting): Possession {
  const at = setting.indexOf("=");
  const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
  const where = database === null ? "" : ` IN DATABASE ${ident(database)}`;
  const parameter = name.split(".").map(ident).join(".");
  return {
    key: `setting ${name}${where}`,
    value,
    give: (role) => `ALTER ROLE ${ident(role)}${where} SET ${parameter} TO ${settingValue(name, value)}`,
    take: (role) => `ALTER ROLE ${ident(role)}${where} RESET ${parameter}`,
  };
}

/** These settings are lists: the stored text has its own quotes, and one constant of it all would mean one element. */
const LISTS = new Set([
  "search_path",
  "temp_tablespaces",
  "local_preload_libraries",
  "session_preload_libraries",
  "datestyle",
]);

function settingValue(name: string, value: string): string {
  return LISTS.has(name.toLowerCase()) && value !== "" ? value : literal(value);
}

function grantPossession({ kind, target, privilege, grantable }: Grant): Possession {
  return {
    key: `${privilege} ON ${kind} ${target}`,
    value: String(grantable),
    give: (role) =>
      `GRANT ${privilege} ON ${kind} ${target} TO ${ident(role)}${grantable ? " WITH GRANT OPTION" : ""}`,
    take: (role) => `REVOKE ${privilege} ON ${kind} ${target} FROM ${ident(role)}`,
  };
}

function defaultPossession({
  creator,
  schema,
  objects,
  privilege,
  grantee,
  grantable,
}: DefaultGrant): Possession {
  const where = schema === null ? "" : ` IN SCHEMA ${ident(schema)}`;
  const head = (role: string): string =>
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${ident(creator ?? role)}${where}`;
  const to = (role: string): string => grantee ?? ident(role);
  return {
    key: `default ${privilege} ON ${objects}${where} by ${creator ?? "itself"} to ${grantee ?? "itself"}`,
    value: String(grantable),
    give: (role) =>
      `${head(role)} GRANT ${privilege} ON ${objects} TO ${to(role)}${grantable ? " WITH GRANT OPTION" : ""}`,
    take: (role) => `${head(role)} REVOKE ${privilege} ON ${objects} FROM ${to(role)}`,
  };
}

/** What makes `other` the same as `model`: what it lacks or has differently, then what it has beyond. */
export function parity(
  model: readonly Possession[],
  other: readonly Possession[],
  role: string,
): readonly { readonly what: string; readonly sql: string }[] {
  const have = new Map(other.map((one) => [one.key, one]));
  const wanted = new Set(model.map(({ key }) => key));
  return [
    ...model
      .filter(({ key, value }) => have.get(key)?.value !== value)
      .map((one) => ({ what: `${role} lacks: ${one.key}`, sql: one.give(role) })),
    ...other
      .filter(({ key }) => !wanted.has(key))
      .map((one) => ({ what: `${role} has beyond the other: ${one.key}`, sql: one.take(role) })),
  ];
}
