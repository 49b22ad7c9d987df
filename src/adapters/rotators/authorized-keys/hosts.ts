import pLimit from "p-limit";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { SshTarget } from "../../clients/ssh/session.ts";
import { type AccountFile, openAccountFile } from "./account-file.ts";
import { asRefused, inDoubt } from "./failure.ts";
import type { Site } from "./site.ts";

/** Hosts that are worked on at once. */
const AT_ONCE = 8;
/** Why a host that is to be left behind does not answer; anything else is an error on every host. */
const UNREACHABLE = new Set(["unreachable", "unresolved", "connection-lost", "handshake-failed"]);

/** The hosts as they were found: those that answer with their files, and those that are left behind. */
export interface Hosts {
  readonly files: readonly AccountFile[];
  readonly unreachable: readonly { readonly target: SshTarget; readonly why: string }[];
}

/**
 * Signs in to every host and reads its file, and signs out again at the end of `work`. One that cannot be reached stops
 * everything, or is left out if the document says so; one that answers and refuses always stops everything.
 */
export async function atHosts<T>(
  site: Site,
  signal: AbortSignal,
  work: (hosts: Hosts) => Promise<T>,
): Promise<T> {
  const limit = pLimit(AT_ONCE);
  const leave = site.provider.unreachable === "leave";
  const files: AccountFile[] = [];
  try {
    const opened = await Promise.allSettled(
      site.targets.map(async (target) =>
        limit(async () => {
          const file = await openAccountFile(site, target, signal);
          files.push(file);
          return file;
        }),
      ),
    );
    const unreachable: { target: SshTarget; why: string }[] = [];
    for (const [at, { status, ...rest }] of opened.entries()) {
      if (status === "fulfilled") continue;
      // `as`: what a rejected promise has.
      const { reason } = rest as PromiseRejectedResult;
      const target = site.targets[at];
      const isAway = reason instanceof CreError && UNREACHABLE.has(reason.code) && !signal.aborted;
      if (!leave || !isAway || target === undefined) throw asRefused(reason);
      unreachable.push({ target, why: reason.message });
    }
    const first = unreachable[0];
    if (files.length === 0 && first !== undefined) {
      throw new CreError("unreachable", "not one of the hosts can be reached", { evidence: first.why });
    }
    const order = new Map(site.targets.map((target, at) => [target, at]));
    files.sort((a, b) => (order.get(a.target) ?? 0) - (order.get(b.target) ?? 0));
    return await work({ files, unreachable });
  } finally {
    for (const { session } of files) session.close();
  }
}

/**
 * Changes hosts, the first one before all others: what does not work there is not tried elsewhere. Rejects as `unknown`
 * if any host was changed, or may have been.
 */
export async function changeHosts(
  files: readonly AccountFile[],
  change: (file: AccountFile) => Promise<boolean>,
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const done: string[] = [];
  const one = async (file: AccountFile): Promise<void> => {
    if (await change(file)) done.push(file.target.name);
  };
  const [first, ...others] = files;
  if (first === undefined) return;
  await one(first);
  const results = await Promise.allSettled(others.map(async (file) => limit(async () => one(file))));
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (failures.length === 0) return;
  const refusal = failures.find((error) => error instanceof EffectError && error.outcome === "refused");
  // What one host refused proves nothing of another that did not answer.
  const doubt = failures.find((error) => !(error instanceof EffectError) || error.outcome !== "refused");
  throw done.length === 0 ? (doubt ?? refusal) : inDoubt(refusal ?? doubt, done);
}
