/** The most addresses that a range may have: more takes longer than a look may, and is rarely meant. */
export const MOST_ADDRESSES = 4096;

/** Addresses of a range, the first one first. A text says why there are none. */
export function addressesIn(cidr: string): readonly string[] | string {
  const [text = "", length = ""] = cidr.split("/");
  const bytes = text.includes(":") ? ipv6Bytes(text) : ipv4Bytes(text);
  const prefix = Number(length);
  if (bytes === undefined || !/^\d{1,3}$/.test(length) || prefix > bytes.length * 8) {
    return "is no range of addresses, such as 10.20.0.0/22";
  }
  const hostBits = bytes.length * 8 - prefix;
  if (2 ** hostBits > MOST_ADDRESSES) return `has more than ${MOST_ADDRESSES} addresses`;
  const whole = bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
  const first = (whole >> BigInt(hostBits)) << BigInt(hostBits);
  if (first !== whole) return `begins before ${text}: write its first address`;
  return Array.from({ length: 2 ** hostBits }, (_, at) => addressText(first + BigInt(at), bytes.length));
}

function ipv4Bytes(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  const isAddress = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part));
  const bytes = parts.map(Number);
  return isAddress && bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function ipv6Bytes(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const groups = [...head, ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const missing = 8 - groups.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const filled = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  return filled.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/** IPv6 with all of its groups: whoever shows it shortens it. */
function addressText(value: bigint, length: number): string {
  const bytes = Array.from({ length }, (_, at) => Number((value >> BigInt(8 * (length - 1 - at))) & 255n));
  if (length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  return groups.join(":");
}
