import { epochSeconds, type Instant, instantOf } from "../../../core/model/instant.ts";
import type { ObservedVersion, UseEvidence } from "../../../core/ports/rotator.ts";
import { atHosts } from "./hosts.ts";
import { isTrial, readLogins } from "./logins.ts";
import type { Site } from "./site.ts";

/**
 * Whether somebody signed in with a key since then, as the logs of all hosts tell it. One that shows a use is proof; all
 * of them have to show none, as far back as is asked, before it counts as silent. Our own trials are no use.
 */
export async function useOfKey(
  site: Site,
  { handle, mark }: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<UseEvidence> {
  if (site.provider.authLog === undefined) {
    return {
      kind: "unknown",
      detail: "the document names no `authLog`, so nobody can see who uses which key",
    };
  }
  const start = epochSeconds(since);
  return atHosts(site, signal, async ({ files, unreachable }) => {
    const blind: string[] = [];
    let newest: { readonly at: number; readonly detail: string } | undefined;
    for (const file of files) {
      const read = await readLogins(site, file, start, signal);
      if (typeof read === "string") {
        blind.push(read);
        continue;
      }
      if (read.from > start) {
        blind.push(`${file.target.name}: its log begins at ${instantOf(Math.floor(read.from))}`);
      }
      for (const login of read.logins) {
        const at = login.at - read.skew;
        if (login.key !== handle || at < start || (newest !== undefined && at <= newest.at)) continue;
        if (isTrial(site, file.target.name, login, read, mark?.attempt)) continue;
        newest = { at, detail: `${handle} let somebody in to ${file.target.name} from ${login.address}` };
      }
    }
    if (newest !== undefined) {
      const at = instantOf(Math.floor(newest.at));
      return { kind: "used", at, detail: `${newest.detail} at ${at}` };
    }
    const [reason] = blind;
    if (reason !== undefined) return { kind: "unknown", detail: reason };
    const away =
      unreachable.length === 0
        ? ""
        : `; not asked: ${unreachable.map(({ target }) => target.name).join(", ")}`;
    return {
      kind: "silent",
      sampled: false,
      detail: `no host let anybody in with ${handle} since ${since}${away}`,
    };
  });
}
