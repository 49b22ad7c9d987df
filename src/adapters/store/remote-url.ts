import { Git } from "./git.ts";
import { findRemote } from "./remote.ts";

/** Milliseconds; nothing of it is asked over the network. */
const TIMEOUT = 60_000;

/**
 * The address that the repository's remote has in its configuration; undefined: it has no remote. It may hold a login,
 * and is not to be shown. Rejects with a CreError.
 */
export async function remoteUrl(
  repo: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const git = new Git(repo, env);
  const remote = await findRemote(git, TIMEOUT);
  return remote === undefined ? undefined : git.maybe(["remote", "get-url", "--", remote.name]);
}
