import { randomBytes, randomInt } from "node:crypto";
import { epochSeconds } from "../../core/model/instant.ts";
import type { Clock, Random } from "../../core/ports/runtime.ts";

const LARGEST_COUNT = 0xfff;

/**
 * The operating system's randomness. `uuid` gives UUIDv7 (RFC 9562 section 5.7) of the clock's time; each is greater
 * than all that the same object gave before, also within one second and when the clock goes back (section 6.2: a
 * 12-bit counter that starts at random and carries into the milliseconds), and ends in 62 random bits.
 */
export function systemRandom(clock: Clock): Random {
  let milliseconds = 0;
  let count = 0;
  function next(): void {
    const now = epochSeconds(clock.now()) * 1000;
    if (now <= milliseconds && count < LARGEST_COUNT) {
      count += 1;
      return;
    }
    milliseconds = now > milliseconds ? now : milliseconds + 1;
    // The upper half stays free, so that there is room to count.
    count = randomInt(LARGEST_COUNT >> 1);
  }
  return {
    bytes: (length) => new Uint8Array(randomBytes(length)),
    uuid: () => {
      next();
      return uuidV7(milliseconds, count, randomBytes(8));
    },
  };
}

function uuidV7(milliseconds: number, count: number, random: Buffer): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes.set(random, 8);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
