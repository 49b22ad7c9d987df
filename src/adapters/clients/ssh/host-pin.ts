import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { globMatches } from "../../../core/text/glob.ts";

/** Which keys a host may show, and which never. A host without a key here is not spoken to. */
export interface HostPins {
  /** Fingerprints `SHA256:…` of the keys it may have. */
  readonly trusted: readonly string[];
  readonly revoked: readonly string[];
  /** Kinds of key that it can have, best first, as far as is known; undefined: any. */
  readonly kinds: readonly string[] | undefined;
  /** Authorities of host certificates that would vouch for it. They are no help here, but people must be told. */
  readonly authorities: number;
  /** Where the pins stand, for people. */
  readonly source: string;
}

/** `SHA256:…` of a public key's blob, as `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The one pin that a connection gives itself. */
export function pinnedTo(fingerprint: string): HostPins {
  return {
    trusted: [fingerprint],
    revoked: [],
    kinds: undefined,
    authorities: 0,
    source: "`hostKey` of the connection",
  };
}

/**
 * What the text of a known_hosts file says of a host (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): names with `*`, `?` and
 * `!`, hashed names, `[host]:port` for other ports than 22, `@revoked`. Lines that are none are passed over, as ssh
 * does.
 */
export function pinsIn(text: string, path: string, host: string, port: number): HostPins {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const trusted: string[] = [];
  const revoked: string[] = [];
  const kinds: string[] = [];
  let authorities = 0;
  for (const line of text.split("\n")) {
    const words = line.trim().split(/[ \t]+/);
    const marker = words[0]?.startsWith("@") === true ? words.shift() : undefined;
    const [names = "", kind = "", key = ""] = words;
    if (names === "" || names.startsWith("#") || key === "" || !namesHost(names, name)) continue;
    const blob = Buffer.from(key, "base64");
    if (blob.length === 0) continue;
    if (marker === "@cert-authority") authorities += 1;
    else if (marker === "@revoked") revoked.push(fingerprintOf(blob));
    else if (marker === undefined) {
      trusted.push(fingerprintOf(blob));
      kinds.push(kind);
    }
  }
  return { trusted, revoked, kinds: [...new Set(kinds)], authorities, source: path };
}

/** Whether the first field of a line is about this host. */
function namesHost(names: string, name: string): boolean {
  if (names.startsWith("|")) return hashMatches(names, name);
  let found = false;
  for (const pattern of names.toLowerCase().split(",")) {
    const negated = pattern.startsWith("!");
    if (!patternMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function patternMatches(pattern: string, name: string): boolean {
  if (!pattern.includes("?")) return globMatches(pattern, name);
  const source = pattern
    .split("")
    .map((sign) => (sign === "*" ? ".*" : sign === "?" ? "." : sign.replace(/[\\^$.|+()[\]{}]/, "\\$&")))
    .join("")
    .replaceAll(/(\.\*)+/g, ".*");
  return new RegExp(`^${source}$`).test(name);
}

/** `|1|salt|HMAC-SHA1(salt, name)`. */
function hashMatches(field: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = field.split("|");
  if (version !== "1") return false;
  const wanted = Buffer.from(hash, "base64");
  const made = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return wanted.length === made.length && timingSafeEqual(wanted, made);
}
