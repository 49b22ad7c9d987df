import { findKubernetes } from "./binaries.ts";
import type { KubernetesServer } from "./kubernetes-server.ts";
import { startRealServer } from "./real-server.ts";
import { startStandIn } from "./stand-in.ts";

/** What can be started here: the stand-in always, the real API server where its programs are. */
export function kubernetesServers(): readonly {
  readonly name: string;
  start: () => Promise<KubernetesServer>;
}[] {
  const binaries = findKubernetes();
  return [
    { name: "the stand-in", start: startStandIn },
    ...(binaries === undefined
      ? []
      : [{ name: "the real API server", start: async () => startRealServer(binaries) }]),
  ];
}
