import { readDescription } from "../../services/github/description.ts";
import { startStandIn } from "../../services/kubernetes/stand-in.ts";
import type { SharedServices } from "./target.ts";

/** Starts what takes long to start; the caller closes the cluster. */
export async function openSharedServices(): Promise<SharedServices> {
  return { kubernetes: await startStandIn(), github: readDescription() };
}
