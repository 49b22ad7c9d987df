import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { type ExchangeAnswer, exchange, NoAnswer } from "../../clients/http/exchange.ts";
import { bearer, secondsIn } from "../../clients/oauth/token-request.ts";
import { type Asked, graphFailure, noAnswerFailure, strangeAnswer } from "./failure.ts";
import type { RunnerLogin } from "./login.ts";
import { placeOf, type Site } from "./site.ts";

const LARGEST_ANSWER = 1024 * 1024;
/** Seconds for one exchange. */
const LIMIT = 30;
/** Seconds before each further try, where Graph does not say how long to wait. */
const PAUSES = [1, 2, 4] as const;
/** The longest pause that Graph may ask for, in seconds: longer ones are for the next run. */
const LONGEST_PAUSE = 20;

/** The permission for everything that a rotation needs of an application that the runner's client owns. */
export const WRITES = "Application.ReadWrite.OwnedBy";

export interface GraphCall {
  readonly method: "GET" | "POST" | "PATCH";
  /** Path and query behind the origin, version included. */
  readonly path: string;
  readonly body?: unknown;
  /** For people. */
  readonly action: string;
  readonly permission: string;
}

/** One tenant's Microsoft Graph as the runner sees it: its site, and the login that it keeps. */
export interface Graph {
  readonly site: Site;
  readonly login: RunnerLogin;
}

/** A question, asked again a few times where no answer came. Rejects with EffectError. */
export async function ask(graph: Graph, call: GraphCall, signal: AbortSignal): Promise<unknown> {
  return tried(graph, call, signal, ({ outcome, code }) => outcome === "unknown" || passes(code));
}

/**
 * A request that changes something. Sent again only when Graph said that nothing was done and that it was too busy:
 * whether a lost one happened is for the probe to say.
 */
export async function change(graph: Graph, call: GraphCall, signal: AbortSignal): Promise<unknown> {
  return tried(graph, call, signal, ({ outcome, code }) => outcome === "refused" && passes(code));
}

function passes(code: string): boolean {
  return code === "throttled" || code === "conflict";
}

async function tried(
  graph: Graph,
  call: GraphCall,
  signal: AbortSignal,
  mayTryAgain: (failure: EffectError) => boolean,
): Promise<unknown> {
  const asked: Asked = { place: placeOf(graph.site), action: call.action, permission: call.permission };
  for (let tries = 0; ; tries += 1) {
    const { failure, value, retryAfter } = await once(graph, call, asked, signal);
    if (failure === undefined) return value;
    const pause = retryAfter ?? PAUSES[tries];
    const isLast = tries >= PAUSES.length || pause === undefined || pause > LONGEST_PAUSE;
    if (isLast || signal.aborted || !mayTryAgain(failure)) throw failure;
    await graph.site.ports.pause(pause, signal);
    if (signal.aborted) throw failure;
  }
}

interface Tried {
  readonly failure?: EffectError;
  readonly value?: unknown;
  readonly retryAfter?: number | undefined;
}

/** A token that is refused was refused before anything was done: another one is asked for, once. */
async function once(graph: Graph, call: GraphCall, asked: Asked, signal: AbortSignal): Promise<Tried> {
  const first = await graph.login.token(graph.site, signal);
  const answer = await sent(graph.site, call, asked, first, signal);
  if (answer instanceof EffectError) return { failure: answer };
  if (answer.status !== 401) return read(answer, asked, first);
  graph.login.forget();
  const second = await graph.login.token(graph.site, signal);
  const again = await sent(graph.site, call, asked, second, signal);
  return again instanceof EffectError ? { failure: again } : read(again, asked, second);
}

async function sent(
  { endpoint }: Site,
  { method, path, body }: GraphCall,
  asked: Asked,
  token: Secret,
  signal: AbortSignal,
): Promise<ExchangeAnswer | EffectError> {
  if (signal.aborted) {
    return new EffectError(
      "refused",
      "interrupted",
      `interrupted before it was asked to ${asked.action} at ${asked.place}`,
    );
  }
  const headers = {
    Authorization: bearer(token),
    Accept: "application/json",
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  const text = body === undefined ? "" : JSON.stringify(body);
  const request = { method, path, headers, body: text, largestAnswer: LARGEST_ANSWER };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT * 1000)]);
  try {
    return await exchange(endpoint, undefined, request, limit);
  } catch (error) {
    if (error instanceof NoAnswer) return noAnswerFailure(error, asked);
    throw error;
  }
}

function read(answer: ExchangeAnswer, asked: Asked, token: Secret): Tried {
  const { status, body } = answer;
  if (status === 204) return { value: undefined };
  if (status < 200 || status > 299) {
    return {
      failure: graphFailure(answer, asked, token),
      retryAfter: secondsIn(answer.header("retry-after")),
    };
  }
  try {
    return { value: JSON.parse(body.toString("utf8")) };
  } catch {
    return { failure: strangeAnswer(asked, "the body is no JSON") };
  }
}
