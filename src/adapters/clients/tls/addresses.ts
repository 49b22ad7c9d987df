import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** Every address of a name, IPv4 and IPv6. Rejects where it does not resolve. */
export type LookupAll = (host: string) => Promise<readonly string[]>;

/** The addresses that this host's own resolver knows, each once; an address is its own. */
export const systemLookup: LookupAll = async (host) => {
  if (isIP(host) !== 0) return [host];
  const found = await lookup(host, { all: true, order: "verbatim" });
  return [...new Set(found.map(({ address }) => address))].toSorted();
};
