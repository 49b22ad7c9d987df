import type { TlsDiscovery } from "../../../core/documents/discovery.ts";
import type { DiscoverySource } from "../../../core/ports/discovery.ts";
import { openEndpoints } from "./endpoints.ts";
import { targetsOf } from "./targets.ts";

/** Endpoints of one batch; a look goes on behind the last one. The scanner bounds how many handshakes run at once. */
const BATCH = 128;

/** Certificates that are served at endpoints: named, in ranges, of the registry, and in files of the repository. */
export const tlsSource = createTlsSource(BATCH);

/** The source with batches of another size. */
export function createTlsSource(batch: number): DiscoverySource<TlsDiscovery> {
  return {
    kind: "tls",
    connections: () => [],
    files: ({ files = [] }) => files,
    open: async (entry, ports) => [openEndpoints(targetsOf(entry, ports), ports, batch)],
  };
}
