import { epochSeconds } from "../../../core/model/instant.ts";
import type { Clock } from "../../../core/ports/runtime.ts";
import { type ExchangeAnswer, type ExchangeRequest, exchange } from "../http/exchange.ts";
import { requestSignature, type SigningKey, wrongWithAnswer } from "./signature.ts";

/** Whom a signed request goes to, and the key that both sides have. */
export interface SignedPeer {
  readonly url: URL;
  /** PEM of the only authorities that its certificate may come from; undefined: those of the system. */
  readonly ca: string | undefined;
  readonly key: SigningKey;
}

export interface SignedAnswerSeen {
  readonly answer: ExchangeAnswer;
  /** Why the answer is not one of the peer to this request; undefined when it is. */
  readonly untrusted: string | undefined;
}

/** One signed request over a connection of its own, and its answer with a verdict on its signature. Rejects with NoAnswer. */
export async function signedExchange(
  { url, ca, key }: SignedPeer,
  request: Pick<ExchangeRequest, "path" | "body" | "largestAnswer"> & { readonly method: "GET" | "POST" },
  clock: Clock,
  signal: AbortSignal,
): Promise<SignedAnswerSeen> {
  const { method, path, body } = request;
  const timestamp = String(epochSeconds(clock.now()));
  const signature = requestSignature(key, timestamp, method, path, body);
  const headers = {
    Accept: "application/json",
    ...(method === "POST" ? { "Content-Type": "application/json" } : {}),
    "CRE-Timestamp": timestamp,
    "CRE-Key-Id": key.id,
    "CRE-Signature": signature,
  };
  const answer = await exchange(url, ca, { ...request, headers }, signal);
  const signed = {
    timestamp: answer.header("cre-timestamp"),
    signature: answer.header("cre-signature"),
    body: answer.body,
  };
  return { answer, untrusted: wrongWithAnswer(key, signature, signed, clock.now()) };
}
