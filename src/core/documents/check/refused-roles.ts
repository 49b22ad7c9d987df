import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { placeOf } from "./provider-identity.ts";
import { shown } from "./shown.ts";

/** Superusers and reserved roles of PostgreSQL and of the clouds that sell it. */
const SUPERUSER =
  /^(postgres|root|pg_.*|rdsadmin|rds_.*|azure_.*|azuresu|cloudsqladmin|cloudsqlsuperuser|cloudsql.*|alloydb.*|doadmin|supabase_admin|neon_superuser|crdb_internal.*|enterprisedb)$/i;

/**
 * The runner's own login and superusers are never rotated as a credential and never own its objects, whatever `allow`
 * says: a document of a team must not lock the runner out or reach for more than its own roles.
 */
export function checkRefusedRoles(input: CheckInput): readonly Fault[] {
  return [...adminFaults(input), ...applyRules(input.documents.credentials.values(), input, [pairFaults])];
}

function adminFaults({ documents }: CheckInput): Fault[] {
  const admins = new Map<string, Set<string>>();
  for (const { document } of documents.connections.values()) {
    const { postgresql } = document.spec;
    if (postgresql?.admin === undefined) continue;
    const place = placeOf(postgresql.host, postgresql.port ?? 5432);
    admins.set(place, (admins.get(place) ?? new Set()).add(postgresql.admin.user));
  }
  return [...documents.credentials.values()].flatMap((source) => {
    const provider = source.document.spec.provider?.postgresql;
    if (provider === undefined) return [];
    const host = documents.connections.get(provider.connection)?.document.spec.postgresql;
    const own = host === undefined ? undefined : admins.get(placeOf(host.host, host.port ?? 5432));
    const base = ["spec", "provider", "postgresql"];
    const roles = provider.roles.map((role, at): [string, FieldPath] => [role, [...base, "roles", at]]);
    const owner: [string, FieldPath][] =
      provider.ownerRole === undefined ? [] : [[provider.ownerRole, [...base, "ownerRole"]]];
    return [...roles, ...owner].flatMap(([role, path]) => roleFault(source, role, path, own));
  });
}

function roleFault(
  source: Sourced<Credential>,
  role: string,
  path: FieldPath,
  admins: ReadonlySet<string> | undefined,
): Fault[] {
  const isAdmin = admins?.has(role) ?? false;
  if (!isAdmin && !SUPERUSER.test(role)) return [];
  return [
    {
      source,
      path,
      code: "role-refused",
      message: isAdmin
        ? `the role ${shown(role)} is the runner's own login there`
        : `the role ${shown(role)} is a superuser or reserved`,
      fix: "name roles that were made for this service",
    },
  ];
}

function pairFaults(source: Sourced<Credential>): Fault[] {
  const provider = source.document.spec.provider?.postgresql;
  if (provider === undefined) return [];
  const { roles, ownerRole: owner } = provider;
  const base = ["spec", "provider", "postgresql"];
  const [first, second] = roles;
  if (first !== undefined && first === second) {
    const message = `the two roles are the same, ${shown(first)}`;
    return [
      { source, path: [...base, "roles", 1], code: "roles-same", message, fix: "name two roles, or one" },
    ];
  }
  if (owner === undefined || !roles.includes(owner)) return [];
  const message = `the owner role ${shown(owner)} is one of the roles that are rotated`;
  const fix = "let a third role without login own the objects, and make both its members";
  return [{ source, path: [...base, "ownerRole"], code: "owner-role-rotated", message, fix }];
}
