/**
 * What the command `cksum` of POSIX prints of its standard input: a CRC, which anybody can forge, and the length. It
 * tells a file that was changed by chance from one that was not, on every host, with what is there.
 */
export function cksum(bytes: Uint8Array): string {
  let crc = 0;
  for (const byte of bytes) crc = next(crc, byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) {
    crc = next(crc, length % 256);
  }
  return `${~crc >>> 0} ${bytes.length}`;
}

function next(crc: number, byte: number): number {
  let value = crc ^ (byte << 24);
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
}
