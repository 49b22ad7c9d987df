import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { epochSeconds, type Instant } from "../../../core/model/instant.ts";
import type { Secret } from "../../../core/model/secret.ts";

/** How far the two clocks may be apart. */
const SKEW_SECONDS = 300;

export interface SigningKey {
  /** Public name of the key, sent with each request. */
  readonly id: string;
  readonly secret: Secret;
}

/** What of an answer its signature covers, and the signature. */
export interface SignedAnswer {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Buffer;
}

/** `CRE-Signature` of a request; `path` is what stands in the request line, the query included. */
export function requestSignature(
  key: SigningKey,
  timestamp: string,
  method: string,
  path: string,
  body: string,
): string {
  return sign(key, `${timestamp}.${method}.${path}.${sha256(body)}`);
}

/**
 * Why an answer is not one to the request with this signature by somebody who has the key, or undefined when it is.
 * An answer to another request, or an old one sent again, has another request's signature in it.
 */
export function wrongWithAnswer(
  key: SigningKey,
  ofRequest: string,
  answer: SignedAnswer,
  now: Instant,
): string | undefined {
  const { timestamp, signature, body } = answer;
  if (timestamp === undefined || signature === undefined) return "it is not signed";
  if (!/^\d{1,12}$/.test(timestamp)) return "it has no timestamp";
  const expected = Buffer.from(sign(key, `${timestamp}.${ofRequest}.${sha256(body)}`));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return "its signature is wrong";
  if (Math.abs(Number(timestamp) - epochSeconds(now)) > SKEW_SECONDS) {
    return `its clock is more than ${SKEW_SECONDS} s off`;
  }
  return undefined;
}

function sign(key: SigningKey, text: string): string {
  return `v1=${createHmac("sha256", key.secret.reveal()).update(text).digest("hex")}`;
}

function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
