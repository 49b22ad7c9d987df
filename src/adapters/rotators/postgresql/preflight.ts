import { observeRoles } from "./sights.ts";
import type { Site } from "./site.ts";

/** Everything that can be known before an effect. */
export async function preflight(site: Site, signal: AbortSignal): Promise<void> {
  await observeRoles(site, signal);
}
