import type { Instant } from "../../../core/model/instant.ts";
import type { Evidence, ObservedVersion } from "../../../core/ports/rotator.ts";
import { serverAnswer } from "../../clients/postgresql/connect-error.ts";
import { type Door, placeOf } from "../../clients/postgresql/door.ts";
import { handleOf } from "../../clients/postgresql/mark.ts";
import type { Session } from "../../clients/postgresql/session.ts";
import { type RoleSight, readRoles } from "./roles.ts";
import { type RoleSession, readSessions, signedInAt, summary } from "./use.ts";

/** How long the server may take to end one session. */
const TERMINATE_MILLISECONDS = 5_000;
const ROUNDS = 5;

export interface Containment {
  readonly version: ObservedVersion;
  readonly since: Instant;
  /** When this process put the next password in force on the same role. */
  readonly replacedAt: Instant | undefined;
  readonly now: () => Instant;
  /** Doors of the consumers behind which a pooler is, or may be. */
  readonly poolers: readonly Door[];
}

/**
 * Ends what an ended version minted: sessions outlive the password they came in with. All sessions of a role that
 * holds no version any more; of one that holds the next version already, those from before it. Says `dead` only
 * if the login is shut and no such session is left, as far as the admin login can see. Idempotent.
 *
 * A pooler lets a connection that once came in go on with new sessions of the server, as long as the role can log in
 * at all: such a place is never said to be dead.
 */
export async function containRole(session: Session, containment: Containment): Promise<readonly Evidence[]> {
  const { slot } = containment.version;
  const place = `${placeOf(session.door)}/${slot}`;
  const role = (await readRoles(session, [slot])).get(slot);
  if (role === undefined) return [{ place, dead: true, detail: "the role does not exist" }];
  const login = loginOf(role, containment.version);
  const pooled =
    login.kind === "replaced" ? containment.poolers.map((door) => pooledEvidence(door, slot)) : [];
  return [await endSessions(session, login, containment), ...pooled];
}

function pooledEvidence(door: Door, role: string): Evidence {
  return {
    place: `${placeOf(door)}/${role}`,
    dead: false,
    detail:
      "a pooler here lets connections that came in with the old password go on: end them at its console (pgbouncer: KILL the database, then RESUME it) or restart it",
  };
}

async function endSessions(session: Session, login: LoginState, containment: Containment): Promise<Evidence> {
  const { slot } = containment.version;
  const place = `${placeOf(session.door)}/${slot}`;
  let ended = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const sight = await readSessions(session, slot);
    const left = burnt(sight?.sessions ?? [], login, containment);
    if (left.length === 0) {
      const seen = sight?.sighted === true || login.kind === "shut";
      const told = `${login.text}; ${ended} sessions ended, none left${seen ? "" : " that this login could tell apart"}`;
      return { place, dead: login.kind !== "open" && seen, detail: told };
    }
    const failure = await terminate(session, left);
    if (failure !== undefined) {
      return { place, dead: false, detail: `${login.text}; ${summary(slot, left)} go on: ${failure}` };
    }
    ended += left.length;
  }
  return { place, dead: false, detail: `${login.text}; its sessions come back faster than they are ended` };
}

interface LoginState {
  readonly kind: "shut" | "replaced" | "open";
  readonly text: string;
}

function loginOf(role: RoleSight, version: ObservedVersion): LoginState {
  if (!role.canLogin) {
    const free = role.mark?.kind === "free";
    return { kind: "shut", text: free ? "cannot log in and has no password" : "cannot log in" };
  }
  if (role.mark?.kind === "issued" && handleOf(role.name, role.mark) !== version.handle) {
    return { kind: "replaced", text: "its password was replaced" };
  }
  return { kind: "open", text: "CAN STILL LOG IN" };
}

/** Sessions that may have come in with the ended password. One whose age is hidden may have. */
function burnt(
  sessions: readonly RoleSession[],
  login: LoginState,
  { since, replacedAt, now }: Containment,
): readonly RoleSession[] {
  if (login.kind === "shut") return sessions;
  const limit = replacedAt ?? since;
  return sessions.filter((one) => {
    const from = signedInAt(one, now());
    return from === undefined || from <= limit;
  });
}

/** Ends sessions and waits for their end; gives what to do when that is not allowed. */
async function terminate(session: Session, sessions: readonly RoleSession[]): Promise<string | undefined> {
  try {
    // The time-out makes the server wait for the end; before PostgreSQL 14 there is none and the next round looks again.
    const [{ version } = { version: 0 }] = await session.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    const call =
      version >= 140_000
        ? `pg_terminate_backend(pid, ${TERMINATE_MILLISECONDS})`
        : "pg_terminate_backend(pid)";
    await session.query(`SELECT ${call} FROM unnest($1::int[]) AS pid`, [sessions.map(({ pid }) => pid)]);
    return undefined;
  } catch (error) {
    const answer = serverAnswer(error);
    if (answer?.state !== "42501") throw error;
    return "the admin login may not end them: GRANT pg_signal_backend to it";
  }
}
