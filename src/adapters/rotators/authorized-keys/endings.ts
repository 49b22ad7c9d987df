import type { LineEdit } from "../../../core/authorized-keys/file.ts";
import { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import type { AccountFile, HostKeyLine } from "./account-file.ts";
import { type Change, editFile } from "./edit.ts";
import { editsOf, foreignMark, lineMark, refuseForeign } from "./fence.ts";
import { atHosts, changeHosts } from "./hosts.ts";
import { ownKeys } from "./own-keys.ts";
import { accountText, type Site } from "./site.ts";

/** Marks a key that was there before us, on every host: its comment gets our words, and nothing else. Idempotent. */
export async function adoptKey(
  site: Site,
  version: ObservedVersion,
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  await changeLines(site, version, "present", signal, (lines, file) => {
    for (const line of lines) {
      const present = line.mark?.mark;
      if (present !== undefined && !sameVersion(present, mark)) {
        throw foreignMark(line, file.target.name, undefined);
      }
      refuseStale(`${line.fingerprint} on ${file.target.name}`, present, mark.epoch);
    }
    return editsOf(lines, { mark: lineMark(site, mark) });
  });
}

/** Comments its lines out; everything else of them stays. Idempotent. */
export async function deactivateKey(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await switchLines(site, version, { active: false }, fence, signal);
}

/** Puts its lines in force again, as they were. Idempotent. */
export async function reactivateKey(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await switchLines(site, version, { active: true }, fence, signal);
}

/** Deletes its lines. Absent is success. */
export async function revokeKey(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await changeLines(site, version, "any", signal, (lines, file) => {
    for (const line of lines) refuseForeign(line, file, fence);
    return editsOf(lines, "gone");
  });
}

async function switchLines(
  site: Site,
  version: ObservedVersion,
  to: { readonly active: boolean },
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await changeLines(site, version, "present", signal, (lines, file) => {
    for (const line of lines) refuseForeign(line, file, fence);
    return editsOf(lines, { ...to, mark: lineMark(site, fence.next) });
  });
}

type Edits = (lines: readonly HostKeyLine[], file: AccountFile) => ReadonlyMap<number, LineEdit>;

/** Edits the lines of one key on every host. What no host may do is done on none. */
async function changeLines(
  site: Site,
  { handle }: ObservedVersion,
  wanted: "present" | "any",
  signal: AbortSignal,
  edits: Edits,
): Promise<void> {
  await atHosts(site, signal, async ({ files }) => {
    const kept = withoutLeftBehind(site, files, handle);
    const change = (file: AccountFile): Change => ({ edits: edits(linesOf(file, handle), file) });
    if (wanted === "present" && kept.every((file) => linesOf(file, handle).length === 0)) {
      throw gone(site, handle);
    }
    for (const file of kept) change(file);
    await changeHosts(kept, async (file) => editFile(site, file, change, undefined, signal));
  });
}

function linesOf({ keys }: AccountFile, handle: string): readonly HostKeyLine[] {
  return keys.filter(({ fingerprint, authority }) => fingerprint === handle && !authority);
}

/** Without those hosts that were left behind with this key as the only one, while others have a newer one. */
function withoutLeftBehind(
  site: Site,
  files: readonly AccountFile[],
  handle: string,
): readonly AccountFile[] {
  if (site.provider.unreachable !== "leave") return files;
  const hasAnother = (file: AccountFile): boolean =>
    ownKeys(site, file, new Set()).some(
      ({ fingerprint, active, mark }) =>
        fingerprint !== handle && active && mark?.credential === site.credential,
    );
  return files.some(hasAnother) ? files.filter(hasAnother) : files;
}

function gone(site: Site, handle: string): EffectError {
  return new EffectError("refused", "version-gone", `${accountText(site)} has no key ${handle} any more`, {
    fix: "find out who took it out of the file",
    retryable: false,
  });
}
