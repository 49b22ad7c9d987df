import { CreError, EffectError } from "../../../core/model/errors.ts";

/** How people know the host: the connection's name, and who signs in where. */
export interface SshPlace {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** The words for people. */
export function placeText({ name, host, port, user }: SshPlace): string {
  return `${user}@${host}${port === 22 ? "" : `:${port}`} (ssh ${name})`;
}

/** Status codes of SFTP (draft-ietf-secsh-filexfer-02, section 7). */
const NO_SUCH_FILE = 2;
const DENIED = 3;
const UNSUPPORTED = 8;

/** Whether a request of SFTP failed because there is no such file. */
export function isMissingFile(error: unknown): boolean {
  return codeOf(error) === NO_SUCH_FILE;
}

/** Whether the server does not know a request. */
export function isUnsupported(error: unknown): boolean {
  return codeOf(error) === UNSUPPORTED || (error instanceof Error && /does not support/.test(error.message));
}

/** A request of SFTP about a file that the server refused, or whose answer did not come. */
export function fileFailure(error: unknown, place: SshPlace, path: string, doing: string): CreError {
  if (error instanceof CreError) return error;
  const code = codeOf(error);
  const evidence = wordsOf(error);
  if (typeof code !== "number") {
    return new EffectError(
      "unknown",
      "connection-lost",
      `the connection to ${placeText(place)} broke off while ${path} was ${doing}`,
      { evidence, fix: "the next run looks at what is there before it goes on" },
    );
  }
  const [name, fix, retryable] =
    code === NO_SUCH_FILE
      ? ["file-missing", "create it, or correct `file` and `user`", false]
      : code === DENIED
        ? [
            "permission-missing",
            `give ${place.user} the right to read and replace the file, and to make files in its folder`,
            false,
          ]
        : ["file-refused", "look for a full disk, a quota or a read-only file system on that host", true];
  return new EffectError("refused", name, `${placeText(place)}: ${path} could not be ${doing}`, {
    evidence,
    fix,
    retryable,
  });
}

/** Why no session came about. Nothing was changed. */
export function connectFailure(error: unknown, place: SshPlace): CreError {
  if (error instanceof CreError) return error;
  const where = placeText(place);
  const evidence = wordsOf(error);
  const level = error instanceof Error && "level" in error ? error.level : undefined;
  const refused = (code: string, problem: string, fix: string): EffectError =>
    new EffectError("refused", code, problem, { evidence, fix });
  switch (codeOf(error)) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return refused(
        "unresolved",
        `the name of ${where} does not resolve`,
        "correct `host`, or the resolver",
      );
    case "ECONNREFUSED":
      return refused("unreachable", `nothing listens at ${where}`, "start sshd there, or correct `port`");
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
      return refused("unreachable", `${where} cannot be reached`, "check the host and the network between");
    case "ECONNRESET":
    case "EPIPE":
      return refused(
        "connection-lost",
        `${where} hung up`,
        "look into its sshd log (MaxStartups, tcp wrappers)",
      );
    default:
  }
  if (level === "client-authentication") {
    return refused("login-refused", `${where} refuses the login`, "look into its sshd log for the reason");
  }
  if (level === "client-timeout") {
    return refused(
      "unreachable",
      `${where} did not answer in time`,
      "check the host and the network between",
    );
  }
  return refused(
    "handshake-failed",
    `no SSH session with ${where}`,
    "check that an SSH server listens there",
  );
}

function codeOf(error: unknown): unknown {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** What the other side or the library said, without what a terminal would act on. */
function wordsOf(error: unknown): string {
  const text = error instanceof AggregateError ? String(error.errors[0]) : String(error);
  return text.replaceAll(/[^\x20-\x7e]/g, " ").slice(0, 300);
}
