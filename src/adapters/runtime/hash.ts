import { createHash, createHmac } from "node:crypto";
import type { HmacSha256, Sha256 } from "../../core/ports/runtime.ts";

/** Lower-case hex SHA-256 of the text's UTF-8 bytes. */
export const sha256: Sha256 = (text) => createHash("sha256").update(text, "utf8").digest("hex");

/** Lower-case hex HMAC-SHA-256 of the text's UTF-8 bytes. */
export const hmacSha256: HmacSha256 = (key, text) =>
  createHmac("sha256", key.reveal()).update(text, "utf8").digest("hex");
