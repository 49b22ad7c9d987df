import type { Client } from "acme-client";
import type { AcmeConnection, ConnectionSpec } from "../../../core/documents/connection.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import { type ExchangeAnswer, exchange } from "../../clients/http/exchange.ts";
import { accountKeyOf, pemOf } from "./account-key.ts";
import { addressOf, type Directory, isLoopback, readDirectory } from "./directory.ts";
import { CaRefusal, failureOf, problemIn, StrangeAnswer, secondsUntil } from "./failure.ts";

const LARGEST_ANSWER = 1024 * 1024;
/** Seconds that one request may take; the caller's signal may end it earlier. */
const REQUEST_SECONDS = 20;

/** A signed conversation: acme-client with our transport, for one call of the rotator. */
export interface Conversation {
  readonly client: Client;
  /** Seconds that the CA's last answer asked to wait, else so many. */
  readonly waitSeconds: (fallback: number) => number;
}

/** What acme-client sends through; the only part of it that we replace. */
interface Transport {
  request(url: string, method: string, options?: { data?: unknown }): Promise<Reply>;
  getNonce(): Promise<string>;
  directoryCache: unknown;
  directoryTimestamp: number;
}
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;
}

/**
 * One account at one CA, spoken to by acme-client. Its requests go through our own exchange: acme-client shares one
 * axios for the whole process, so that a CA bundle of one connection would hold for all, takes no signal, and hides why
 * a certificate is not trusted.
 */
export class Ca {
  readonly label: string;
  readonly connection: AcmeConnection;
  readonly #ports: RotatorPorts;
  readonly #trusted: string | undefined;
  readonly #origin: URL;
  readonly #nonces: string[] = [];
  #directory: Directory | undefined;
  #account: string | undefined;

  constructor(credential: string, name: string, ports: RotatorPorts) {
    this.connection = acmeOf(credential, name, ports.connection(name));
    this.#ports = ports;
    this.#origin = addressOf(this.connection.directory, name);
    this.#trusted = this.connection.ca === undefined ? undefined : ports.readFile(this.connection.ca);
    this.label = `acme ${name} (${this.#origin.host})`;
  }

  /** What the CA offers; asked once. Rejects with a CreError that tells a TLS failure as what it is. */
  async directory(signal: AbortSignal): Promise<Directory> {
    if (this.#directory !== undefined) return this.#directory;
    const asked = { label: this.label, action: "show its directory", isEffect: false, now: this.#now() };
    try {
      const { data } = await this.#send(this.connection.directory, "GET", "", signal);
      this.#directory = readDirectory(data);
      return this.#directory;
    } catch (error) {
      throw failureOf(error, asked);
    }
  }

  /** A question that needs no account (RFC 9773 4.1). Rejects with what the exchange did. */
  async look(url: string, signal: AbortSignal): Promise<unknown> {
    return (await this.#send(url, "GET", "", signal)).data;
  }

  /** A signed question. Rejects with a CreError. */
  async ask<T>(
    action: string,
    signal: AbortSignal,
    talk: (conversation: Conversation) => Promise<T>,
  ): Promise<T> {
    return this.#talk({ action, isEffect: false }, signal, talk);
  }

  /** Something that changes the CA's mind. Rejects with an EffectError. */
  async act<T>(
    action: string,
    signal: AbortSignal,
    talk: (conversation: Conversation) => Promise<T>,
  ): Promise<T> {
    return this.#talk({ action, isEffect: true }, signal, talk);
  }

  /** The account's URL, which is found by its key alone; undefined where there is none. */
  async findAccount(signal: AbortSignal): Promise<string | undefined> {
    if (this.#account !== undefined) return this.#account;
    try {
      await this.#talk(
        { action: "find the account", isEffect: false, anonymous: true },
        signal,
        async ({ client }) => {
          const { status } = await client.createAccount({ onlyReturnExisting: true });
          this.#account = this.#usable(status, client);
        },
      );
    } catch (error) {
      if (!(error instanceof CreError) || error.code !== "acme-account-missing") throw error;
    }
    return this.#account;
  }

  /** Finds the account, or makes it as the connection says. */
  async openAccount(signal: AbortSignal): Promise<string> {
    const found = await this.findAccount(signal);
    if (found !== undefined) return found;
    const { contact, termsOfServiceAgreed } = this.connection;
    return this.#talk(
      { action: "make an account", isEffect: true, anonymous: true },
      signal,
      async ({ client }) => {
        const { status } = await client.createAccount({
          ...(termsOfServiceAgreed === true ? { termsOfServiceAgreed } : {}),
          ...(contact === undefined ? {} : { contact: [`mailto:${contact}`] }),
        });
        this.#account = this.#usable(status, client);
        return this.#account;
      },
    );
  }

  /** A question makes no account. */
  async #accountFor(isEffect: boolean, signal: AbortSignal): Promise<string> {
    if (isEffect) return this.openAccount(signal);
    const found = await this.findAccount(signal);
    if (found !== undefined) return found;
    throw new CaRefusal(400, { type: "accountDoesNotExist", detail: "", parts: [] }, undefined);
  }

  #usable(status: string, client: Client): string {
    if (status === "valid") return client.getAccountUrl();
    throw new CreError("acme-account-ended", `the account at ${this.label} is ${status}`, {
      fix: "make another account key and give it as `accountKey` of the connection: a deactivated account never comes back",
    });
  }

  async #talk<T>(
    { action, isEffect, anonymous = false }: { action: string; isEffect: boolean; anonymous?: boolean },
    signal: AbortSignal,
    talk: (conversation: Conversation) => Promise<T>,
  ): Promise<T> {
    const asked = { label: this.label, action, isEffect, now: this.#now() };
    const state: { sent: boolean; retryAfter: string | undefined } = { sent: false, retryAfter: undefined };
    try {
      const directory = await this.directory(signal);
      const account = anonymous ? undefined : await this.#accountFor(isEffect, signal);
      const client = await this.#client(directory, account, state, signal);
      return await talk({
        client,
        waitSeconds: (fallback) => secondsUntil(state.retryAfter, this.#now(), fallback),
      });
    } catch (error) {
      const failure = failureOf(known(error), asked, !state.sent);
      throw isEffect ? withoutEffect(failure) : failure;
    }
  }

  async #client(
    directory: Directory,
    account: string | undefined,
    state: { sent: boolean; retryAfter: string | undefined },
    signal: AbortSignal,
  ): Promise<Client> {
    const { default: acme } = await import("acme-client");
    const { accountKey, eab } = this.connection;
    const key = pemOf(accountKeyOf((await this.#ports.secrets.read(accountKey)).reveal(), this.label));
    const client = new acme.Client({
      directoryUrl: this.connection.directory,
      accountKey: key,
      ...(account === undefined ? {} : { accountUrl: account }),
      ...(eab === undefined
        ? {}
        : {
            externalAccountBinding: {
              kid: eab.kid,
              hmacKey: (await this.#ports.secrets.read(eab.key)).reveal(),
            },
          }),
    });
    // `as`: its types leave out what it sends through.
    const { http } = client as unknown as { http: Transport };
    http.directoryCache = directory;
    http.directoryTimestamp = Number.POSITIVE_INFINITY;
    const ownNonce = http.getNonce.bind(http);
    http.getNonce = async () => this.#nonces.pop() ?? ownNonce();
    http.request = async (url, method, options) => {
      const isPost = method.toLowerCase() === "post";
      state.sent ||= isPost;
      const body = isPost ? JSON.stringify(options?.data) : "";
      // A nonce may be asked for by GET as well (RFC 8555 7.2).
      const reply = await this.#send(url, isPost ? "POST" : "GET", body, signal);
      state.retryAfter = reply.headers["retry-after"];
      return reply;
    };
    return client;
  }

  async #send(url: string, method: "GET" | "POST", body: string, signal: AbortSignal): Promise<Reply> {
    const address = this.#checked(url);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_SECONDS * 1000)]);
    const headers = {
      Accept: "application/json, application/pem-certificate-chain",
      "User-Agent": "credential-rotation-enforcer",
      ...(method === "POST" ? { "Content-Type": "application/jose+json" } : {}),
    };
    const path = `${address.pathname}${address.search}`;
    const answer = await exchange(
      address,
      this.#trusted,
      { method, path, headers, body, largestAnswer: LARGEST_ANSWER },
      limit,
    );
    return this.#read(answer);
  }

  #read(answer: ExchangeAnswer): Reply {
    const headers: Record<string, string> = {};
    for (const name of ["location", "replay-nonce", "link", "retry-after"]) {
      const value = answer.header(name);
      if (value !== undefined) headers[name] = value;
    }
    const nonce = headers["replay-nonce"];
    if (nonce !== undefined && answer.status < 400) this.#nonces.push(nonce);
    const data = dataOf(answer);
    if (answer.status < 400) return { status: answer.status, headers, data };
    const problem = problemIn(data);
    // acme-client tries such a request again itself.
    if (problem?.type === "badNonce" && answer.status === 400) {
      return { status: answer.status, headers, data };
    }
    throw new CaRefusal(answer.status, problem, headers["retry-after"]);
  }

  /** A CA names its own addresses; what we sign goes nowhere that is not as safe as its directory. */
  #checked(url: string): URL {
    const address = URL.parse(url);
    const isSafe =
      address?.protocol === "https:" || (address !== null && isLoopback(address) && isLoopback(this.#origin));
    if (address !== null && isSafe) return address;
    throw new StrangeAnswer("it names an address that is not https");
  }

  #now() {
    return this.#ports.clock.now();
  }
}

/** What fails before anything is sent (the directory, the account, a secret that is missing) changes nothing. */
function withoutEffect(failure: unknown): unknown {
  if (!(failure instanceof CreError) || failure instanceof EffectError) return failure;
  const { code, message, evidence, fix } = failure;
  return new EffectError("refused", code, message, {
    ...(evidence === undefined ? {} : { evidence }),
    ...(fix === undefined ? {} : { fix }),
  });
}

/** acme-client's own words are plain errors; all else is an error of ours or a bug. */
function known(error: unknown): unknown {
  return error instanceof Error && error.constructor === Error
    ? new StrangeAnswer(error.message.slice(0, 300))
    : error;
}

function dataOf(answer: ExchangeAnswer): unknown {
  const text = answer.body.toString("utf8");
  const type = answer.header("content-type") ?? "";
  if (type.startsWith("application/pem-certificate-chain")) return text;
  if (text === "") return "";
  try {
    return JSON.parse(text);
  } catch {
    if (answer.status >= 400) return undefined;
    throw new StrangeAnswer(`the answer (${type.split(";")[0] || "of no type"}) is no JSON`);
  }
}

function acmeOf(credential: string, name: string, spec: ConnectionSpec): AcmeConnection {
  if (spec.acme !== undefined) return spec.acme;
  throw new CreError("connection-kind", `${credential} orders over ${name}, which is no acme connection`, {
    fix: "name a connection with an `acme` block",
  });
}
