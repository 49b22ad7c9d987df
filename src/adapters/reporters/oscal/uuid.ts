import { createHash } from "node:crypto";

/** The name space of the ids that this reporter makes; made once, at random. */
const NAMESPACE = Buffer.from("0b6d6f1ee5f94d0c9a3c6a7f0f0d2f57", "hex");

/** A UUID of version 5 (RFC 9562): the same name, the same id. */
export function uuidOf(...name: readonly string[]): string {
  const digest = createHash("sha1").update(NAMESPACE).update(name.join("\0"), "utf8").digest();
  const bytes = digest.subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
