import { CreError } from "../../../core/model/errors.ts";
import { POOLER_FIX } from "../../clients/postgresql/connect-error.ts";
import { type Door, placeOf } from "../../clients/postgresql/door.ts";
import { knock, MOST_ITERATIONS, reading, type Session } from "../../clients/postgresql/session.ts";
import { type Gap, ownershipGaps, readStanding, type Standing } from "./ownership.ts";
import { parity, readPossessions } from "./possessions.ts";
import { readRoles } from "./roles.ts";
import { loudness, readServerFacts, type ServerFacts } from "./secrecy.ts";
import type { Site } from "./site.ts";
import { ident } from "./sql-text.ts";
import { type Admin, readAdmin, refuseForbidden, rightsGaps } from "./targets.ts";

/** PostgreSQL cuts longer names silently, and would then mean another role. */
const LONGEST_NAME = 63;

/**
 * Everything that can be known before an effect, without a write: names, that the server is the primary, that no
 * target is a role beyond our reach or above us, the rights of the admin login, that two roles can stand in for each
 * other, and that every path of the consumers answers and speaks SCRAM. Rejects with one CreError that names all
 * gaps; its fix is the SQL that closes them. Warns where the server may show a verifier to whoever reads its log.
 */
export async function preflight(site: Site, signal: AbortSignal): Promise<void> {
  checkNames(site);
  const { provider, door } = site;
  const { gaps, live, loud } = await reading(
    door,
    await site.adminLogin(provider.database),
    signal,
    async (session) => {
      const facts = await readServerFacts(session);
      return {
        gaps: await readGaps(site, session, facts),
        live: await liveRole(session, provider.roles),
        loud: loudness(facts, site.adminUser),
      };
    },
  );
  if (gaps.length > 0) throw gapsError(site, gaps);
  if (loud !== undefined) site.progress.warn(`${site.credential}: at ${placeOf(door)} ${loud}`);
  await knockAtPaths(site, live, signal);
}

/** The role that consumers log in with now. A pooler that asks the server knows no other. */
async function liveRole(session: Session, names: readonly string[]): Promise<string | undefined> {
  const roles = await readRoles(session, names);
  return names.find((name) => {
    const role = roles.get(name);
    return role?.canLogin === true && !role.expired;
  });
}

async function knockAtPaths(site: Site, live: string | undefined, signal: AbortSignal): Promise<void> {
  const { provider, door, paths } = site;
  const user = live ?? provider.roles[0] ?? site.adminUser;
  for (const path of paths) {
    const offered = await knock(path, user, provider.database, signal);
    // In place a path that keeps verifiers of its own would be found only when everybody is locked out already.
    if (!site.inPlace || live === undefined || path === door) continue;
    // The server may let this role in from elsewhere only: then it tells us nothing.
    const stored = await knock(door, user, provider.database, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (stored !== undefined && offered !== stored) throw otherVerifier(path, user);
  }
}

function otherVerifier(path: Door, role: string): CreError {
  return new CreError(
    "pooler-own-verifier",
    `${placeOf(path)} (connection ${path.name}) does not have the server's verifier of ${role}`,
    { evidence: "their challenges differ: a password or verifier of its own stands there", fix: POOLER_FIX },
  );
}

function checkNames({ provider, credential }: Site): void {
  const { roles, ownerRole, database } = provider;
  const names = [...roles, database, ...(ownerRole === undefined ? [] : [ownerRole])];
  const long = names.find((name) => Buffer.byteLength(name) > LONGEST_NAME);
  if (long !== undefined) {
    throw new CreError(
      "name-too-long",
      `${credential}: PostgreSQL would cut the name ${long} after ${LONGEST_NAME} bytes`,
    );
  }
  if (new Set(roles).size < roles.length || roles.some((role) => role === ownerRole)) {
    throw new CreError("roles-same", `${credential}: the two roles and the owner role must be different`, {
      fix: "name two login roles, and an owner role that nobody logs in with",
    });
  }
}

async function readGaps(site: Site, session: Session, facts: ServerFacts): Promise<readonly Gap[]> {
  const { roles, ownerRole } = site.provider;
  const owner = ownerRole ?? ownerName(roles);
  const admin = await readAdmin(session, facts.version, [...roles, owner]);
  if (admin.standby) {
    throw new CreError("read-only", `${placeOf(session.door)} is a standby`, {
      fix: "point the connection at the primary server",
    });
  }
  if (facts.iterations > MOST_ITERATIONS) {
    throw new CreError(
      "scram-iterations",
      `scram_iterations of ${placeOf(session.door)} is above ${MOST_ITERATIONS}`,
    );
  }
  refuseForbidden(admin, roles, ownerRole);
  const missing = roles.filter((role) => !admin.targets.has(role));
  const reach = [...missingGaps(missing, admin, facts.version), ...rightsGaps(admin, roles, facts.version)];
  if (site.inPlace) return reach;

  const standings: Standing[] = [];
  for (const role of roles) standings.push(await readStanding(session, role, owner, facts.version));
  const flips = ownershipGaps(standings, owner, ownerRole !== undefined, site.provider.database);
  const settled = ownerRole !== undefined || flips.length > 0 ? owner : undefined;
  return [
    ...(settled !== undefined && !admin.targets.has(settled) ? [ownerGap(settled)] : []),
    ...reach,
    ...(await parityGaps(session, site, admin, { version: facts.version, settled })),
    ...flips,
  ];
}

function missingGaps(missing: readonly string[], admin: Admin, version: number): readonly Gap[] {
  return missing.map((role) => ({
    code: "role-missing",
    what: `the role ${role} does not exist`,
    sql: [
      `CREATE ROLE ${ident(role)} NOLOGIN`,
      ...(admin.superuser || version < 160_000
        ? []
        : [`GRANT ${ident(role)} TO ${ident(admin.name)} WITH ADMIN OPTION`]),
    ],
  }));
}

function ownerGap(owner: string): Gap {
  return {
    code: "role-missing",
    what: `the owner role ${owner} does not exist`,
    sql: [`CREATE ROLE ${ident(owner)} NOLOGIN`],
  };
}

/** The role that works today is the model of the other one. What the ownership is about (`settled`) is left to its gaps. */
async function parityGaps(
  session: Session,
  { provider }: Site,
  admin: Admin,
  { version, settled }: { version: number; settled: string | undefined },
): Promise<readonly Gap[]> {
  const [first = "", second = ""] = provider.roles;
  const logsIn = (role: string): boolean => admin.targets.get(role)?.canLogin ?? false;
  const [model, other] = logsIn(second) && !logsIn(first) ? [second, first] : [first, second];
  const left = settled === undefined ? [] : [`membership in ${settled}`, "setting role"];
  const wanted = (await readPossessions(session, model, version)).filter(({ key }) => !left.includes(key));
  const found = (await readPossessions(session, other, version)).filter(({ key }) => !left.includes(key));
  return parity(wanted, found, other).map(({ what, sql }) => ({ code: "roles-differ", what, sql: [sql] }));
}

/** `orders_owner` for `orders_a` and `orders_b`. */
function ownerName([first = "", second = ""]: readonly string[]): string {
  let length = 0;
  while (length < first.length && first[length] === second[length]) length += 1;
  const stem = first.slice(0, length).replace(/[_-]+$/, "");
  return `${stem === "" ? first : stem}_owner`;
}

function gapsError({ credential, door, provider }: Site, gaps: readonly Gap[]): CreError {
  const statements = [...new Set(gaps.flatMap(({ sql }) => sql))].map((one) => `${one};`);
  return new CreError(
    gaps[0]?.code ?? "roles-differ",
    `${credential}: the roles at ${placeOf(door)} are not ready to be rotated`,
    {
      evidence: gaps.map(({ what }) => what).join("; "),
      fix: `run this as a superuser in the database ${provider.database}:\n${statements.join("\n")}`,
    },
  );
}
