import { cksum } from "../../../core/authorized-keys/cksum.ts";
import { areOptions, optionsOf } from "../../../core/authorized-keys/key-line.ts";
import { CreError } from "../../../core/model/errors.ts";
import { placeText } from "../../clients/ssh/failure.ts";
import type { AccountFile } from "./account-file.ts";
import { atHosts } from "./hosts.ts";
import { optionsProblem, slotTaken } from "./issue.ts";
import { ownKeys, shownKeys } from "./own-keys.ts";
import { quoted, wordsOf } from "./shell-text.ts";
import { accountText, type Site } from "./site.ts";

const OTHERS_WRITE = 0o022;

/**
 * Everything that can be known before a key is made: every host answers with a pinned key and lets the runner in, the
 * file is there, can be read and replaced, and the same for commands; nobody's key is in the way; the credential's key
 * is found; the runner does not sign in with it.
 */
export async function preflight(site: Site, signal: AbortSignal): Promise<void> {
  refuseOptions(site);
  await atHosts(site, signal, async ({ files, unreachable }) => {
    for (const { target, why } of unreachable) {
      site.ports.progress.warn(`${site.credential}: ${target.name} is left behind: ${why}`);
    }
    for (const file of files) {
      refuseOwnLogin(site, file);
      refuseStrangers(site, file);
      await askHost(file, signal);
      tellWarnings(site, file);
    }
    refuseMissing(site, files);
  });
}

/** Options that make something else of a line than a key which lets in until it is taken out. */
const UNFIT_OPTIONS = new Set(["cert-authority", "expiry-time"]);

function refuseOptions({ provider: { options } }: Site): void {
  if (options === undefined) return;
  const unfit = optionsOf(options).find(({ name }) => UNFIT_OPTIONS.has(name));
  if (unfit !== undefined) {
    throw new CreError("options", `\`options\` has \`${unfit.name}\`, which no new key can have`, {
      fix:
        unfit.name === "expiry-time"
          ? "leave it out: every new key would end at that same time; the policy's `rotateWithin` says how long one lives"
          : "leave it out: it makes an authority of the line, and nobody could sign in with the key itself",
    });
  }
  if (areOptions(options)) return;
  throw new CreError("options", "`options` cannot stand in front of a key", {
    evidence: options.replaceAll(/[^\x20-\x7e]/g, "?"),
    fix: 'write them as in authorized_keys, with commas and no blanks outside of quotes: restrict,command="/usr/bin/backup now"',
  });
}

/** The runner would take out the key with which it signs in. */
function refuseOwnLogin(site: Site, file: AccountFile): void {
  const { session, keys } = file;
  const isOwn =
    session.loginKey === site.handle ||
    keys.some(
      ({ fingerprint, mark }) => fingerprint === session.loginKey && mark?.credential === site.credential,
    );
  if (!isOwn) return;
  throw new CreError(
    "own-login",
    `the runner signs in to ${placeText(session.place)} with the very key that it would rotate`,
    {
      evidence: session.loginKey,
      fix: "give the connection a key of its own, and put its line into the file: restrict ssh-ed25519 … runner",
    },
  );
}

/** Beside a key that is on record there is one that is not: a person has to look. */
function refuseStrangers(site: Site, file: AccountFile): void {
  const own = ownKeys(site, file, new Set());
  const strangers = own.filter(({ mark }) => mark === undefined);
  if (strangers.length === 0 || strangers.length === own.length) return;
  throw slotTaken(site, file, strangers);
}

function refuseMissing(site: Site, files: readonly AccountFile[]): void {
  const own = files.map((file) => ownKeys(site, file, new Set()));
  const lines = own.flat();
  if (lines.length === 0) {
    throw new CreError("key-missing", `${accountText(site)} has no key ${site.handle ?? "to rotate"}`, {
      evidence: files
        .map(({ target, keys }) => `${target.name} has ${shownKeys(keys) || "none"}`)
        .join("; ")
        .slice(0, 1000),
      fix: "correct `handle`, or `user`, `file` and the hosts; the key with which the runner itself signs in is never rotated",
    });
  }
  const problem =
    site.provider.options === undefined ? optionsProblem(lines.findLast(({ active }) => active)) : undefined;
  if (problem === undefined) return;
  throw new CreError("options", problem, { fix: "say in `options` what stands in front of the new key" });
}

/** Asks by a command what SFTP cannot tell: the right to replace, and whether both speak of the same file. */
async function askHost({ session, path, text }: AccountFile, signal: AbortSignal): Promise<void> {
  const script = `
f=${quoted(path)}
[ -w "\${f%/*}" ] || { echo; echo cre-denied; exit 0; }
for tool in cat cp date mv rm sleep; do command -v "$tool" >/dev/null || exit 1; done
sum=$(cksum <"$f") || exit 1
echo
echo "cre-ready $sum"
`;
  const { stdout, stderr } = await session.exec("sh -s", script, signal);
  const place = placeText(session.place);
  const sum = /^cre-ready (.+)$/m.exec(stdout)?.[1];
  if (sum === cksum(Buffer.from(text, "latin1"))) return;
  if (/^cre-denied$/m.test(stdout)) {
    throw new CreError("permission-missing", `the runner may not replace ${path} as ${place}`, {
      fix: "let it sign in as the account itself, or as root",
    });
  }
  if (sum !== undefined) {
    throw new CreError("file-differs", `${path} is another file for commands than for SFTP at ${place}`, {
      fix: "look for a ChrootDirectory or another sftp-server in its sshd_config",
    });
  }
  throw new CreError("host-not-ready", `${place} cannot run what undoes a change that locks everybody out`, {
    evidence: wordsOf(stderr),
    fix: "let this login run `sh`; cat, cp, date, mv, rm, sleep and cksum must be there",
  });
}

/** What stops nothing, and people should know. */
function tellWarnings(site: Site, { session, path, stat, unreadable }: AccountFile): void {
  const place = placeText(session.place);
  if (unreadable.length > 0) {
    const lines = unreadable.slice(0, 10).join(", ");
    site.ports.progress.warn(
      `${site.credential}: ${place}: sshd passes over ${unreadable.length === 1 ? "line" : "lines"} ${lines}${unreadable.length > 10 ? ", …" : ""} of ${path}, which are no keys and no comments`,
    );
  }
  if ((stat.mode & OTHERS_WRITE) !== 0) {
    site.ports.progress.warn(
      `${site.credential}: ${place}: others may write to ${path}: sshd refuses all its keys (StrictModes)`,
    );
  }
}
