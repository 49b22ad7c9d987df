import type { IncomingMessage } from "node:http";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { Clock } from "../../../core/ports/runtime.ts";
import { epochSeconds } from "../../../core/model/instant.ts";
import { isAnswerSigned, requestSignature } from "./signing.ts";

/** One receiver and how to talk to it. */
export interface Endpoint {
  readonly url: URL;
  readonly keyId: string;
  readonly key: Secret;
  /** PEM bundle that replaces the system's roots. */
  readonly ca: string | undefined;
  readonly clock: Clock;
}

/** What the receiver says it holds. */
export interface ReceiverState {
  readonly credential: string;
  readonly current: string | null;
  readonly pending: string | null;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const LARGEST_ANSWER = 64 * 1024;
const SKEW_SECONDS = 300;
/** Answers that say "not now" rather than "no": 408 time-out, 409 conflict, 425 too early, 429 too many. */
const NOT_NOW: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/**
 * One signed request and its signed answer. Rejects with EffectError: `refused` when the receiver definitely did
 * nothing (a 4xx that is not "not now", or it could not even be reached), `unknown` in every doubt (time-out, 5xx, a
 * redirect, an answer that is not signed). Messages never hold the body, the key or a signature.
 */
export async function exchange(endpoint: Endpoint, method: "GET" | "POST", query: string, body: string, signal: AbortSignal): Promise<ReceiverState> {
  const path = `${endpoint.url.pathname}${joinQuery(endpoint.url.search, query)}`;
  const timestamp = String(epochSeconds(endpoint.clock.now()));
  const signature = requestSignature(endpoint.key, { timestamp, method, path, body });
  const headers = { "CRE-Timestamp": timestamp, "CRE-Key-Id": endpoint.keyId, "CRE-Signature": signature, ...(body === "" ? {} : { "content-type": "application/json" }) };
  const answer = await send(endpoint, method, path, headers, body, signal);
  const where = shownUrl(endpoint.url);
  if (answer.status >= 300 && answer.status < 400) {
    throw new EffectError("unknown", "webhook-redirect", `webhook: ${where} answered with a redirect (${answer.status}), which is never followed`, {
      fix: "give the connection the final URL",
    });
  }
  if (answer.status === 401) {
    throw new EffectError("refused", "webhook-key-refused", `webhook: ${where} does not accept the signature of key ${endpoint.keyId} (401)`, {
      fix: `check that both sides have the same secret for the key id ${endpoint.keyId}, and that their clocks differ by less than 300 s`,
    });
  }
  if (answer.status >= 400) {
    const refused = answer.status < 500 && !NOT_NOW.has(answer.status);
    throw new EffectError(refused ? "refused" : "unknown", "webhook-refused", `webhook: ${where} answered ${answer.status}`, {
      fix: "look into the receiver's log",
    });
  }
  return readAnswer(endpoint, answer, signature, where);
}

function joinQuery(own: string, added: string): string {
  if (added === "") return own;
  return own === "" ? `?${added}` : `${own}&${added}`;
}

/** Scheme, host and path: a URL may carry a login or a token in its query. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function readAnswer(endpoint: Endpoint, { headers, body, status }: Answer, requestSigned: string, where: string): ReceiverState {
  const doubt = (why: string): EffectError =>
    new EffectError("unknown", "webhook-answer-unsigned", `webhook: ${where} answered ${status}, but ${why}`, {
      fix: "something between here and the receiver may have answered in its place; check the URL and the receiver's clock and key",
    });
  const timestamp = String(headers["cre-timestamp"] ?? "");
  const signature = String(headers["cre-signature"] ?? "");
  if (!/^\d{1,12}$/.test(timestamp)) throw doubt("without a signed time");
  if (!isAnswerSigned(endpoint.key, { timestamp, signature, body }, requestSigned)) throw doubt("the answer is not signed with our key");
  if (Math.abs(Number(timestamp) - epochSeconds(endpoint.clock.now())) > SKEW_SECONDS) throw doubt("the answer is more than 300 s off");
  const state = parseState(body);
  if (state === undefined) throw doubt("it does not say what it holds");
  return state;
}

function parseState(body: string): ReceiverState | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof raw !== "object" || raw === null || !("credential" in raw) || !("current" in raw) || !("pending" in raw)) return undefined;
  const { credential, current, pending } = raw;
  const isId = (value: unknown): value is string | null => value === null || typeof value === "string";
  return typeof credential === "string" && isId(current) && isId(pending) ? { credential, current, pending } : undefined;
}

async function send(endpoint: Endpoint, method: string, path: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Answer> {
  const { url, ca } = endpoint;
  const options = { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port === "" ? undefined : Number(url.port), method, path, headers: { ...headers, "content-length": String(Buffer.byteLength(body)) }, signal, agent: false as const };
  return new Promise<Answer>((done, failed) => {
    let connected = false;
    const fail = (error: NodeJS.ErrnoException): void => failed(transportError(url, error, connected));
    const request = url.protocol === "https:" ? requestHttps({ ...options, ...(ca === undefined ? {} : { ca }) }) : requestHttp(options);
    request.on("socket", (socket) => {
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
        connected = true;
      });
    });
    request.on("error", fail);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST_ANSWER) response.destroy(new Error("the answer is larger than 64 KiB"));
        else chunks.push(chunk);
      });
      response.on("error", fail);
      response.on("end", () => done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString("utf8") }));
    });
    request.end(body);
  });
}

/** Before the connection stands nothing can have happened; afterwards nobody knows. */
function transportError(url: URL, error: NodeJS.ErrnoException, connected: boolean): EffectError {
  const where = shownUrl(url);
  const timedOut = error.name === "AbortError" || error.name === "TimeoutError";
  const evidence = timedOut ? "no answer within the time limit" : (error.code ?? error.message);
  const outcome = connected ? "unknown" : "refused";
  const fix = error.code?.includes("CERT") === true || error.code?.includes("SELF_SIGNED") === true ? "give the connection the CA bundle that signed the receiver's certificate (`ca`)" : "check that the receiver runs and can be reached from this runner";
  return new EffectError(outcome, "webhook-unreachable", `webhook: ${where} did not answer`, { evidence, fix, cause: error });
}
