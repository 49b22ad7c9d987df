import type { Instant } from "../../core/model/instant.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What git, ssh and curl need from the surroundings. Nothing else of the runner reaches them: its secrets least of all. */
const PASSED_ON = new Set(
  [
    "PATH HOME USER LOGNAME TMPDIR TMP TEMP XDG_CONFIG_HOME XDG_RUNTIME_DIR SSH_AUTH_SOCK SSH_AGENT_PID SSH_ASKPASS",
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy SSL_CERT_FILE SSL_CERT_DIR",
    "KRB5CCNAME SYSTEMROOT SystemRoot USERPROFILE APPDATA LOCALAPPDATA PROGRAMDATA ComSpec PATHEXT",
    "GIT_ASKPASS GIT_SSH GIT_SSH_COMMAND GIT_SSH_VARIANT GIT_PROXY_COMMAND GIT_EXEC_PATH GIT_PROTOCOL",
    "GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_NOSYSTEM GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS",
    "GIT_CEILING_DIRECTORIES GIT_ALLOW_PROTOCOL GIT_PROTOCOL_FROM_USER",
  ].flatMap((line) => line.split(" ")),
);
const PASSED_ON_PATTERN = /^GIT_(CONFIG_(KEY|VALUE)_\d+|SSL_[A-Z_]+|HTTP_[A-Z_]+)$/;

/**
 * The environment of every git that the store starts: an allow-list of the given one, no prompts, English messages, no
 * optional locks in the user's checkout. `GIT_DIR` and `GIT_INDEX_FILE` stay out: the repository is the given folder.
 */
export function gitEnvironment(env: Environment): Record<string, string> {
  const passed = Object.entries(env).filter(
    (pair): pair is [string, string] =>
      pair[1] !== undefined && (PASSED_ON.has(pair[0]) || PASSED_ON_PATTERN.test(pair[0])),
  );
  return {
    ...Object.fromEntries(passed),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GCM_INTERACTIVE: "never",
  };
}

export interface Signature {
  readonly name: string;
  readonly email: string;
}

const OURS: Signature = {
  name: "credential-rotation-enforcer",
  email: "noreply@credential-rotation-enforcer.invalid",
};

/** Who the commits of the machine are by: `GIT_AUTHOR_*` and `GIT_COMMITTER_*` where they are set, else the enforcer. */
export function signaturesOf(env: Environment): { author: Signature; committer: Signature } {
  const of = (role: "AUTHOR" | "COMMITTER"): Signature => ({
    name: plain(env[`GIT_${role}_NAME`]) ?? OURS.name,
    email: plain(env[`GIT_${role}_EMAIL`]) ?? OURS.email,
  });
  return { author: of("AUTHOR"), committer: of("COMMITTER") };
}

/** `name <email> seconds zone`, as git writes it. */
export function signatureLine({ name, email }: Signature, at: Instant): string {
  return `${name} <${email}> ${Date.parse(at) / 1000} +0000`;
}

/** A name or address that cannot break out of the line it stands in. */
function plain(text: string | undefined): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  const cleaned = text?.replaceAll(/[<>\u0000-\u001f\u007f]/g, "").trim();
  return cleaned === "" ? undefined : cleaned;
}
