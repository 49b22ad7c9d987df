import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { serverAnswer } from "../../clients/postgresql/connect-error.ts";
import { type Door, placeOf } from "../../clients/postgresql/door.ts";
import { type RoleMark, writeComment } from "../../clients/postgresql/mark.ts";
import { openSession, type Session } from "../../clients/postgresql/session.ts";
import { foreignMark } from "./fence.ts";
import { lockStatement, type RoleSight, readRoles } from "./roles.ts";
import { readServerFacts, type ServerFacts, silence } from "./secrecy.ts";
import type { Site } from "./site.ts";

/** What an effect does to one role, all of it or nothing. */
export interface Change {
  readonly role: RoleSight;
  /** `NOLOGIN` and the like; undefined where only the mark changes. */
  readonly attributes?: string;
  readonly verifier?: Secret;
  readonly mark: RoleMark;
}

/** What a decision sees: the roles under lock, and what the server computes with. */
export interface Sight {
  readonly roles: ReadonlyMap<string, RoleSight>;
  readonly facts: ServerFacts;
}

/**
 * One fenced effect: locks the roles, shows them to `decide`, and puts its change and mark in force in one
 * transaction; `decide` refuses by throwing, and does nothing by giving undefined. Statements are separate messages,
 * so that the one with the verifier comes when the transaction is silent.
 *
 * Rejects with EffectError: `refused` is certain while COMMIT has not been sent, or when the server answered it with
 * an error or ROLLBACK; a connection that is lost later, or an ending server, leaves it `unknown`.
 */
export async function fenced(
  { door, adminLogin }: Pick<Site, "door" | "adminLogin">,
  names: readonly string[],
  signal: AbortSignal,
  decide: (sight: Sight) => Promise<Change | undefined> | Change | undefined,
): Promise<void> {
  let committing = false;
  let session: Session | undefined;
  try {
    session = await openSession(door, await adminLogin(), signal);
    const facts = await begin(session, names);
    const roles = await readRoles(session, names);
    const change = await decide({ roles, facts });
    if (change === undefined) {
      await session.command("ROLLBACK");
      return;
    }
    await put(session, change);
    await refuseOvertaken(session, change);
    await session.command(await commentStatement(change));
    committing = true;
    const done = await session.command("COMMIT");
    if (done !== "COMMIT") {
      throw new EffectError("refused", "rolled-back", `${placeOf(door)} answered COMMIT with ${done}`);
    }
    // The activity view shows the last statement of a session for as long as it idles.
    await session.command("SELECT 1").catch(() => undefined);
    if (facts.samplesTransactions) {
      await session.command("RESET log_transaction_sample_rate").catch(() => undefined);
    }
  } catch (error) {
    throw effectError(door, error, committing, signal);
  } finally {
    await session?.close();
  }
}

async function begin(session: Session, names: readonly string[]): Promise<ServerFacts> {
  const facts = await readServerFacts(session);
  if (facts.samplesTransactions) await session.command("SET log_transaction_sample_rate = 0");
  await session.command(
    [
      "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
      "SET LOCAL search_path = pg_catalog, pg_temp",
      "SET LOCAL statement_timeout = '20s'",
      "SET LOCAL lock_timeout = '10s'",
      "SET LOCAL idle_in_transaction_session_timeout = '30s'",
      silence(facts),
      lockStatement(names, "exclusive"),
    ].join("; "),
  );
  return facts;
}

async function put(session: Session, { role, attributes, verifier }: Change): Promise<void> {
  if (attributes === undefined && verifier === undefined) return;
  const { escapeIdentifier, escapeLiteral } = await import("pg");
  const clauses = [
    attributes,
    verifier === undefined ? undefined : `PASSWORD ${escapeLiteral(verifier.reveal())}`,
  ];
  const statement = `ALTER ROLE ${escapeIdentifier(role.name)} WITH ${clauses.filter((clause) => clause !== undefined).join(" ")}`;
  try {
    await session.command(statement);
  } catch (error) {
    throw withoutVerifier(error, verifier);
  }
}

/** A server's message is not expected to repeat the verifier; a module of the server could. */
function withoutVerifier(error: unknown, verifier: Secret | undefined): unknown {
  if (verifier === undefined || !(error instanceof Error)) return error;
  error.message = error.message.replaceAll(verifier.reveal(), "[verifier]");
  return error;
}

/**
 * The advisory lock holds only within one database. After our change of the role the server itself holds back every
 * other change of it, so a comment that is still the same now stays the same until we are done.
 */
async function refuseOvertaken(session: Session, { role }: Change): Promise<void> {
  const now = (await readRoles(session, [role.name])).get(role.name);
  if (now?.comment !== role.comment) throw foreignMark(role.name, now?.mark, role.mark?.mark);
}

async function commentStatement({ role, mark }: Change): Promise<string> {
  const { escapeIdentifier, escapeLiteral } = await import("pg");
  return `COMMENT ON ROLE ${escapeIdentifier(role.name)} IS ${escapeLiteral(writeComment(role.comment, mark))}`;
}

function effectError(door: Door, error: unknown, committing: boolean, signal: AbortSignal): EffectError {
  if (error instanceof EffectError) return error;
  if (error instanceof CreError) {
    return new EffectError("refused", error.code, error.message, {
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
      ...(error.fix === undefined ? {} : { fix: error.fix }),
    });
  }
  const answer = serverAnswer(error);
  // FATAL ends the session, perhaps after the commit became durable.
  if (committing && answer?.severity !== "ERROR") {
    return new EffectError(
      "unknown",
      "commit-unknown",
      `the connection to ${placeOf(door)} was lost during COMMIT`,
      {
        evidence: answer?.message ?? "no answer",
      },
    );
  }
  if (answer === undefined) {
    const why = signal.aborted ? "the time was up or the run was stopped" : "the connection was lost";
    return new EffectError(
      "refused",
      "cut-off",
      `${why} before COMMIT was sent to ${placeOf(door)}: nothing was changed`,
    );
  }
  return answered(door, answer.state, answer.message);
}

function answered(door: Door, state: string, message: string): EffectError {
  const evidence = `${state}: ${message}`;
  switch (state) {
    case "42501":
      return new EffectError(
        "refused",
        "right-missing",
        `the admin login may not do this at ${placeOf(door)}`,
        {
          evidence,
          fix: "run `cre rotate` again after its preflight names the missing right and the statement that grants it",
          retryable: false,
        },
      );
    case "25006":
      return new EffectError("refused", "read-only", `${placeOf(door)} is read-only (a standby?)`, {
        evidence,
        fix: "point the connection at the primary server",
      });
    default:
      // Also `tuple concurrently updated`: somebody else was first, the next try sees what they did.
      return new EffectError("refused", "statement-refused", `${placeOf(door)} refused the change`, {
        evidence,
      });
  }
}
