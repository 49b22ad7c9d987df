import { EffectError } from "../../../core/model/errors.ts";
import { placeText } from "../../clients/ssh/failure.ts";
import type { SshSession } from "../../clients/ssh/session.ts";
import { quoted } from "./shell-text.ts";

/** Appended to the path for the file that says who changes it right now. */
export const LOCK = ".cre-lock";
/** Seconds that a change waits for another one. */
const PATIENCE = 15;
/** Seconds after which whoever holds a file is taken for dead: no effect takes as long, and no return of the host's. */
const STALE = 240;

/**
 * Lines of a script that make this credential the only one that changes the file `$f`, until `unlock`: keys of several
 * credentials may stand in one file, and each change replaces it as a whole. What is left of an earlier change of the same
 * credential holds nobody up: its lease says that there is no other. Says `cre-busy` and ends where another one goes on.
 */
export function lockScript(credential: string, patience = PATIENCE): string {
  return `
l="$f${LOCK}"; own=${quoted(credential)}; begun=$(date +%s); me="$own $begun $$"; failed=0
until (set -C; echo "$me" >"$l") 2>/dev/null; do
  now=$(date +%s); waited=$((now - begun)); who=; at=
  { read -r who at rest <"$l"; } 2>/dev/null
  [ -e "$l" ] || { failed=$((failed + 1)); [ "$failed" -lt 50 ] && continue; exit 1; }
  # Empty for a moment; anything else that is no time was never written by us.
  case "$at" in ""|*[!0-9]*) [ "$waited" -lt 2 ]; old=$? ;; *)
    age=$((now - at)); [ "$age" -ge -${STALE} ] && [ "$age" -le ${STALE} ]; old=$? ;;
  esac
  if [ "$who" = "$own" ] || [ "$old" -ne 0 ]; then
    { echo "$me" >"$l.$$" && mv -f "$l.$$" "$l"; } || { rm -f "$l.$$"; exit 1; }
    # Of several who found it left behind the last one has it.
    [ "$who" = "$own" ] || sleep 1
    [ "$(cat "$l" 2>/dev/null)" = "$me" ] && break
  fi
  if [ "$waited" -ge ${patience} ]; then echo; echo "cre-busy"; exit 0; fi
  sleep 0.2 2>/dev/null || sleep 1
done`;
}

/** The error where a script said `cre-busy`. */
export function busy({ place }: SshSession, path: string): EffectError {
  return new EffectError("refused", "file-busy", `${placeText(place)}: another credential changes ${path}`, {
    evidence: `${path}${LOCK} says which`,
    fix: "nothing: the next run tries again",
  });
}

/** Lets others change the file. */
export async function unlock(session: SshSession, path: string, signal: AbortSignal): Promise<void> {
  await session.files.remove(`${path}${LOCK}`, signal);
}
