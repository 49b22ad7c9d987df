import type { TlsDiscovery } from "../../../core/documents/discovery.ts";
import type { DiscoverySource } from "../../../core/ports/discovery.ts";
import { openEndpoints } from "./endpoints.ts";
import { targetsOf } from "./targets.ts";

/** Certificates that are served at endpoints: named, in ranges, of the registry, and in files of the repository. */
export const tlsSource: DiscoverySource<TlsDiscovery> = {
  kind: "tls",
  connections: () => [],
  files: ({ files = [] }) => files,
  open: async (entry, ports) => [openEndpoints(targetsOf(entry, ports), ports)],
};
