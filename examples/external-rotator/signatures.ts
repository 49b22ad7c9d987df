import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

const SKEW_SECONDS = 300;

/** Whose request it is; what its answer is signed with. */
export interface Verified {
  readonly secret: string;
  readonly signature: string;
}

/** The key and signature of a request that is ours, or why it is not. `now` in seconds since 1970. */
export function verifyRequest(
  request: IncomingMessage,
  body: Buffer,
  keys: ReadonlyMap<string, string>,
  now: number,
): Verified | string {
  const header = (name: string): string => {
    const value = request.headers[name];
    return typeof value === "string" ? value : "";
  };
  const secret = keys.get(header("cre-key-id"));
  if (secret === undefined) return "unknown key";
  const timestamp = header("cre-timestamp");
  if (!/^\d{1,12}$/.test(timestamp)) return "no timestamp";
  if (Math.abs(Number(timestamp) - now) > SKEW_SECONDS) return "timestamp more than 300 s off";
  const signature = header("cre-signature");
  if (!/^v1=[0-9a-f]{64}$/.test(signature)) return "no signature";
  const expected = sign(secret, `${timestamp}.${request.method}.${request.url}.${sha256(body)}`);
  return timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
    ? { secret, signature }
    : "wrong signature";
}

/** Headers of an answer: they say that it is ours, and to which request. */
export function answerHeaders(
  { secret, signature }: Verified,
  body: string,
  now: number,
): Record<string, string> {
  const timestamp = String(now);
  return {
    "CRE-Timestamp": timestamp,
    "CRE-Signature": sign(secret, `${timestamp}.${signature}.${sha256(body)}`),
  };
}

function sign(secret: string, text: string): string {
  return `v1=${createHmac("sha256", secret).update(text).digest("hex")}`;
}

function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
