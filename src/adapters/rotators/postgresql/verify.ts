import { setTimeout as pause } from "node:timers/promises";
import { CreError } from "../../../core/model/errors.ts";
import { connectError, POOLER_FIX } from "../../clients/postgresql/connect-error.ts";
import { type Door, placeOf } from "../../clients/postgresql/door.ts";
import { type Login, openSession, type Session } from "../../clients/postgresql/session.ts";

/** A pooler or standby learns of a new password a little later than the server that was told. */
const PAUSES = [250, 500, 1000, 2000];
/** A pooler whose own sign-in failed lets nobody in for a while: `server_login_retry`, 15 s unless set. */
const LONGER_PAUSES = [4000, 4000, 4000, 4000];

/**
 * Signs in with the new version at every door that consumers take, and asks who it became there. Rejects with a
 * CreError that names the door. Read-only; shows up as `cre-verify` in the server's views, and leaves no session
 * behind. Gives the doors behind which a pooler is.
 */
export async function verifyAt(
  doors: readonly Door[],
  login: Login,
  ownerRole: string | undefined,
  signal: AbortSignal,
): Promise<readonly Door[]> {
  const poolers: Door[] = [];
  for (const door of doors) {
    const pooled = await verifyDoor(door, login, ownerRole, signal);
    if (pooled) poolers.push(door);
  }
  return poolers;
}

async function verifyDoor(
  door: Door,
  login: Login,
  ownerRole: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await signIn(door, login, ownerRole, signal);
    } catch (error) {
      const wait = pausesFor(error)[tries];
      if (wait === undefined) throw verifyError(door, login, error);
      await pause(wait, undefined, { signal });
    }
  }
}

function pausesFor(error: unknown): readonly number[] {
  if (!(error instanceof CreError)) return [];
  if (error.code === "pooler-waits") return [...PAUSES, ...LONGER_PAUSES];
  return error.code === "login-refused" || error.code === "sign-in-failed" ? PAUSES : [];
}

async function signIn(
  door: Door,
  login: Login,
  ownerRole: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const session = await openSession(door, login, signal);
  try {
    const [who] = await session.query<{
      signed_in: string;
      acting: string;
      database: string;
      process: number;
    }>(
      "SELECT session_user AS signed_in, current_user AS acting, pg_catalog.current_database() AS database, " +
        "pg_catalog.pg_backend_pid() AS process",
    );
    const pooled = who !== undefined && who.process !== session.namedProcess;
    if (pooled) await endSession(session);
    // Without an owner role in the document a role may act as whom its own `role` setting says.
    const acting = ownerRole === undefined || who?.acting === ownerRole || who?.acting === login.user;
    if (who?.signed_in === login.user && acting && who.database === login.database) return pooled;
    throw new CreError("verify-other-role", `${placeOf(door)} signs ${login.user} in as somebody else`, {
      evidence: `session_user ${who?.signed_in}, current_user ${who?.acting}, database ${who?.database}`,
      fix: "check the pooler's user and database mapping, and the role's own `role` setting",
    });
  } catch (error) {
    signal.throwIfAborted();
    // A pooler signs in at the server only for the first question, and answers it with what went wrong there.
    throw connectError(door, login.user, error);
  } finally {
    await session.close();
  }
}

/**
 * A pooler keeps the session that it opened for us, and hands it on under another name or none: it would pass for the
 * consumer's use. Nobody else is served by it now, so it may end itself. SET ROLE, because a role's own `role` setting
 * may have made it somebody who may not.
 */
async function endSession(session: Session): Promise<void> {
  // The answer is the end of the session.
  await session
    .command("SET ROLE NONE; SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())")
    .catch(() => undefined);
}

function verifyError(door: Door, login: Login, error: unknown): unknown {
  if (!(error instanceof CreError) || error.code !== "login-refused") return error;
  return new CreError(
    "verify-refused",
    `${placeOf(door)} does not accept the new password of ${login.user}`,
    {
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
      fix: `check that this door leads to the same server and that pg_hba.conf lets the role in; if it is a pooler: ${POOLER_FIX}`,
    },
  );
}
