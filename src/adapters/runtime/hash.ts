import { createHash, createHmac } from "node:crypto";
import type { HmacSha256, Sha256 } from "../../core/ports/runtime.ts";

/** Lower-case hex SHA-256 of the text's UTF-8 bytes. */
export const sha256: Sha256 = (text) => sha256Of(text);

/** Lower-case hex SHA-256 of the bytes, or of the text's UTF-8 bytes. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Lower-case hex HMAC-SHA-256 of the text's UTF-8 bytes. */
export const hmacSha256: HmacSha256 = (key, text) =>
  createHmac("sha256", key.reveal()).update(text, "utf8").digest("hex");
