import { type KeyLogin, offsetOf, readAuthLog } from "../../../core/authorized-keys/auth-log.ts";
import type { AccountFile } from "./account-file.ts";
import { nowOf, timeOfId } from "./sight.ts";
import type { Site } from "./site.ts";

/** How much of a log is read, from its end, in bytes. */
const LOG_LIMIT = 8_000_000;
/** A log shows a login a moment later: how often it is asked for ours, and after how many seconds again. */
const TRIES = 4;
const PAUSE = 0.5;
/** Seconds that our login and our trial of a key lie apart at most. */
const TOGETHER = 120;
/** How long after its attempt began a key may have been tried by us, in seconds. */
const VOLATILE = 1_800;

/** Logins of the account at one host by the runner's clock, with what is needed to judge them. */
export interface HostLogins {
  readonly from: number;
  /** Host's clock minus ours, in seconds. */
  readonly skew: number;
  /** Those of the account, whatever their key. */
  readonly logins: readonly KeyLogin[];
  /** Those of the runner's own login. */
  readonly ours: readonly KeyLogin[];
}

/**
 * Reads sshd's log on a host. A text tells why it tells nothing: it cannot be read, or does not even show the login that
 * we have made just now.
 */
export async function readLogins(
  site: Site,
  { session, target }: AccountFile,
  since: number,
  signal: AbortSignal,
): Promise<HostLogins | string> {
  const path = site.provider.authLog ?? "";
  const { stdout } = await session.exec("sh -s", 'echo; date "+cre-date %s %z"\n', signal);
  const [, seconds, zone] = /^cre-date (\d+) ([+-]\d{4})$/m.exec(stdout) ?? [];
  if (seconds === undefined || zone === undefined) return `${target.name} does not tell its time`;
  const clock = { now: Number(seconds), offset: offsetOf(zone) };
  const skew = clock.now - nowOf(site);
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (tried > 0) await site.ports.pause(PAUSE, signal);
    signal.throwIfAborted();
    const bytes = await session.files.readEnd(path, LOG_LIMIT, signal).catch(() => undefined);
    if (bytes === undefined) return `${target.name}: ${path} cannot be read`;
    const newest = readAuthLog(bytes.toString("latin1"), clock);
    const isOurs = ({ key, user }: KeyLogin): boolean =>
      key === session.loginKey && user === session.place.user;
    if (!newest.logins.some((login) => isOurs(login) && Math.abs(login.at - clock.now) <= TOGETHER)) continue;
    let { from = clock.now, logins } = newest;
    if (from - skew > since) {
      const older = await session.files.readEnd(`${path}.1`, LOG_LIMIT, signal).catch(() => undefined);
      const before = readAuthLog(older?.toString("latin1") ?? "", clock);
      from = Math.min(from, before.from ?? from);
      logins = [...before.logins, ...logins];
    }
    return {
      from: from - skew,
      skew,
      logins: logins.filter(({ user }) => user === site.provider.user),
      ours: logins.filter(isOurs),
    };
  }
  return `${target.name}: ${path} does not show the runner's own login of a moment ago`;
}

/**
 * Whether a login with a key was our own trial of it: from a port that this process had, or, by another process of
 * ours, soon after the attempt that made the key began, from where the runner itself signed in at the time.
 */
export function isTrial(
  site: Site,
  target: string,
  login: KeyLogin,
  { ours, skew }: HostLogins,
  attempt: string | undefined,
): boolean {
  const seen = site.probes.some(({ host, port }) => host === target && port === login.port);
  if (seen) return true;
  const begun = timeOfId(attempt ?? "");
  const at = login.at - skew;
  if (begun === undefined || at < begun - TOGETHER || at > begun + VOLATILE) return false;
  return ours.some(
    ({ address, at: time }) => address === login.address && Math.abs(time - login.at) <= TOGETHER,
  );
}
