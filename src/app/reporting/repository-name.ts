import { remoteUrl } from "../../adapters/store/remote-url.ts";
import type { LookOptions } from "../looking/sight.ts";

/**
 * Host and path of the repository's remote, whichever way this clone reaches it: `github.com/acme/credentials`;
 * undefined where it has none, or only a folder of this machine.
 */
export async function repositoryName({ repo, env }: LookOptions): Promise<string | undefined> {
  const address = await remoteUrl(repo, env);
  return address === undefined ? undefined : placeIn(address);
}

/** Without any login, port or `.git`, so that two clones of one repository say the same. */
function placeIn(address: string): string | undefined {
  const [, host, path] = /^(?:[^@/]+@)?([^/:@]+):(?!\/\/)\/?(.+)$/.exec(address) ?? [];
  if (host !== undefined && path !== undefined) return named(host, path);
  const url = URL.parse(address);
  if (url === null || !["https:", "http:", "ssh:", "git:"].includes(url.protocol)) return undefined;
  return named(url.hostname, url.pathname);
}

function named(host: string, path: string): string {
  return `${host}/${path
    .replace(/^\/+/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")}`;
}
