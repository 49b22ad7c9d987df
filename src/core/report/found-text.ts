import { counted } from "../text/counted.ts";
import type { DiscoveryRows } from "./history-schema.ts";

/** What discovery comes to, in numbers: `1 unmanaged, 0 ghosts, 0 drifted, 0 shared`. */
export function foundText({
  unmanaged,
  ghosts,
  drift,
  shared,
}: Pick<DiscoveryRows, "unmanaged" | "ghosts" | "drift" | "shared">): string {
  return `${unmanaged.length} unmanaged, ${counted(ghosts.length, "ghost")}, ${drift.length} drifted, ${shared.length} shared`;
}
