import { type AccountFile, type HostKeyLine, isOwnAccount } from "./account-file.ts";
import type { Site } from "./site.ts";

/**
 * The lines of a file that are this credential's: those with its mark, those of keys that it is known to have, and, where
 * no `handle` says that the file has keys of others, every line that nobody else has marked. Authorities and the runner's
 * own login never are.
 */
export function ownKeys(
  site: Site,
  { keys, session }: AccountFile,
  known: ReadonlySet<string>,
): readonly HostKeyLine[] {
  return keys.filter((line) => {
    if (line.authority) return false;
    if (line.fingerprint === session.loginKey && isOwnAccount(site, session)) return false;
    if (known.has(line.fingerprint) || line.mark?.credential === site.credential) return true;
    if (line.fingerprint === site.handle) return true;
    return site.handle === undefined && line.mark === undefined && line.active;
  });
}

/** What people should see of the keys of a file when they must decide. Comments are public. */
export function shownKeys(lines: readonly HostKeyLine[]): string {
  return lines
    .map(({ fingerprint, comment, active }) => {
      const words = comment.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 60);
      return `${fingerprint}${words === "" ? "" : ` (${words})`}${active ? "" : ", commented out"}`;
    })
    .join("; ");
}
