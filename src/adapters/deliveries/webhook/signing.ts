import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../../core/model/secret.ts";

/**
 * Signatures of the webhook contract: HMAC-SHA-256 over the dot-joined facts, lower-case hex. The architecture test
 * lists this file: it turns the connection's key into bytes, and nothing else.
 */
export function requestSignature(key: Secret, facts: { timestamp: string; method: string; path: string; body: string }): string {
  return `v1=${hmac(key, `${facts.timestamp}.${facts.method}.${facts.path}.${sha256(facts.body)}`)}`;
}

/** Whether an answer was signed by who holds the key, for just this request. */
export function isAnswerSigned(key: Secret, answer: { timestamp: string; signature: string; body: string }, requestSigned: string): boolean {
  const expected = Buffer.from(`v1=${hmac(key, `${answer.timestamp}.${requestSigned}.${sha256(answer.body)}`)}`);
  const given = Buffer.from(answer.signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function hmac(key: Secret, text: string): string {
  return createHmac("sha256", key.reveal()).update(text).digest("hex");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
