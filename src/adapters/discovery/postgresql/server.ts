import { problemText } from "../../../core/discovery/problem-text.ts";
import { registeredCredentials } from "../../../core/discovery/registered.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { Instant } from "../../../core/model/instant.ts";
import type { DiscoveryPorts, ScanEnd, Sighting, SourcePart } from "../../../core/ports/discovery.ts";
import {
  type Door,
  doorOf,
  placeOf,
  placeOfConnection,
  postgresqlOf,
} from "../../clients/postgresql/door.ts";
import { handleOf, readComment } from "../../clients/postgresql/mark.ts";
import { type Login, reading, type Session } from "../../clients/postgresql/session.ts";
import { kindsSeenAt, type LoginRole, rolesAfter } from "./login-roles.ts";

/** Whoever has more roles than this is told so: nobody could read what is found. */
const MOST_ROLES = 20_000;
const LONGEST_COMMENT = 200;

/** The server that a connection leads to. */
export function openServer(name: string, ports: DiscoveryPorts, size: number): SourcePart {
  const spec = ports.connection(name);
  const connection = postgresqlOf(name, spec);
  const { admin, database = "postgres" } = connection;
  if (admin === undefined) {
    throw new CreError(
      "admin-missing",
      `the connection ${name} has no login, so its roles cannot be looked at`,
      {
        fix: "add `admin: { user, password }` with a role that may read the catalog; examples/discovery/postgresql.sql makes one",
      },
    );
  }
  const door = doorOf(name, spec, ports);
  return {
    name,
    scan: async (cursor, show, signal, enough = () => false) => {
      const registered = registeredRoles(placeOfConnection(connection), ports);
      const look: Look = { size, door, registered, show, now: ports.clock.now(), seen: 0 };
      try {
        const login: Login = {
          user: admin.user,
          password: await ports.secrets.read(admin.password),
          database,
          application: "cre",
        };
        return await reading(door, login, signal, async (session) =>
          throughRoles(session, look, cursor, enough),
        );
      } catch (error) {
        signal.throwIfAborted();
        return { complete: false, scanned: look.seen, covered: [], problems: [problemText(error)] };
      }
    },
    close: async () => undefined,
  };
}

interface Look {
  /** Roles of one answer. */
  readonly size: number;
  readonly door: Door;
  /** Identity of the credential that has this role. */
  readonly registered: ReadonlyMap<string, string>;
  readonly show: (sighting: Sighting) => void;
  readonly now: Instant;
  seen: number;
}

async function throughRoles(
  session: Session,
  look: Look,
  cursor: string | undefined,
  enough: () => boolean,
): Promise<ScanEnd> {
  const kinds = await kindsSeenAt(session);
  const names = [...look.registered.keys()];
  const problems: string[] = [];
  if (kinds === "nowhere") {
    problems.push(
      `${placeOf(look.door)} does not show this login which roles have a password, and of what kind: every role that may log in is shown; the view of examples/discovery/postgresql.sql shows just that`,
    );
  }
  let after = cursor ?? "";
  for (;;) {
    const roles = await rolesAfter(session, after, names, { kinds, most: look.size });
    for (const role of roles) {
      look.seen += 1;
      const identity = look.registered.get(role.name);
      if (isLogin(role) || identity !== undefined) look.show(sightingOf(role, identity, look));
    }
    const last = roles.at(-1);
    if (last === undefined || roles.length < look.size) break;
    after = last.name;
    const isTooMuch = look.seen >= MOST_ROLES;
    if (isTooMuch || enough()) {
      const why = isTooMuch ? `there are more than ${MOST_ROLES} roles` : "there are more roles";
      problems.push(`${why}: the next look goes on behind ${after}`);
      return { complete: false, scanned: look.seen, covered: [], problems, cursor: after };
    }
  }
  // Absent ones are seen as such only at the end; the others were sighted.
  const covered = [...new Set(look.registered.values())].toSorted();
  return { complete: true, scanned: look.seen, covered, problems };
}

/** May sign in with a password, or may for all that can be seen. */
function isLogin({ canLogin, verifier }: LoginRole): boolean {
  return canLogin && verifier !== "none";
}

function sightingOf(role: LoginRole, identity: string | undefined, { door, now }: Look): Sighting {
  const { name, validUntil, comment, sessions, verifier } = role;
  const { text, mark } = readComment(comment);
  const words = text.trim().slice(0, LONGEST_COMMENT);
  return {
    kind: "postgresql-login",
    handle: handleOf(name, mark),
    place: `${placeOf(door)}/${name}`,
    ...(identity === undefined ? {} : { identity }),
    live: isLogin(role) && !role.expired,
    ...(validUntil === undefined ? {} : { expiresAt: validUntil }),
    // Of the past the server keeps nothing.
    ...(sessions > 0 ? { lastUsedAt: now } : {}),
    detail: {
      role: name,
      password: verifier,
      ...(role.canLogin ? {} : { login: "no" }),
      ...(role.superuser ? { superuser: "yes" } : {}),
      ...(role.replication ? { replication: "yes" } : {}),
      ...(role.createsRoles ? { "creates roles": "yes" } : {}),
      ...(role.bypassesRowSecurity ? { "bypasses row security": "yes" } : {}),
      ...(words === "" ? {} : { comment: words }),
      ...(mark === undefined
        ? {}
        : { mark: `${mark.mark.rotation}:${mark.mark.attempt}:${mark.mark.epoch}:${mark.kind}` }),
    },
    ownerHints: words === "" ? [] : [{ source: "comment", text: words }],
    concerns: concernsOf(role),
  };
}

function concernsOf({ name, canLogin, verifier }: LoginRole): readonly string[] {
  if (!canLogin || verifier !== "md5") return [];
  return [
    `the password of ${name} is kept as MD5, which lets in whoever reads it: set it again with password_encryption = scram-sha-256`,
  ];
}

/** Roles of registered credentials on this very address. */
function registeredRoles(place: string, ports: DiscoveryPorts): ReadonlyMap<string, string> {
  const roles = new Map<string, string>();
  for (const { spec, identity } of registeredCredentials(ports)) {
    const provider = spec.provider?.postgresql;
    const server =
      provider === undefined
        ? undefined
        : ports.documents.connections.get(provider.connection)?.document.spec.postgresql;
    if (provider === undefined || server === undefined || placeOfConnection(server) !== place) continue;
    for (const role of provider.roles) roles.set(role, identity);
  }
  return roles;
}
