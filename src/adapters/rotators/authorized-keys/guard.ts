import { cksum } from "../../../core/authorized-keys/cksum.ts";
import { EffectError } from "../../../core/model/errors.ts";
import { placeText } from "../../clients/ssh/failure.ts";
import { BESIDE } from "../../clients/ssh/files.ts";
import type { SshSession } from "../../clients/ssh/session.ts";

/** Appended to the path for the file as it was, as long as the host is to put it back. */
export const REVERT = ".cre-revert";

/**
 * Has the host keep the file as it is beside, and make a copy with the same owner, mode, lists and labels, which is filled
 * and put in place. With `seconds` the host puts the kept one back by itself after that time, if the file then still is
 * what we are about to write: a new key that locks everybody out undoes itself, whatever becomes of us. Only where a
 * later run never takes the change for done, for it could not know of the return. Rejects with an EffectError `refused`.
 *
 * The script comes by standard input, so that the account's shell only has to start `sh`.
 */
export async function prepareEdit(
  session: SshSession,
  path: string,
  texts: { readonly before: Uint8Array; readonly after: Uint8Array },
  seconds: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const before = cksum(texts.before);
  const script = `
f=${quoted(path)}; b="$f${REVERT}"; n="$f${BESIDE}"
umask 077
rm -f "$b" "$n" || exit 1
{ cp --preserve=all "$f" "$b" && cp --preserve=all "$f" "$n"; } 2>/dev/null ||
{ rm -f "$b" "$n"; cp -p "$f" "$b" && cp -p "$f" "$n"; } || { rm -f "$b" "$n"; exit 1; }
found=$(cksum <"$b") || exit 1
if [ "$found" != "${before}" ]; then rm -f "$b" "$n"; echo; echo "cre-other $found"; exit 0; fi
${seconds === undefined ? "" : guardScript(before, cksum(texts.after), seconds)}
echo
echo "cre-prepared"
`;
  const { stdout, stderr } = await session.exec("sh -s", script, signal);
  if (/^cre-prepared$/m.test(stdout)) return;
  const place = placeText(session.place);
  const other = /^cre-other /m.test(stdout);
  throw new EffectError(
    "refused",
    other ? "file-changed" : "host-not-ready",
    other
      ? `${place}: ${path} is another file for commands than for SFTP, or somebody changes it right now`
      : `${place}: the host could not be made ready for the change, so nothing was changed`,
    {
      evidence: wordsOf(stderr),
      fix: other
        ? "if this stays so, look for a ChrootDirectory in its sshd_config"
        : "look for a full disk or missing rights; sh, cp, mv, rm, sleep and cksum must be there",
    },
  );
}

/** Runs on by itself when the session has ended. */
function guardScript(before: string, after: string, seconds: number): string {
  return `(
  trap "" HUP
  left=${Math.ceil(seconds)}
  while [ -e "$b" ] && [ "$left" -gt 0 ]; do sleep 1; left=$((left - 1)); done
  [ -e "$b" ] && [ "$(cksum <"$b")" = "${before}" ] && [ "$(cksum <"$f")" = "${after}" ] && mv -f "$b" "$f"
) </dev/null >/dev/null 2>&1 &`;
}

/** The file is as it should be: the host leaves it so, and nothing stays beside it. */
export async function disarmGuard(session: SshSession, path: string, signal: AbortSignal): Promise<void> {
  await session.files.remove(`${path}${REVERT}`, signal);
}

/** A word of a shell script. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What a command said of its failure, without what a terminal would act on. */
export function wordsOf(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 300);
}
