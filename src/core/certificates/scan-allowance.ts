import { globMatches } from "../text/glob.ts";
import { canonicalName } from "./server-name.ts";

/**
 * Whether one of the patterns (`host:port` with `*`) names this place. A pattern of an address, such as `10.*:443`, is
 * compared with the address alone, since anybody can call a host `10.example.com`; any other with the name alone.
 */
export function isAllowed(patterns: readonly string[], host: string, port: number, address: string): boolean {
  const [name, numeric] = [label(canonicalName(host), port), label(address, port)];
  return patterns.some((pattern) =>
    isOfAddress(pattern)
      ? globMatches(pattern.toLowerCase(), numeric)
      : globMatches(pattern.toLowerCase(), name),
  );
}

function isOfAddress(pattern: string): boolean {
  const host = pattern.slice(0, pattern.lastIndexOf(":"));
  return host.startsWith("[") || (/^[\d.*]+$/.test(host) && /\d/.test(host));
}

function label(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
