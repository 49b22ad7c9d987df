/**
 * Whether a certificate is one for this name: its subject alternative names count and nothing else (RFC 9525). A
 * wildcard is the whole leftmost label, and stands for one label; an address must be listed as such.
 */
export function isNamed(certificateNames: readonly string[], wanted: string): boolean {
  const name = canonicalName(wanted);
  if (isAddress(name)) {
    return certificateNames.some((given) => isAddress(given) && canonicalName(given) === name);
  }
  return certificateNames.some(
    (given) => !isAddress(given) && dnsMatches(withoutDot(given.toLowerCase()), name),
  );
}

function dnsMatches(pattern: string, name: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === name;
  const suffix = pattern.slice(1);
  const first = name.slice(0, -suffix.length);
  // One label at least twice deep: `*.com` would be a whole registry.
  return name.endsWith(suffix) && first !== "" && !first.includes(".") && suffix.indexOf(".", 1) !== -1;
}

/**
 * A host name as certificates have it: lower case, A-labels (`bücher.example` is `xn--bcher-kva.example`), no dot at
 * the end; an address in its shortest form. What is no name at all comes back in lower case.
 */
export function canonicalName(name: string): string {
  const plain = withoutDot(name.toLowerCase());
  const host = plain.includes(":") ? `[${plain}]` : plain;
  if (!URL.canParse(`https://${host}/`)) return plain;
  return new URL(`https://${host}/`).hostname.replace(/^\[(.*)\]$/, "$1");
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

function isAddress(name: string): boolean {
  return name.includes(":") || /^\d+(\.\d+){3}$/.test(name);
}
