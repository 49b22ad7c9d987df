import { CreError } from "../../../core/model/errors.ts";
import { type Door, placeOf } from "./door.ts";

/** How a pooler comes to take every password that the server takes. */
export const POOLER_FIX =
  "let the pooler ask the server for verifiers (auth_user, auth_query), take the roles out of its auth_file, and RELOAD it";

/** What a server said when it refused. Its text never has the statement in it. */
export interface ServerAnswer {
  readonly state: string;
  readonly severity: string;
  readonly message: string;
}

/** The server's own error, or undefined when it is none: the connection was lost, or we have a bug. */
export function serverAnswer(error: unknown): ServerAnswer | undefined {
  if (!(error instanceof Error) || !("severity" in error) || !("code" in error)) return undefined;
  const { code, severity, message } = error;
  if (typeof code !== "string" || typeof severity !== "string") return undefined;
  return /^[0-9A-Z]{5}$/.test(code) ? { state: code, severity, message } : undefined;
}

/** A failed sign-in as a person needs it: what is wrong, what was seen, what to do. Never the password. */
export function connectError(door: Door, user: string, error: unknown): CreError {
  if (error instanceof CreError) return error;
  const place = `${placeOf(door)} (connection ${door.name})`;
  const answer = serverAnswer(error);
  if (answer !== undefined) return refusedBy(place, user, answer);
  const message = error instanceof Error ? error.message : "unknown error";
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const evidence = code === "" || message.includes(code) ? message : `${code}: ${message}`;
  if (message.includes("does not support SSL")) {
    return new CreError("tls-refused", `${place} does not offer TLS`, {
      evidence,
      fix: "set ssl = on at the server (only loopback and sockets may say `tls: { mode: disable }`)",
    });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|SSL/.test(code)) {
    return new CreError("tls-untrusted", `the certificate of ${place} is not trusted`, {
      evidence,
      fix: "name the CA in the connection's `tls.ca`, and the name in its certificate in `tls.serverName` if it differs from the host",
    });
  }
  if (message.startsWith("SASL")) {
    return new CreError("scram-failed", `${place} did not complete SCRAM-SHA-256 for ${user}`, { evidence });
  }
  return new CreError("unreachable", `${place} cannot be reached`, {
    evidence,
    fix: "check the host, the port, the firewall, and that the server runs",
  });
}

/** pgbouncer says everything of its own under the one code for protocol errors. */
function refusedByPooler(place: string, user: string, message: string): CreError {
  const evidence = `08P01: ${message}`;
  if (message.includes("server_login_retry")) {
    return new CreError("pooler-waits", `${place} does not try the server again yet for ${user}`, {
      evidence,
      fix: "lower the pooler's server_login_retry (15 s unless set), and look into its log for the failed login",
    });
  }
  if (/authentication failed|no such user/i.test(message)) {
    return new CreError("login-refused", `${place} refuses ${user}`, { evidence, fix: POOLER_FIX });
  }
  return new CreError("sign-in-failed", `${place} refuses ${user}`, { evidence });
}

function refusedBy(place: string, user: string, { state, message }: ServerAnswer): CreError {
  const evidence = `${state}: ${message}`;
  switch (state) {
    case "28P01":
      return new CreError("login-refused", `${place} refuses the password of ${user}`, {
        evidence,
        fix: "check the secret that the connection names",
      });
    case "28000":
      return new CreError("login-refused", `${place} does not let ${user} in`, {
        evidence,
        fix: "check pg_hba.conf for this role, database and address, and that the role may log in",
      });
    case "3D000":
      return new CreError("database-missing", `${place} has no such database`, {
        evidence,
        fix: "correct `database`",
      });
    case "08P01":
      return refusedByPooler(place, user, message);
    case "53300":
      return new CreError("server-full", `${place} has no connection left for ${user}`, { evidence });
    default:
      return new CreError("sign-in-failed", `${place} refuses ${user}`, { evidence });
  }
}
