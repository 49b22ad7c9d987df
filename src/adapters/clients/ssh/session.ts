import type { Client, ClientCallback, SFTPWrapper } from "ssh2";
import type { SshConnection } from "../../../core/documents/connection.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { SecretSource } from "../../../core/ports/runtime.ts";
import { connect, orderOf } from "./connect.ts";
import { connectFailure, placeText, type SshPlace } from "./failure.ts";
import { type SshFiles, sshFiles } from "./files.ts";
import { fingerprintOf, type HostPins, pinnedTo, pinsIn } from "./host-pin.ts";

/** Most that a command may say on each of its outputs, in bytes. */
const OUTPUT_LIMIT = 1_000_000;

/** A host to sign in to; `name` is the connection's, for people. */
export interface SshTarget {
  readonly name: string;
  readonly connection: SshConnection;
  /** In place of the connection's: one of the hosts of an inventory. */
  readonly host?: { readonly name: string; readonly port: number };
}

export interface SshPorts {
  readonly secrets: SecretSource;
  /** Text of a file of the repository. */
  readFile(path: string): string;
}

/** What a command said. */
export interface SshOutput {
  /** `null`: a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A session on one host, whose key was one of the pinned ones. */
export interface SshSession {
  readonly place: SshPlace;
  /** Our port of this connection, as this machine sees it. */
  readonly localPort: number;
  /** `SHA256:…` of the key that signed in. */
  readonly loginKey: string;
  readonly files: SshFiles;
  /**
   * Runs a command by the account's login shell, whatever that is, with `stdin` as its input. Rejects with an
   * EffectError: `refused` when the host starts no command, `unknown` when it did not end.
   */
  exec(command: string, stdin: string, signal: AbortSignal): Promise<SshOutput>;
  close(): void;
}

/**
 * Signs in with the connection's own key, and no other way. The host must show a key that is pinned; each kind of key
 * that it may have is asked for in turn, so that a pin of any kind is found. Rejects with EffectError `refused`.
 */
export async function openSsh(target: SshTarget, ports: SshPorts, signal: AbortSignal): Promise<SshSession> {
  const key = await ports.secrets.read(target.connection.key);
  return signIn(target, { user: target.connection.user, key }, ports, signal);
}

/** Signs in as somebody, with just this key. */
export async function signIn(
  target: SshTarget,
  login: { readonly user: string; readonly key: Secret },
  ports: Pick<SshPorts, "readFile">,
  signal: AbortSignal,
): Promise<SshSession> {
  const place = { ...placeOfTarget(target), user: login.user };
  const pins = pinsOf(target, ports);
  if (pins.trusted.length === 0) throw unpinned(place, pins);
  const ssh2 = (await import("ssh2")).default;
  const privateKey = login.key.reveal();
  const loginKey = publicFingerprint(ssh2.utils.parseKey(privateKey), place);
  const seen: string[] = [];
  let last: unknown;
  for (const algorithms of orderOf(pins.kinds)) {
    if (signal.aborted) throw interrupted(place);
    const client = new ssh2.Client();
    try {
      const localPort = await connect(client, { algorithms, privateKey, place, pins, seen }, signal);
      return session(client, { place, localPort, loginKey });
    } catch (error) {
      client.destroy();
      last = error;
      if (signal.aborted) break;
      const otherKind = seen.length > 0 && isKeyExchange(error);
      if (!otherKind && !hasNoSuchKey(error)) throw connectFailure(error, place);
    }
  }
  if (signal.aborted) throw interrupted(place);
  if (seen.length > 0) throw mismatch(place, pins, seen);
  throw connectFailure(last, place);
}

/** Host, port and login of a target. */
function placeOfTarget({ name, connection, host }: SshTarget): SshPlace {
  return {
    name,
    host: host?.name ?? connection.host ?? "",
    port: host?.port ?? connection.port ?? 22,
    user: connection.user,
  };
}

function pinsOf(target: SshTarget, { readFile }: Pick<SshPorts, "readFile">): HostPins {
  const { hostKey, knownHosts } = target.connection;
  const { host, port } = placeOfTarget(target);
  if (knownHosts !== undefined) return pinsIn(readFile(knownHosts), knownHosts, host, port);
  return pinnedTo(hostKey ?? "");
}

function session(client: Client, facts: Pick<SshSession, "place" | "localPort" | "loginKey">): SshSession {
  let sftp: Promise<SFTPWrapper> | undefined;
  const open = async (): Promise<SFTPWrapper> => {
    sftp ??= new Promise((resolve, reject) => {
      client.once("close", () => reject(new Error("the connection was closed")));
      client.sftp((error, opened) => {
        if (error === undefined || error === null) resolve(opened);
        else reject(error);
      });
    });
    return sftp.catch((error: unknown) => {
      throw new EffectError("refused", "no-sftp", `${placeText(facts.place)} offers no SFTP`, {
        evidence: String(error).slice(0, 200),
        fix: "give its sshd_config the line `Subsystem sftp internal-sftp`",
        retryable: false,
      });
    });
  };
  return {
    ...facts,
    files: sshFiles(facts.place, client, open),
    exec: async (command, stdin, signal) => run(client, facts.place, command, stdin, signal),
    close: () => {
      client.end();
      client.destroy();
    },
  };
}

async function run(
  client: Client,
  place: SshPlace,
  command: string,
  stdin: string,
  signal: AbortSignal,
): Promise<SshOutput> {
  return new Promise((resolve, reject) => {
    const lost = (why: string): void =>
      reject(
        new EffectError("unknown", "command-lost", `${placeText(place)}: a command did not come to its end`, {
          evidence: why,
          fix: "the next run looks at what is there before it goes on",
        }),
      );
    const stop = (): void => lost("no answer in time");
    const hungUp = (): void => lost("the connection was closed");
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    client.once("close", hungUp);
    const told: ClientCallback = (error, channel) => {
      if (error !== undefined) {
        reject(
          new EffectError("refused", "no-command", `${placeText(place)} runs no commands`, {
            evidence: error.message.slice(0, 200),
            fix: "let this login run commands: no ForceCommand, no `command=` and no nologin shell",
            retryable: false,
          }),
        );
        return;
      }
      const said = { out: "", err: "" };
      let code: number | null = null;
      channel.on("data", (chunk: Buffer) => {
        if (said.out.length < OUTPUT_LIMIT) said.out += chunk.toString();
      });
      channel.stderr.on("data", (chunk: Buffer) => {
        if (said.err.length < OUTPUT_LIMIT) said.err += chunk.toString();
      });
      channel.on("error", () => undefined);
      channel.on("exit", (status: number | null) => {
        code = status;
      });
      channel.on("close", () => {
        signal.removeEventListener("abort", stop);
        client.removeListener("close", hungUp);
        resolve({ code, stdout: said.out, stderr: said.err });
      });
      channel.end(stdin);
    };
    try {
      client.exec(command, told);
    } catch (error) {
      // It was closed before anything was sent.
      lost(String(error));
    }
  });
}

function publicFingerprint(parsed: unknown, place: SshPlace): string {
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (typeof key === "object" && key !== null && "getPublicSSH" in key) {
    // `as`: the shape that ssh2 documents for a parsed key.
    return fingerprintOf((key as { getPublicSSH(): Buffer }).getPublicSSH());
  }
  throw new CreError(
    "login-key",
    `the key with which the runner signs in to ${placeText(place)} cannot be read`,
    {
      fix: "give `key` an OpenSSH or PEM private key without a passphrase: ssh-keygen -t ed25519 -N ''",
    },
  );
}

function isKeyExchange(error: unknown): boolean {
  return error instanceof Error && /host.*verif|verification|handshake|KEY_EXCHANGE/i.test(error.message);
}

/** The server has no key of the kind that was asked for. */
function hasNoSuchKey(error: unknown): boolean {
  return error instanceof Error && /no matching.*host key/i.test(error.message);
}

function unpinned(place: SshPlace, { source, authorities, revoked }: HostPins): CreError {
  return new EffectError("refused", "host-not-pinned", `no host key of ${placeText(place)} is pinned`, {
    evidence:
      authorities > 0
        ? `${source} has only an authority for it (@cert-authority), and host certificates are not supported`
        : `${source} has no line for it${revoked.length > 0 ? " that is not @revoked" : ""}`,
    fix: `add its host key, read on the host itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`,
    retryable: false,
  });
}

function mismatch(
  place: SshPlace,
  { trusted, revoked, source }: HostPins,
  seen: readonly string[],
): CreError {
  const gone = seen.filter((key) => revoked.includes(key));
  return new EffectError(
    "refused",
    "host-key-mismatch",
    `${placeText(place)} shows a host key that is ${gone.length > 0 ? "revoked" : "not the pinned one"}: nothing was sent to it`,
    {
      evidence: `it shows ${seen.join(", ")}; ${source} has ${trusted.join(", ")}`,
      fix: "find out on the host itself whether its key was changed, and only then correct the pin: somebody may be in between",
      retryable: false,
    },
  );
}

function interrupted(place: SshPlace): CreError {
  return new EffectError("refused", "interrupted", `stopped before ${placeText(place)} let us in`);
}
