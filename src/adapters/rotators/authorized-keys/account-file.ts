import { type AuthorizedKeys, readAuthorizedKeys } from "../../../core/authorized-keys/file.ts";
import type { KeyLine } from "../../../core/authorized-keys/key-line.ts";
import { EffectError } from "../../../core/model/errors.ts";
import { placeText } from "../../clients/ssh/failure.ts";
import type { RemoteFile } from "../../clients/ssh/files.ts";
import { fingerprintOf } from "../../clients/ssh/host-pin.ts";
import { openSsh, type SshSession, type SshTarget } from "../../clients/ssh/session.ts";
import type { Site } from "./site.ts";

/** Longest file that is read, in bytes. */
export const FILE_LIMIT = 2_000_000;
const OTHERS_WRITE = 0o022;

/** A line with a key, and the fingerprint by which people know it. */
export interface HostKeyLine extends KeyLine {
  readonly fingerprint: string;
}

/** The account's file on one host, in a session of the runner's. */
export interface AccountFile {
  readonly target: SshTarget;
  readonly session: SshSession;
  readonly path: string;
  /** One character for each byte. */
  readonly text: string;
  readonly keys: readonly HostKeyLine[];
  readonly unreadable: readonly number[];
  readonly stat: RemoteFile;
}

/** Signs in to a host and reads the account's file there. Rejects with an EffectError `refused`. */
export async function openAccountFile(
  site: Site,
  target: SshTarget,
  signal: AbortSignal,
): Promise<AccountFile> {
  const session = await openSsh(target, site.ports, signal);
  try {
    const path = await locate(site, session, signal);
    const stat = await session.files.look(path, signal);
    if (stat?.kind !== "file") throw noFile(session, path, stat);
    return { target, session, path, stat, ...(await readKeys(session, path, signal)) };
  } catch (error) {
    session.close();
    throw error;
  }
}

/** Reads the file again. */
export async function readKeys(
  session: SshSession,
  path: string,
  signal: AbortSignal,
): Promise<Pick<AccountFile, "text" | "keys" | "unreadable">> {
  const bytes = await session.files.read(path, FILE_LIMIT, signal);
  if (bytes === undefined) throw noFile(session, path, undefined);
  const text = bytes.toString("latin1");
  const { keys, unreadable }: AuthorizedKeys = readAuthorizedKeys(text);
  return {
    text,
    keys: keys.map((line) => Object.assign(line, { fingerprint: fingerprintOfKey(line) })),
    unreadable,
  };
}

/** Whether the runner signs in as the very account. */
export function isOwnAccount({ provider }: Site, { place }: SshSession): boolean {
  return place.user === provider.user;
}

function fingerprintOfKey({ key }: KeyLine): string {
  return fingerprintOf(Buffer.from(key, "base64"));
}

/**
 * Where the file is. Whoever signs in as the account itself may have a link there. Another login can only be root's, and
 * root must not be led astray by what the account puts into its own folders: all of them must be root's alone.
 */
async function locate(site: Site, session: SshSession, signal: AbortSignal): Promise<string> {
  const { user, file = "%h/.ssh/authorized_keys" } = site.provider;
  const own = isOwnAccount(site, session);
  const home = file.startsWith("%h") ? await homeOf(user, own, session, signal) : "";
  const named = file.replace(/^%h/, home).replaceAll("%u", user);
  const path = await session.files.resolve(named, signal);
  if (own) return path;
  if (path !== named) throw astray(session, named, "there is a link on the way to it");
  for (let at = path.lastIndexOf("/"); at >= 0; at = path.lastIndexOf("/", at - 1)) {
    const folder = at === 0 ? "/" : path.slice(0, at);
    const stat = await session.files.look(folder, signal);
    if (stat === undefined || stat.uid !== 0 || (stat.mode & OTHERS_WRITE) !== 0) {
      throw astray(session, named, `${folder} is not root's alone`);
    }
    if (at === 0) break;
  }
  return path;
}

async function homeOf(user: string, own: boolean, session: SshSession, signal: AbortSignal): Promise<string> {
  if (own) return session.files.resolve(".", signal);
  const { stdout } = await session.exec("sh -s", `echo; echo cre-home ~${user}\n`, signal);
  const home = /^cre-home (\/.*)$/m.exec(stdout)?.[1];
  if (home !== undefined) return home;
  throw new EffectError("refused", "account-missing", `${placeText(session.place)} has no account ${user}`, {
    fix: "correct `user`",
    retryable: false,
  });
}

function noFile(session: SshSession, path: string, stat: RemoteFile | undefined): EffectError {
  const what = stat === undefined ? "does not exist" : `is a ${stat.kind}`;
  return new EffectError("refused", "file-missing", `${placeText(session.place)}: ${path} ${what}`, {
    fix: "create it as a file of the account with mode 600, or correct `file` and `user`",
    retryable: false,
  });
}

function astray(session: SshSession, path: string, evidence: string): EffectError {
  return new EffectError(
    "refused",
    "file-not-safe",
    `${placeText(session.place)}: ${path} can be exchanged by others than the runner's login, so it is not touched`,
    {
      evidence,
      fix: "let the runner sign in as the account itself, with a key of its own, or keep the keys in a folder of root's (AuthorizedKeysFile /etc/ssh/keys/%u)",
      retryable: false,
    },
  );
}
