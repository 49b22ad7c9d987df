import type { AuthorizedKeysDiscovery } from "../../../core/documents/discovery.ts";
import type { DiscoverySource } from "../../../core/ports/discovery.ts";
import { Claims } from "./claims.ts";
import { openHost } from "./host.ts";
import { hostsOf } from "./hosts.ts";

/** Keys in the `authorized_keys` of accounts, each host a part of its own. */
export const authorizedKeysSource: DiscoverySource<AuthorizedKeysDiscovery> = {
  kind: "authorized-keys",
  connections: ({ connections, inventory }) =>
    inventory === undefined ? [...new Set(connections ?? [])] : [inventory.connection],
  open: async (entry, ports) => {
    const claims = new Claims(ports);
    return hostsOf(entry, ports).map((target) => openHost(target, entry, claims, ports));
  },
};
