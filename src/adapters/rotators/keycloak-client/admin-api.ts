import type { KeycloakConnection } from "../../../core/documents/connection.ts";
import type { KeycloakClientProvider } from "../../../core/documents/provider.ts";
import { addTo, epochSeconds, type Instant } from "../../../core/model/instant.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import { type ExchangeAnswer, exchange, NoAnswer } from "../../clients/http/exchange.ts";
import { bearer, requestToken } from "../../clients/oauth/token-request.ts";
import { type Asked, failed, loginFailure, noAnswer, statusFailure, strange } from "./failure.ts";
import { below, MASTER, placeOf, realmUrl } from "./place.ts";

/** Seconds that one request may take; the caller's signal may end it earlier. */
const PATIENCE = 20;
/** Seconds before its end at which a token of the runner is not used any more. Keycloak's live for 60. */
const MARGIN = 15;
/** A client with many mappers is long. */
const LARGEST_ANSWER = 4 * 1024 * 1024;

interface Reach {
  readonly provider: KeycloakClientProvider;
  readonly connection: KeycloakConnection;
  readonly url: URL;
  readonly ca: string | undefined;
  readonly ports: RotatorPorts;
}

/** A request to the admin API, below the client's realm. */
export interface AdminRequest {
  readonly method: "GET" | "PUT";
  readonly path: string;
  /** JSON; with secrets in it, so that it goes nowhere else. */
  readonly body?: string;
  readonly doing: string;
  readonly isEffect: boolean;
  /** Secrets in the body. */
  readonly sent?: readonly Secret[];
}

/** Keycloak's admin API, asked as the connection's client. Its token is kept until shortly before its end. */
export class AdminApi {
  readonly #reach: Reach;
  #token: { readonly text: Secret; readonly until: Instant } | undefined;
  /** What the runner has signed in with. */
  #own: Secret | undefined;
  /** Keycloak's clock minus ours, in seconds, by its last answer. */
  #ahead = 0;

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** The parsed JSON of a success; undefined where it has none. Rejects with EffectError if it is an effect. */
  async send(request: AdminRequest, signal: AbortSignal): Promise<unknown> {
    const asked = this.#asked(request);
    const answer = await this.#authorised(request, asked, signal);
    const { status, body } = answer;
    if (status < 200 || status > 299) throw statusFailure(answer, asked, this.#known(request));
    if (body.length === 0) return undefined;
    try {
      return JSON.parse(body.toString("utf8"));
    } catch {
      throw strange(asked, "a success whose body is no JSON");
    }
  }

  /** An instant of ours by Keycloak's own clock, as far as it has told it. */
  byItsClock(instant: Instant): Instant {
    return addTo(instant, this.#ahead);
  }

  /** The error for an answer that is JSON, and not what it should be. */
  strange(request: Pick<AdminRequest, "method" | "doing" | "isEffect">, evidence: string): Error {
    return strange(this.#asked(request), evidence);
  }

  forget(): void {
    this.#token = undefined;
    this.#own = undefined;
  }

  /** With a token that Keycloak does not take any more it has done nothing: then once with a new one. */
  async #authorised(request: AdminRequest, asked: Asked, signal: AbortSignal): Promise<ExchangeAnswer> {
    const isKept = this.#token !== undefined;
    const answer = await this.#once(request, asked, signal);
    if (answer.status !== 401 || !isKept) return answer;
    this.#token = undefined;
    return this.#once(request, asked, signal);
  }

  async #once(request: AdminRequest, asked: Asked, signal: AbortSignal): Promise<ExchangeAnswer> {
    const token = await this.#signIn(asked, signal);
    const { method, path, body = "" } = request;
    const { provider, url, ca } = this.#reach;
    const whole = below(url, `/admin/realms/${encodeURIComponent(provider.realm)}${path}`);
    refuseStopped(asked, signal);
    try {
      const answer = await exchange(
        whole,
        ca,
        {
          method,
          path: `${whole.pathname}${whole.search}`,
          headers: {
            Authorization: bearer(token),
            Accept: "application/json",
            ...(body === "" ? {} : { "Content-Type": "application/json" }),
          },
          body,
          largestAnswer: LARGEST_ANSWER,
        },
        within(signal),
      );
      const told = Date.parse(answer.header("date") ?? "");
      if (!Number.isNaN(told)) this.#ahead = told / 1000 - epochSeconds(this.#reach.ports.clock.now());
      return answer;
    } catch (error) {
      if (error instanceof NoAnswer) throw noAnswer(error, asked);
      throw error;
    }
  }

  async #signIn(asked: Asked, signal: AbortSignal): Promise<Secret> {
    const { connection, url, ca, ports } = this.#reach;
    const now = ports.clock.now();
    if (this.#token !== undefined && now < this.#token.until) return this.#token.text;
    const clientSecret = await ports.secrets.read(connection.secret);
    this.#own = clientSecret;
    refuseStopped(asked, signal);
    const tokenUrl = realmUrl(url, connection.realm ?? MASTER, "token");
    const { clientId } = connection;
    const answer = await requestToken({ tokenUrl, clientId, clientSecret, ca }, within(signal));
    if (!answer.ok) throw loginFailure(answer, asked);
    const { accessToken: text, expiresIn = 0 } = answer;
    this.#token = { text, until: addTo(now, Math.max(0, expiresIn - MARGIN)) };
    return text;
  }

  #asked({ method, doing, isEffect }: Pick<AdminRequest, "method" | "doing" | "isEffect">): Asked {
    const { provider } = this.#reach;
    const { connection, realm, clientId } = provider;
    const changes = isEffect && method !== "GET";
    return { place: placeOf(this.#reach), connection, realm, clientId, doing, isEffect, changes };
  }

  #known({ sent = [] }: AdminRequest): readonly Secret[] {
    return [...sent, this.#own, this.#token?.text].filter((secret) => secret !== undefined);
  }
}

function refuseStopped(asked: Asked, signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw failed(asked, "refused", "interrupted", { evidence: "it was interrupted before Keycloak was asked" });
}

function within(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(PATIENCE * 1000)]);
}
