import type { Evidence, ObservedVersion } from "../../../core/ports/rotator.ts";
import type { AccountFile } from "./account-file.ts";
import { atHosts } from "./hosts.ts";
import { readLogins } from "./logins.ts";
import { quoted } from "./shell-text.ts";
import type { Site } from "./site.ts";

/** Seconds by which a log and a process may differ about when it began. */
const SLACK = 5;

/**
 * After an incident: sessions that are open go on when their key is gone. Where sshd's log tells which process a key
 * opened, that one is ended; elsewhere people are told how to look.
 */
export async function containKey(
  site: Site,
  { handle }: ObservedVersion,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  return atHosts(site, signal, async ({ files, unreachable }) => {
    const evidence: Evidence[] = [];
    for (const file of files) {
      const left = file.keys.some(({ fingerprint, active }) => fingerprint === handle && active);
      evidence.push({
        place: `${handle} at ${file.target.name}`,
        dead: !left,
        detail: left ? "still lets in" : "lets nobody in any more",
      });
      evidence.push(await endSessions(site, file, handle, signal));
    }
    for (const { target, why } of unreachable) {
      evidence.push({ place: `${handle} at ${target.name}`, dead: false, detail: why });
    }
    return evidence;
  });
}

async function endSessions(
  site: Site,
  file: AccountFile,
  handle: string,
  signal: AbortSignal,
): Promise<Evidence> {
  const { session, target } = file;
  const place = `sessions of ${site.provider.user} at ${target.name}`;
  const look = `look with \`ps -u ${site.provider.user}\` and end what does not belong there`;
  if (site.provider.authLog === undefined) {
    return { place, dead: false, detail: `without \`authLog\` nobody knows which key opened them: ${look}` };
  }
  const read = await readLogins(site, file, 0, signal);
  if (typeof read === "string") return { place, dead: false, detail: `${read}: ${look}` };
  const opened = read.logins.filter(({ key }) => key === handle);
  const begins = Math.floor(read.from + read.skew) - SLACK;
  // A number is used again some day: only a process of sshd's that began with the login is that session.
  const script = `
seconds() { echo "$1" | awk -F'[-:]' '{ n = 0; for (i = 1; i <= NF; i++) n = n * (i == NF - 2 && NF == 4 ? 24 : i == 1 ? 1 : 60) + $i; print n }'; }
now=$(date +%s); u=${quoted(site.provider.user)}
echo
${opened
  .map(
    ({ pid, at }) => `p=${pid}; t=${Math.floor(at)}
e=$(ps -o etime= -p $p 2>/dev/null | tr -d ' '); c=$(ps -o args= -p $p 2>/dev/null)
case "$c" in *sshd*)
  b=$((now - $(seconds "$e"))); d=$((b - t)); [ $d -lt 0 ] && d=$((-d))
  if [ $d -le ${SLACK} ]; then
    kill $p 2>/dev/null || for k in $(ps -e -o pid= -o ppid= | awk -v p=$p '$2 == p { print $1 }'); do kill $k 2>/dev/null; done
    sleep 1; if ps -p $p >/dev/null 2>&1; then echo "cre-left $p"; else echo "cre-ended $p"; fi
  fi ;;
esac`,
  )
  .join("\n")}
ps -e -o etime= -o args= >/dev/null 2>&1 || exit
ps -e -o etime= -o args= 2>/dev/null | while read -r e a; do
  case "$a" in "sshd: $u"|"sshd: $u@"*|"sshd: $u "*|"sshd-session: $u"|"sshd-session: $u@"*|"sshd-session: $u "*)
    [ $((now - $(seconds "$e"))) -lt ${begins} ] && echo "cre-older" ;;
  esac
done
echo cre-done
`;
  const { stdout } = await session.exec("sh -s", script, signal);
  const numbers = (word: string): string[] =>
    [...stdout.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].map(([, pid]) => pid ?? "");
  const left = numbers("cre-left");
  const ended = numbers("cre-ended");
  if (!/^cre-done$/m.test(stdout)) {
    return { place, dead: false, detail: `they could not be looked for: ${look}` };
  }
  if (left.length > 0) {
    return {
      place,
      dead: false,
      detail: `the runner may not end the processes ${left.join(", ")}: end them as root`,
    };
  }
  const older = stdout.match(/^cre-older$/gm)?.length ?? 0;
  if (older > 0) {
    return { place, dead: false, detail: `sessions are open that began before its log does: ${look}` };
  }
  return {
    place,
    dead: true,
    detail:
      ended.length === 0 ? "none that this key opened is left" : `ended: the processes ${ended.join(", ")}`,
  };
}
