import { randomBytes } from "node:crypto";
import { epochSeconds } from "../../core/model/instant.ts";
import type { Clock, Random } from "../../core/ports/runtime.ts";

/**
 * The operating system's randomness. `uuid` gives UUIDv7 (RFC 9562 section 5.7) of the clock's second; ids of one
 * second are told apart by their 74 random bits, not ordered.
 */
export function systemRandom(clock: Clock): Random {
  return {
    bytes: (length) => new Uint8Array(randomBytes(length)),
    uuid: () => uuidV7(epochSeconds(clock.now()) * 1000, randomBytes(10)),
  };
}

function uuidV7(milliseconds: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes.set(random, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
