import { readAuthorizedKeys } from "../../../core/authorized-keys/file.ts";
import type { KeyLine } from "../../../core/authorized-keys/key-line.ts";
import { optionsOf } from "../../../core/authorized-keys/key-line.ts";
import { endOf } from "../../../core/authorized-keys/line-end.ts";
import { problemText } from "../../../core/discovery/problem-text.ts";
import type { AuthorizedKeysDiscovery } from "../../../core/documents/discovery.ts";
import type { Instant } from "../../../core/model/instant.ts";
import type { DiscoveryPorts, ScanEnd, Sighting, SourcePart } from "../../../core/ports/discovery.ts";
import { fingerprintOf } from "../../clients/ssh/host-pin.ts";
import { openSsh, type SshSession, type SshTarget } from "../../clients/ssh/session.ts";
import { accountsOf, type HostAccount } from "./accounts.ts";
import type { Claims } from "./claims.ts";
import { placeOfTarget } from "./hosts.ts";
import { concernsOf, keyTypeOf } from "./key-facts.ts";

const FILES = ["%h/.ssh/authorized_keys", "%h/.ssh/authorized_keys2"];
/** Longest file that is read, in bytes. */
const FILE_LIMIT = 2_000_000;
const LONGEST = 200;
const SHOWN: ReadonlySet<string> = new Set([
  "from",
  "expiry-time",
  "principals",
  "permitopen",
  "permitlisten",
]);
/** What administrators give accounts that have no home. */
const NO_HOME: ReadonlySet<string> = new Set(["/dev/null", "/nonexistent"]);
const MOST_PROBLEMS = 20;

interface Host {
  readonly target: SshTarget;
  readonly place: string;
  readonly claims: Claims;
  readonly files: readonly string[];
  readonly now: Instant;
}

/** One host. It is signed in to with the connection's own key, and its files are only read. */
export function openHost(
  target: SshTarget,
  { users, files = FILES }: AuthorizedKeysDiscovery,
  claims: Claims,
  ports: DiscoveryPorts,
): SourcePart {
  return {
    name: target.name,
    scan: async (cursor, show, signal, enough = () => false) => {
      const host: Host = { target, place: placeOfTarget(target), claims, files, now: ports.clock.now() };
      let session: SshSession | undefined;
      claims.begin(host.place);
      try {
        session = await openSsh(target, ports, signal);
        const accounts = await accountsOf(session, users, signal);
        return await throughAccounts(host, session, { accounts, users, cursor, show, signal, enough });
      } catch (error) {
        signal.throwIfAborted();
        const problems = [problemText(error)];
        return {
          complete: false,
          scanned: 0,
          covered: [],
          problems,
          ...(cursor === undefined ? {} : { cursor }),
        };
      } finally {
        session?.close();
      }
    },
    close: async () => undefined,
  };
}

interface Walk {
  readonly accounts: readonly HostAccount[];
  /** Those that were asked for; undefined: all of the host. */
  readonly users: readonly string[] | undefined;
  readonly cursor: string | undefined;
  readonly show: (sighting: Sighting) => void;
  readonly signal: AbortSignal;
  readonly enough: () => boolean;
}

async function throughAccounts(host: Host, session: SshSession, walk: Walk): Promise<ScanEnd> {
  const { place, claims } = host;
  const { accounts, users, cursor = "", show, signal, enough } = walk;
  const problems: string[] = [];
  let scanned = 0;
  for (const account of accounts) {
    if (account.user <= cursor) continue;
    const failure = await lookAtAccount(host, session, account, show, signal);
    scanned += 1;
    if (failure === undefined) claims.sawAccount(place, account.user);
    else problems.push(failure);
    const isLast = account === accounts.at(-1);
    if (isLast || !enough()) continue;
    const more = `${host.target.name} has more accounts: the next look goes on behind ${account.user}`;
    return {
      complete: false,
      scanned,
      covered: claims.coveredAt(place),
      problems: [...problems.slice(0, MOST_PROBLEMS), more],
      // What could not be read is looked at again.
      ...(problems.length > 0 ? {} : { cursor: account.user }),
    };
  }
  // Whoever asked for everybody knows that nobody else is there.
  if (users === undefined && problems.length === 0) claims.sawAccount(place, undefined);
  for (const user of users ?? []) {
    if (accounts.every((account) => account.user !== user)) claims.sawAccount(place, user);
  }
  return {
    complete: problems.length === 0,
    scanned,
    covered: claims.coveredAt(place),
    problems: problems.slice(0, MOST_PROBLEMS),
  };
}

/** Undefined: all files of the account were seen, or are not there. A text: what could not be read. */
async function lookAtAccount(
  { target, place, claims, files, now }: Host,
  session: SshSession,
  { user, home }: HostAccount,
  show: (sighting: Sighting) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const pattern of files) {
    if (pattern.startsWith("%h") && NO_HOME.has(home)) continue;
    const path = pattern.replace(/^%h/, home.replace(/\/$/, "")).replaceAll("%u", user);
    try {
      const text = await readFile(session, path, signal);
      if (text === undefined) continue;
      const seen = linesByKey(readAuthorizedKeys(text).keys);
      for (const [fingerprint, lines] of seen) {
        const [first] = lines;
        const identity = claims.identityOf(place, user, first, fingerprint);
        const ownLogin = fingerprint === session.loginKey && user === session.place.user;
        show(
          sightingOf({ fingerprint, lines, identity, ownLogin, place: `${target.name}:${path}`, user, now }),
        );
      }
    } catch (error) {
      signal.throwIfAborted();
      return problemText(error);
    }
  }
  return undefined;
}

/** One character for each byte. A link is followed, as sshd does; what is no file is none. */
async function readFile(session: SshSession, path: string, signal: AbortSignal): Promise<string | undefined> {
  const stat = await session.files.look(path, signal);
  if (stat === undefined) return undefined;
  const target = stat.kind === "link" ? await session.files.resolve(path, signal) : path;
  const found = stat.kind === "link" ? await session.files.look(target, signal) : stat;
  if (found?.kind !== "file") return undefined;
  return (await session.files.read(target, FILE_LIMIT, signal))?.toString("latin1");
}

type Lines = readonly [KeyLine, ...KeyLine[]];

/** Lines with the same key, by its fingerprint; the lines in force first. */
function linesByKey(keys: readonly KeyLine[]): ReadonlyMap<string, Lines> {
  const found = new Map<string, Lines>();
  for (const line of keys.toSorted((a, b) => Number(b.active) - Number(a.active) || a.at - b.at)) {
    const fingerprint = fingerprintOf(Buffer.from(line.key, "base64"));
    const before = found.get(fingerprint);
    found.set(fingerprint, before === undefined ? [line] : [...before, line]);
  }
  return found;
}

interface Seen {
  readonly fingerprint: string;
  readonly lines: Lines;
  readonly identity: string | undefined;
  readonly ownLogin: boolean;
  readonly place: string;
  readonly user: string;
  readonly now: Instant;
}

function sightingOf({ fingerprint, lines, identity, ownLogin, place, user, now }: Seen): Sighting {
  const [first] = lines;
  const active = lines.filter((line) => line.active);
  const expiresAt = endOf(active);
  const comment = textOf(first.comment);
  const options = optionsText(first.options);
  return {
    kind: "ssh-key",
    handle: fingerprint,
    place,
    ...(identity === undefined ? {} : { identity }),
    live: active.length > 0 && (expiresAt === undefined || expiresAt > now),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    detail: {
      account: user,
      "key type": keyTypeOf(first),
      line: lines.map(({ at }) => at + 1).join(", "),
      ...(comment === "" ? {} : { comment }),
      ...(options === "" ? {} : { options: textOf(options) }),
      ...(active.length === 0 ? { "commented out": "yes" } : {}),
      ...(ownLogin ? { "runner's own login": "yes" } : {}),
      ...(first.mark === undefined ? {} : { mark: markText(first.mark) }),
    },
    ownerHints: comment === "" ? [] : [{ source: "comment", text: comment }],
    concerns: concernsOf(first),
  };
}

/** Values only of options that say from where and until when; a command or a variable may have a secret in it. */
function optionsText(options: string): string {
  return optionsOf(options)
    .map(({ name, value }) => (value !== undefined && SHOWN.has(name) ? `${name}="${value}"` : name))
    .join(",");
}

function markText({ credential, mark }: NonNullable<KeyLine["mark"]>): string {
  return `${credential}:${mark.rotation}:${mark.attempt}:${mark.epoch}`;
}

/** Lines are read by bytes; what people wrote is UTF-8. */
function textOf(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8").trim().slice(0, LONGEST);
}
