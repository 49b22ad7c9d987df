/** One login by a key, as sshd wrote it down. Times are seconds since 1970 by the clock of that host. */
export interface KeyLogin {
  readonly at: number;
  readonly pid: number;
  readonly user: string;
  readonly address: string;
  readonly port: number;
  /** `SHA256:…` of the key. */
  readonly key: string;
}

/** What a log says: from when on it tells, and every login by a key. */
export interface AuthLog {
  /** Undefined: no line has a time. */
  readonly from: number | undefined;
  readonly logins: readonly KeyLogin[];
}

/** The clock of the host that wrote the log: now, and its distance from UTC in seconds. */
export interface HostClock {
  readonly now: number;
  readonly offset: number;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d) /;
/** Without a year, in the host's own time (RFC 3164). */
const TRADITIONAL = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) /;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
/** From the beginning of the line on: what others write into theirs is no login. */
const ACCEPTED =
  /^(?:\d\S+|[A-Z][a-z]{2} +\d{1,2} \S+) \S+ sshd(?:-session)?\[(\d+)\]: Accepted publickey for (\S+) from (\S+) port (\d+) ssh2: \S+ (SHA256:[A-Za-z0-9+/]{43})$/;
const DAY = 86_400;

/** Reads a log of sshd's as syslog writes it, in either form of time. Lines of others are passed over. */
export function readAuthLog(text: string, clock: HostClock): AuthLog {
  const logins: KeyLogin[] = [];
  let from: number | undefined;
  for (const line of text.split("\n")) {
    const at = timeOf(line, clock);
    if (at === undefined) continue;
    if (from === undefined || at < from) from = at;
    const [, pid, user, address, port, key] = ACCEPTED.exec(line.trimEnd()) ?? [];
    if (user === undefined || address === undefined || key === undefined) continue;
    logins.push({ at, pid: Number(pid), user, address, port: Number(port), key });
  }
  return { from, logins };
}

function timeOf(line: string, { now, offset }: HostClock): number | undefined {
  const full = RFC3339.exec(line);
  if (full !== null) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = full.slice(1, 7).map(Number);
    return utc(year, month - 1, day, hour, minute, second) - offsetOf(full[7] ?? "Z");
  }
  const short = TRADITIONAL.exec(line);
  if (short === null) return undefined;
  const month = MONTHS.indexOf(short[1] ?? "") / 3;
  if (!Number.isInteger(month) || month < 0) return undefined;
  const [day = 0, hour = 0, minute = 0, second = 0] = short.slice(2).map(Number);
  const year = new Date((now + offset) * 1000).getUTCFullYear();
  const at = utc(year, month, day, hour, minute, second) - offset;
  // What lies ahead is of last year.
  return at > now + DAY ? utc(year - 1, month, day, hour, minute, second) - offset : at;
}

function utc(...parts: [number, number, number, number, number, number]): number {
  return Date.UTC(...parts) / 1000;
}

/** Seconds of `+01:00`, `-0330` or `Z`. */
export function offsetOf(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60);
}
