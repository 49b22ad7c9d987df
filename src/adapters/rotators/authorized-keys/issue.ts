import type { LineEdit } from "../../../core/authorized-keys/file.ts";
import { optionsOf, writeMark } from "../../../core/authorized-keys/key-line.ts";
import { EffectError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { Issued, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import type { AccountFile, HostKeyLine } from "./account-file.ts";
import { type Change, editFile } from "./edit.ts";
import { lineMark } from "./fence.ts";
import { atHosts, changeHosts } from "./hosts.ts";
import { makeKeyPair } from "./key-pair.ts";
import { ownKeys, shownKeys } from "./own-keys.ts";
import { accountText, type Site } from "./site.ts";

/** Keys that a credential has at once: the one in use, and the next one or the last one. */
const SLOTS = 2;

/**
 * Makes a key and appends its line on every host, each of which must let it in before the next ones are changed. A host
 * that was left behind before gets the key that consumers use now as well, and loses those that have ended.
 */
export async function issueKey(
  site: Site,
  mark: Mark,
  occupied: readonly ObservedVersion[],
  signal: AbortSignal,
): Promise<Issued> {
  const pair = await makeKeyPair(site.provider.keyType ?? "ed25519", site.credential, site.ports.random);
  const createdAt = site.ports.clock.now();
  await atHosts(site, signal, async ({ files }) => {
    const model = newestLine(files, occupied);
    const options = site.provider.options ?? model?.options ?? "";
    const words = `${pair.publicLine} ${writeMark(lineMark(site, mark))}`;
    const line = options === "" ? words : `${options} ${words}`;
    const change = (file: AccountFile): Change => {
      refuseTaken(site, file, files, occupied, mark);
      const { edits, added } = catchUp(site, file, files, occupied);
      return { edits, added: [...added, line] };
    };
    for (const file of files) change(file);
    await changeHosts(files, async (file) => editFile(site, file, change, pair.privateKey, signal));
  });
  return {
    handle: pair.fingerprint,
    slot: pair.fingerprint,
    createdAt,
    parts: new Map([
      ["privateKey", pair.privateKey],
      ["publicKey", new Secret(`${pair.publicLine} ${site.credential}`)],
    ]),
  };
}

/** Why the options of the old line cannot be those of the new one; undefined: they can. */
export function optionsProblem(line: HostKeyLine | undefined): string | undefined {
  if (line === undefined || optionsOf(line.options).every(({ name }) => name !== "expiry-time")) {
    return undefined;
  }
  return `the line of ${line.fingerprint} has \`expiry-time\`, which the new key cannot have as it is`;
}

/** The line whose options the new one gets: that of the version in use. */
function newestLine(
  files: readonly AccountFile[],
  occupied: readonly ObservedVersion[],
): HostKeyLine | undefined {
  const live = new Set(occupied.filter((version) => version.live).map(({ handle }) => handle));
  for (const file of files) {
    const line = file.keys.findLast(({ fingerprint, active }) => active && live.has(fingerprint));
    if (line !== undefined) return line;
  }
  return undefined;
}

/** What a host that was left behind needs besides the new line; nothing where it has what the others have. */
function catchUp(
  site: Site,
  file: AccountFile,
  files: readonly AccountFile[],
  occupied: readonly ObservedVersion[],
): { readonly edits: ReadonlyMap<number, LineEdit>; readonly added: readonly string[] } {
  if (site.provider.unreachable !== "leave") return { edits: new Map(), added: [] };
  const wanted = new Set(occupied.filter((version) => version.live).map(({ handle }) => handle));
  const here = new Set(file.keys.map(({ fingerprint }) => fingerprint));
  if ([...wanted].every((handle) => here.has(handle))) return { edits: new Map(), added: [] };
  const edits = new Map<number, LineEdit>();
  for (const { at, fingerprint, mark } of ownKeys(site, file, new Set())) {
    if (!wanted.has(fingerprint) && mark?.credential === site.credential) edits.set(at, "gone");
  }
  const added = [...wanted].flatMap((handle) => {
    if (here.has(handle)) return [];
    for (const other of files) {
      const line = other.keys.find(({ fingerprint, active }) => fingerprint === handle && active);
      if (line !== undefined) return [(other.text.split("\n")[line.at] ?? "").replace(/\r$/, "")];
    }
    return [];
  });
  return { edits, added };
}

/** There are two keys already, or one that the record does not know takes the place of the new one, or this attempt has been made already. */
function refuseTaken(
  site: Site,
  file: AccountFile,
  files: readonly AccountFile[],
  occupied: readonly ObservedVersion[],
  mark: Mark,
): void {
  const known = new Set(occupied.map(({ handle }) => handle));
  const own = ownKeys(site, file, known);
  for (const line of own) {
    refuseStale(`${line.fingerprint} on ${file.target.name}`, line.mark?.mark, mark.epoch);
    if (sameVersion(line.mark?.mark, mark)) {
      throw new EffectError(
        "refused",
        "issued-before",
        `${file.target.name} has a key of this attempt already`,
        {
          evidence: line.fingerprint,
          fix: "nothing: it is taken out, and the next attempt makes another",
        },
      );
    }
  }
  if (isLeftBehind(site, file, files, occupied)) return;
  const strangers = own.filter(({ fingerprint, mark: has }) => has === undefined || !known.has(fingerprint));
  if (strangers.length > 0) throw slotTaken(site, file, strangers);
  if (new Set(own.map(({ fingerprint }) => fingerprint)).size >= SLOTS) throw slotTaken(site, file, own);
}

function isLeftBehind(
  site: Site,
  file: AccountFile,
  files: readonly AccountFile[],
  occupied: readonly ObservedVersion[],
): boolean {
  if (site.provider.unreachable !== "leave") return false;
  const { added } = catchUp(site, file, files, occupied);
  return added.length > 0;
}

/** Keys in the file that nobody has on record. None is touched. */
export function slotTaken(
  site: Site,
  { target, path }: AccountFile,
  lines: readonly HostKeyLine[],
): EffectError {
  return new EffectError(
    "refused",
    "slot-taken",
    `${accountText(site)}: ${path} on ${target.name} has keys that are not on record, or two that are: none is touched`,
    {
      evidence: shownKeys(lines),
      fix: "find out whose they are and take them out; or, if the file may have keys of others, name the one that this document is about as `handle`",
      retryable: false,
    },
  );
}
