import { EffectError } from "../../../core/model/errors.ts";
import { type ExchangeAnswer, exchange, NoAnswer } from "../http/exchange.ts";
import { serverWords } from "../http/server-words.ts";
import type { NoticePeer } from "./notice-peer.ts";
import { waitWords } from "./wait-words.ts";

/** The longest one notice may take, whatever the caller's signal says. */
const LIMIT_SECONDS = 30;

export interface Notice {
  /** Behind the address of the peer; default: its own path and query. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the answer with a status of success says that the notice was taken; what is wrong with it, or undefined. */
  readonly wrongWith?: (answer: ExchangeAnswer) => string | undefined;
}

/** Nothing was sent: no connection came about, or the peer could not show that it is who it is. */
const UNSENT =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ERR_TLS|.*CERT|.*SIGNATURE|.*ISSUER)/;
/** Answers of the 4xx after which the same request may well succeed. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Sends one JSON text once. Resolves only when the service took it; rejects with EffectError, in which no secret is. */
export async function sendNotice(
  peer: NoticePeer,
  { path, headers = {}, body, wrongWith }: Notice,
  signal: AbortSignal,
): Promise<ExchangeAnswer> {
  const { url, ca } = peer;
  const request = {
    method: "POST",
    path: path ?? `${url.pathname}${url.search}`,
    headers: { Accept: "application/json", "Content-Type": "application/json; charset=utf-8", ...headers },
    body,
  } as const;
  if (signal.aborted) {
    throw new EffectError("refused", "channel-interrupted", `${peer.label} was not told: interrupted before`);
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_SECONDS * 1000)]);
  const answer = await exchange(url, ca, request, limit).catch((error: unknown) => {
    throw error instanceof NoAnswer ? noAnswer(peer, error.reason) : error;
  });
  if (answer.status < 200 || answer.status > 299) throw refusal(peer, answer);
  const wrong = isWebPage(answer) ? "it answered with a web page" : wrongWith?.(answer);
  if (wrong === undefined) return answer;
  throw new EffectError("unknown", "channel-answer", `${peer.label} did not say that it took the message`, {
    evidence: wrong,
    fix: "check that the address is that of the service itself, and look there whether the message came",
  });
}

function noAnswer({ label }: NoticePeer, reason: string): EffectError {
  const isUnsent = UNSENT.test(reason);
  return new EffectError(isUnsent ? "refused" : "unknown", "channel-no-answer", `${label} did not answer`, {
    evidence: reason,
    fix: /CERT|SIGNATURE|ISSUER|TLS/.test(reason)
      ? "check the certificate of the service and the `ca` of the channel"
      : "check that this runner reaches the service; the next run tries again",
  });
}

function refusal(peer: NoticePeer, answer: ExchangeAnswer): EffectError {
  const { status } = answer;
  const { label } = peer;
  const evidence = [
    `it answered with the status ${status}`,
    waitWords(answer.header("retry-after")),
    wordsOf(peer, answer),
  ]
    .filter((words) => words !== undefined)
    .join("; ");
  if (status >= 300 && status < 400) {
    return new EffectError("unknown", "channel-redirect", `${label} sends elsewhere`, {
      evidence,
      fix: "give the channel the address that it redirects to: redirects are not followed",
      retryable: false,
    });
  }
  if (status < 400 || status >= 500) {
    return new EffectError("unknown", "channel-failed", `${label} failed`, {
      evidence,
      fix: "look at the status page of the service; the next run tries again",
    });
  }
  if (status === 429) {
    return new EffectError("refused", "channel-busy", `${label} takes no more messages for now`, {
      evidence,
      fix: "the next run tries again; send less to one place if this stays so",
    });
  }
  return new EffectError("refused", "channel-refused", `${label} refused the message`, {
    evidence,
    fix: "check the address or the key of the channel: it may have been withdrawn",
    retryable: PASSING.has(status),
  });
}

function isWebPage(answer: ExchangeAnswer): boolean {
  return (
    /^text\/html\b/i.test(answer.header("content-type") ?? "") ||
    /^\s*<(!doctype|html)/i.test(answer.body.subarray(0, 100).toString("latin1"))
  );
}

/** What the service says, in a line; nothing of a web page. */
function wordsOf({ secrets }: NoticePeer, answer: ExchangeAnswer): string | undefined {
  if (isWebPage(answer)) return "a web page";
  const words = serverWords(answer.body.toString("utf8"), secrets);
  return words === undefined ? undefined : `it says: ${words}`;
}
