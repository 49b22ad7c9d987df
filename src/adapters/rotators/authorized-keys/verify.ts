import { CreError } from "../../../core/model/errors.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { proveLogin } from "./edit.ts";
import { atHosts } from "./hosts.ts";
import type { Site } from "./site.ts";

/** Signs in on every host with the new key, and no other way. */
export async function verifyKey(site: Site, { handle, parts }: Issued, signal: AbortSignal): Promise<void> {
  const key = parts.get("privateKey");
  if (key === undefined) throw new CreError("not-usable", `there is no private key of ${handle}`);
  await atHosts(site, signal, async ({ files }) => {
    for (const { target } of files) await proveLogin(site, target, key, signal);
  });
}
