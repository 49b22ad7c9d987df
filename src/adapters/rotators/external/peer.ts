import type { ExternalConnection } from "../../../core/documents/connection.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import { NoAnswer } from "../../clients/http/exchange.ts";
import { peerUrl } from "../../clients/signed-http/peer-url.ts";
import type { SigningKey } from "../../clients/signed-http/signature.ts";
import { type SignedAnswerSeen, signedExchange } from "../../clients/signed-http/signed-exchange.ts";
import type { Reading } from "./answers.ts";
import { type Asked, failed, noAnswerFailure, statusFailure, strangeAnswer } from "./failure.ts";
import { Field, Malformed } from "./field.ts";
import { KnownParts } from "./known-parts.ts";

/** The version of the contract, sent with each request; a server refuses one that it does not know. */
const CONTRACT = 1;
/** Bytes that a request and an answer may have; parts are in both. */
const LARGEST_MESSAGE = 256 * 1024;

export interface Limits {
  /** Seconds for a whole exchange. The caller's signal may end it earlier. */
  readonly question: number;
  readonly effect: number;
}

/** Effects must end within the limit that the runner has for them, or it calls them unknown. */
export const LIMITS: Limits = { question: 20, effect: 60 };

/** An operation's own fields; the parts are in them as plain text, so this never leaves the exchange. */
export type Fields = Readonly<Record<string, unknown>>;

/** One object at one server, and everything that an exchange about it needs. */
export class Peer {
  readonly label: string;
  readonly known = new KnownParts();
  readonly #credential: string;
  readonly #object: string;
  readonly #url: URL;
  readonly #ca: string | undefined;
  readonly #connection: ExternalConnection;
  readonly #ports: RotatorPorts;
  readonly #limits: Limits;

  constructor(
    credential: string,
    place: { readonly connection: string; readonly object: string },
    ports: RotatorPorts,
    limits: Limits,
  ) {
    const { external } = ports.connection(place.connection);
    if (external === undefined) {
      throw new CreError(
        "connection-kind",
        `${credential} rotates over ${place.connection}, which is no external connection`,
        { fix: "name a connection with `external`" },
      );
    }
    this.#credential = credential;
    this.#object = place.object;
    this.#url = peerUrl("external", place.connection, external.url);
    this.#ca = external.ca === undefined ? undefined : ports.readFile(external.ca);
    this.#connection = external;
    this.#ports = ports;
    this.#limits = limits;
    this.label = `external ${place.connection} (${this.#url.origin}, object ${place.object})`;
  }

  /**
   * A question: reads what `read` makes of a signed answer. Rejects with a CreError; a malformed answer is one.
   */
  async ask<T>(
    operation: string,
    fields: Fields,
    read: (answer: Field, reading: Reading) => T,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#converse({ operation, isEffect: false }, fields, read, signal);
  }

  /** An effect. Rejects with an EffectError: `refused` only where nothing can have happened. */
  async act<T>(
    operation: string,
    fields: Fields,
    read: (answer: Field, reading: Reading) => T,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#converse({ operation, isEffect: true }, fields, read, signal);
  }

  async #converse<T>(
    call: Pick<Asked, "operation" | "isEffect">,
    fields: Fields,
    read: (answer: Field, reading: Reading) => T,
    signal: AbortSignal,
  ): Promise<T> {
    const { id, secret } = this.#connection.key;
    const asked: Asked = { ...call, label: this.label, keyId: id };
    const body = this.#message(call.operation, fields);
    if (Buffer.byteLength(body) > LARGEST_MESSAGE) {
      throw failed(asked, "refused", "external-too-large", `${this.label}: the parts are too large to send`, {
        evidence: `more than ${LARGEST_MESSAGE} bytes`,
        retryable: false,
      });
    }
    const key: SigningKey = { id, secret: await this.#ports.secrets.read(secret) };
    if (signal.aborted) {
      throw failed(
        asked,
        "refused",
        "external-interrupted",
        `${this.label}: interrupted before it was asked to ${call.operation}`,
      );
    }
    this.known.keep(key.secret);
    const seen = await this.#exchange(asked, key, body, signal);
    const { status, body: answered } = seen.answer;
    if (status < 200 || status > 299) throw statusFailure(seen, asked, this.known);
    if (seen.untrusted !== undefined) throw strangeAnswer("untrusted", asked, seen.untrusted);
    try {
      const answer = this.#answerTo(call.operation, answered);
      return read(answer, { known: this.known, now: this.#ports.clock.now() });
    } catch (error) {
      if (error instanceof Malformed) throw strangeAnswer("malformed", asked, error.message);
      throw error;
    }
  }

  /** Every request is another one, so that no recorded answer fits it. */
  #message(operation: string, fields: Fields): string {
    return JSON.stringify({
      apiVersion: "cre/v1",
      contract: CONTRACT,
      requestId: this.#ports.random.uuid(),
      operation,
      credential: this.#credential,
      object: this.#object,
      ...fields,
    });
  }

  async #exchange(
    asked: Asked,
    key: SigningKey,
    body: string,
    signal: AbortSignal,
  ): Promise<SignedAnswerSeen> {
    const seconds = asked.isEffect ? this.#limits.effect : this.#limits.question;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
    const path = `${this.#url.pathname}${this.#url.search}`;
    const request = { method: "POST", path, body, largestAnswer: LARGEST_MESSAGE } as const;
    try {
      return await signedExchange({ url: this.#url, ca: this.#ca, key }, request, this.#ports.clock, limit);
    } catch (error) {
      if (error instanceof NoAnswer) throw noAnswerFailure(error, asked);
      throw error;
    }
  }

  #answerTo(operation: string, body: Buffer): Field {
    const answer = parsed(body);
    answer.get("apiVersion").oneOf(["cre/v1"]);
    answer.get("operation").oneOf([operation]);
    if (answer.get("object").text() !== this.#object) throw answer.get("object").wrong("is another object");
    return answer;
  }
}

function parsed(body: Buffer): Field {
  try {
    return new Field("", JSON.parse(body.toString("utf8")));
  } catch {
    throw new Malformed("the body", "is no JSON");
  }
}
