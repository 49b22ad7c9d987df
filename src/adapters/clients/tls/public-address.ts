import { BlockList, isIP } from "node:net";

/** Whatever is not the public internet: IANA's special-purpose registries, and what leads back inside. */
const NOT_PUBLIC: readonly (readonly [string, number, "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.88.99.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["2001::", 23, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["3fff::", 20, "ipv6"],
];
/** Of IPv6 only this is handed out to anybody: mapped, NAT64, ULA, link-local and multicast addresses are outside. */
const GLOBAL_UNICAST = ["2000::", 3, "ipv6"] as const;

/** Says of an IP address whether it belongs to the public internet. A text that is no address does not. */
export function publicAddresses(): (address: string) => boolean {
  const reserved = new BlockList();
  for (const [network, prefix, family] of NOT_PUBLIC) reserved.addSubnet(network, prefix, family);
  const unicast = new BlockList();
  unicast.addSubnet(...GLOBAL_UNICAST);
  return (address) => {
    const family = isIP(address);
    if (family === 4) return !reserved.check(address, "ipv4");
    if (family === 0 || address.includes("%")) return false;
    return unicast.check(address, "ipv6") && !reserved.check(address, "ipv6");
  };
}
