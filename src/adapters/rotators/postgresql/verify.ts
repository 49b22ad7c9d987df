import { setTimeout as pause } from "node:timers/promises";
import { CreError } from "../../../core/model/errors.ts";
import { type Door, placeOf } from "./door.ts";
import { type Login, openSession } from "./session.ts";

/** A pooler or standby learns of a new password a little later than the server that was told. */
const PAUSES = [250, 500, 1000, 2000];

/**
 * Signs in with the new version at every door that consumers take, and asks who it became there. Rejects with a
 * CreError that names the door. Read-only; shows up as `cre-verify` in the server's views.
 */
export async function verifyAt(
  doors: readonly Door[],
  login: Login,
  ownerRole: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (const door of doors) await verifyDoor(door, login, ownerRole, PAUSES, signal);
}

async function verifyDoor(
  door: Door,
  login: Login,
  ownerRole: string | undefined,
  pauses: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await signIn(door, login, ownerRole, signal);
  } catch (error) {
    const [first, ...rest] = pauses;
    const late =
      error instanceof CreError && (error.code === "login-refused" || error.code === "sign-in-failed");
    if (!late || first === undefined) throw verifyError(door, login, error);
    await pause(first, undefined, { signal });
    await verifyDoor(door, login, ownerRole, rest, signal);
  }
}

async function signIn(
  door: Door,
  login: Login,
  ownerRole: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const session = await openSession(door, login, signal);
  try {
    const [who] = await session.query<{ signed_in: string; acting: string; database: string }>(
      "SELECT session_user AS signed_in, current_user AS acting, pg_catalog.current_database() AS database",
    );
    // Without an owner role in the document a role may act as whom its own `role` setting says.
    const acting = ownerRole === undefined || who?.acting === ownerRole || who?.acting === login.user;
    if (who?.signed_in === login.user && acting && who.database === login.database) return;
    throw new CreError("verify-other-role", `${placeOf(door)} signs ${login.user} in as somebody else`, {
      evidence: `session_user ${who?.signed_in}, current_user ${who?.acting}, database ${who?.database}`,
      fix: "check the pooler's user and database mapping, and the role's own `role` setting",
    });
  } finally {
    await session.close();
  }
}

function verifyError(door: Door, login: Login, error: unknown): unknown {
  if (!(error instanceof CreError) || error.code !== "login-refused") return error;
  return new CreError(
    "verify-refused",
    `${placeOf(door)} does not accept the new password of ${login.user}`,
    {
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
      fix: "check that this door leads to the same server, that pg_hba.conf lets the role in, and that a pooler asks the server for passwords (auth_query)",
    },
  );
}
