import { endOf } from "../../../core/authorized-keys/line-end.ts";
import { CreError } from "../../../core/model/errors.ts";
import { epochSeconds, type Instant } from "../../../core/model/instant.ts";
import type { Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { sameVersion } from "../../../core/rotation/fence.ts";
import { currentVersion } from "../../../core/rotation/reconcile.ts";
import type { VersionFact } from "../../../core/state/status.ts";
import type { AccountFile, HostKeyLine } from "./account-file.ts";
import { atHosts, type Hosts } from "./hosts.ts";
import { ownKeys, shownKeys } from "./own-keys.ts";
import type { Site } from "./site.ts";

/** One key, with where its lines are. */
interface Sighting {
  readonly fingerprint: string;
  readonly places: readonly { readonly file: AccountFile; readonly lines: readonly HostKeyLine[] }[];
}

/** The credential's keys on all hosts, each once. */
export async function observeKeys(
  site: Site,
  recorded: readonly VersionFact[],
  signal: AbortSignal,
): Promise<readonly ObservedVersion[]> {
  return atHosts(site, signal, async (hosts) => versionsAt(site, hosts, recorded));
}

function versionsAt(
  site: Site,
  { files, unreachable }: Hosts,
  recorded: readonly VersionFact[],
): readonly ObservedVersion[] {
  const known = new Set(recorded.map(({ handle }) => handle));
  const behind = filesBehind(site, files, known, currentVersion(recorded)?.handle);
  const looked = files.filter((file) => !behind.has(file));
  const away = unreachable.map(({ target }) => `${target.name} (cannot be reached)`);
  return sightings(site, looked, known).map((seen) => {
    const missing = [
      ...looked.flatMap((file) => {
        const place = seen.places.find((each) => each.file === file);
        if (place === undefined) return [file.target.name];
        return place.lines.some(({ active }) => active) ? [] : [`${file.target.name} (commented out)`];
      }),
      ...[...behind].map(
        (file) => `${file.target.name} (still has ${shownKeys(ownKeys(site, file, known)) || "no key"})`,
      ),
      ...away,
    ];
    return versionOf(seen, missing, site.ports.clock.now());
  });
}

/** Hosts that were left behind: they lack the key that consumers use and that others have. What they have is not touched. */
function filesBehind(
  site: Site,
  files: readonly AccountFile[],
  known: ReadonlySet<string>,
  current: string | undefined,
): ReadonlySet<AccountFile> {
  const behind = new Set<AccountFile>();
  if (site.provider.unreachable !== "leave" || current === undefined) return behind;
  const lacking = files.filter((file) =>
    ownKeys(site, file, known).every(({ fingerprint }) => fingerprint !== current),
  );
  if (lacking.length === files.length) return behind;
  return new Set(lacking);
}

function sightings(
  site: Site,
  files: readonly AccountFile[],
  known: ReadonlySet<string>,
): readonly Sighting[] {
  const found = new Map<string, { file: AccountFile; lines: readonly HostKeyLine[] }[]>();
  for (const file of files) {
    const own = ownKeys(site, file, known);
    for (const fingerprint of new Set(own.map((line) => line.fingerprint))) {
      const lines = own.filter((line) => line.fingerprint === fingerprint);
      found.set(fingerprint, [...(found.get(fingerprint) ?? []), { file, lines }]);
    }
  }
  return [...found].map(([fingerprint, places]) => ({ fingerprint, places }));
}

function versionOf(
  { fingerprint, places }: Sighting,
  missing: readonly string[],
  now: Instant,
): ObservedVersion {
  const lines = places.flatMap((place) => place.lines);
  const mark = markOf(fingerprint, places);
  const active = lines.filter((line) => line.active);
  const expiresAt = endOf(active);
  const live = active.length > 0 && (expiresAt === undefined || expiresAt > now);
  const [first] = lines;
  return {
    handle: fingerprint,
    slot: fingerprint,
    live,
    reactivatable: active.length === 0,
    ...(mark === undefined ? {} : { mark }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(live && missing.length > 0 ? { missingAt: missing } : {}),
    ...(first === undefined ? {} : { note: shownKeys([first]).replace(`${fingerprint} `, "") }),
  };
}

/**
 * The mark of a key, which is the same on every host except for who acted last there: a line without one is not ours
 * yet. Two that name different versions are for a person.
 */
function markOf(fingerprint: string, places: Sighting["places"]): Mark | undefined {
  let newest: Mark | undefined;
  let isBare = false;
  for (const { file, lines } of places) {
    for (const line of lines) {
      const mark = line.mark?.mark;
      if (mark === undefined) isBare = true;
      else if (newest === undefined || mark.epoch > newest.epoch) {
        if (newest !== undefined && !sameVersion(newest, mark)) throw marksDiffer(fingerprint, file);
        newest = mark;
      } else if (!sameVersion(newest, mark)) throw marksDiffer(fingerprint, file);
    }
  }
  return isBare ? undefined : newest;
}

function marksDiffer(fingerprint: string, { target }: AccountFile): CreError {
  return new CreError(
    "marks-differ",
    `the key ${fingerprint} carries on ${target.name} the mark of another version than on other hosts`,
    { fix: "find out who copied or edited the file, and correct the comment of its line" },
  );
}

/** When an attempt began, by its id (RFC 9562); undefined: it has no time in it. In seconds since 1970. */
export function timeOfId(id: string): number | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-/.exec(id) ?? [];
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16) / 1000;
}

/** Seconds since 1970 by the runner's clock. */
export function nowOf({ ports }: Site): number {
  return epochSeconds(ports.clock.now());
}
