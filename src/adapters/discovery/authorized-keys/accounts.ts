import { EffectError } from "../../../core/model/errors.ts";
import { placeText } from "../../clients/ssh/failure.ts";
import type { SshSession } from "../../clients/ssh/session.ts";

/** An account of a host, with its home. */
export interface HostAccount {
  readonly user: string;
  readonly home: string;
}

/** Accounts beyond this many are not looked at in one go. */
const MOST_ACCOUNTS = 5_000;
/** Names, directories and nothing else: what stands between is passed over. */
const ENTRY = /^([^:\s]+):[^:]*:\d+:\d+:[^:]*:(\/[^:]*):[^:]*$/;
const SCRIPT = "getent passwd 2>/dev/null || cat /etc/passwd";

/**
 * The accounts that a host knows by itself: `getent passwd` leaves out those of a directory that does not list them.
 * `named` are asked for one by one, so that those are found there, too; one that does not exist is left out. Names are
 * such as the settings' schema lets in, and need no quotes in a shell.
 */
export async function accountsOf(
  session: SshSession,
  named: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly HostAccount[]> {
  const script =
    named === undefined
      ? SCRIPT
      : `getent passwd ${named.join(" ")} 2>/dev/null; test "$?" -ne 127 || cat /etc/passwd`;
  const { stdout } = await session.exec("sh -s", `echo; echo cre-accounts; ${script}\n`, signal);
  const [, text] = stdout.split(/^cre-accounts$/m);
  if (text === undefined) {
    throw new EffectError(
      "refused",
      "accounts-unknown",
      `${placeText(session.place)} does not say which accounts it has`,
      {
        fix: "let the runner's login run `getent passwd`: no ForceCommand, no `command=` and no nologin shell",
        retryable: false,
      },
    );
  }
  const accounts = new Map<string, HostAccount>();
  for (const line of text.split("\n")) {
    const [, user, home] = ENTRY.exec(line) ?? [];
    if (user === undefined || home === undefined || accounts.has(user)) continue;
    if (named === undefined || named.includes(user)) accounts.set(user, { user, home });
    if (accounts.size > MOST_ACCOUNTS) {
      throw new EffectError(
        "refused",
        "too-many-accounts",
        `${placeText(session.place)} has more than ${MOST_ACCOUNTS} accounts`,
        {
          fix: "name those that matter in `users`",
          retryable: false,
        },
      );
    }
  }
  return [...accounts.values()].toSorted((a, b) => (a.user < b.user ? -1 : 1));
}
