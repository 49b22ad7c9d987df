import { cksum } from "../../../core/authorized-keys/cksum.ts";
import { EffectError } from "../../../core/model/errors.ts";
import { placeText } from "../../clients/ssh/failure.ts";
import { BESIDE } from "../../clients/ssh/files.ts";
import type { SshSession } from "../../clients/ssh/session.ts";
import { asRefused } from "./failure.ts";
import { busy, lockScript } from "./file-lock.ts";
import { quoted, wordsOf } from "./shell-text.ts";

/** Appended to the path for the file as it was, as long as the host is to put it back. */
export const REVERT = ".cre-revert";

/**
 * Locks the file for this credential, has the host keep it as it is beside, and make a copy with the same owner, mode,
 * lists and labels, which is filled and put in place. False: the file is another one than was read; it is locked all the
 * same. With `seconds` the host puts the kept one back by itself after that time, if the file then still is
 * what we are about to write: a new key that locks everybody out undoes itself, whatever becomes of us. Only where a
 * later run never takes the change for done, for it could not know of the return. Rejects with an EffectError `refused`, and
 * then nothing is locked but by a script that is still on its way.
 *
 * The script comes by standard input, so that the account's shell only has to start `sh`.
 */
export async function prepareEdit(
  session: SshSession,
  credential: string,
  path: string,
  texts: { readonly before: Uint8Array; readonly after: Uint8Array },
  seconds: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const before = cksum(texts.before);
  const script = `
f=${quoted(path)}; b="$f${REVERT}"; n="$f${BESIDE}"
umask 077
${lockScript(credential)}
rm -f "$b" "$n" || { rm -f "$l"; exit 1; }
{ cp --preserve=all "$f" "$b" && cp --preserve=all "$f" "$n"; } 2>/dev/null ||
{ rm -f "$b" "$n"; cp -p "$f" "$b" && cp -p "$f" "$n"; } || { rm -f "$b" "$n" "$l"; exit 1; }
found=$(cksum <"$b") || { rm -f "$b" "$n" "$l"; exit 1; }
if [ "$found" != "${before}" ]; then rm -f "$b" "$n"; echo; echo "cre-other $found"; exit 0; fi
${seconds === undefined ? "" : guardScript(before, cksum(texts.after), seconds)}
echo
echo "cre-prepared"
`;
  const { stdout, stderr } = await session.exec("sh -s", script, signal).catch((error: unknown) => {
    // Whatever became of the script: it leaves the file alone.
    throw asRefused(error);
  });
  if (/^cre-prepared$/m.test(stdout)) return true;
  if (/^cre-other /m.test(stdout)) return false;
  if (/^cre-busy$/m.test(stdout)) throw busy(session, path);
  const place = placeText(session.place);
  throw new EffectError(
    "refused",
    "host-not-ready",
    `${place}: the host could not be made ready for the change, so nothing was changed`,
    {
      evidence: wordsOf(stderr),
      fix: "look for a full disk or missing rights; sh, cp, mv, rm, cat, date, sleep and cksum must be there",
    },
  );
}

/** Runs on by itself when the session has ended. */
function guardScript(before: string, after: string, seconds: number): string {
  return `(
  trap "" HUP
  left=${Math.ceil(seconds)}
  while [ -e "$b" ] && [ "$left" -gt 0 ]; do sleep 1; left=$((left - 1)); done
  [ -e "$b" ] && [ "$(cksum <"$b")" = "${before}" ] && [ "$(cksum <"$f")" = "${after}" ] && mv -f "$b" "$f" &&
  [ "$(cat "$l")" = "$me" ] && rm -f "$l"
) </dev/null >/dev/null 2>&1 &`;
}

/** The file is as it should be: the host leaves it so, and nothing stays beside it. */
export async function disarmGuard(session: SshSession, path: string, signal: AbortSignal): Promise<void> {
  await session.files.remove(`${path}${REVERT}`, signal);
}
