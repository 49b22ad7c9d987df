import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { IdentityProvider } from "../aws/identity-provider.ts";
import { tokenAnswer } from "./authority.ts";
import { authorityError, type EntraAnswer, graphError } from "./entra-answer.ts";
import { faultAnswer } from "./fault-answers.ts";
import { type EntraCall, EntraFaults } from "./faults.ts";
import {
  addPassword,
  forbidden,
  isAllowed,
  missing,
  removePassword,
  shownApplication,
  signInReport,
  updateApplication,
} from "./graph-calls.ts";
import { GraphMetadata, type GraphOperation } from "./graph-metadata.ts";
import {
  newApplication,
  newPassword,
  newTenant,
  type SecretPolicy,
  type StoredApplication,
  type StoredPassword,
  type Tenant,
} from "./tenant.ts";

export type EntraInterruption = "lost" | "error" | "hang";
export type EntraListener = (call: EntraCall, side: "before" | "after") => EntraInterruption | undefined;

const CALLS: Readonly<Record<string, EntraCall>> = {
  "GET application": "readApplication",
  "PATCH application": "updateApplication",
  "POST application/addPassword": "addPassword",
  "POST application/removePassword": "removePassword",
  "GET reports/appCredentialSignInActivities": "readSignIns",
};
const WRITES: ReadonlySet<EntraCall> = new Set(["updateApplication", "addPassword", "removePassword"]);

/**
 * A tenant of Microsoft Entra on the loopback address: Microsoft Graph as far as the product calls it, and the authority
 * that gives tokens. Every request and every answer of Graph is held against its own description; where one is wrong,
 * the request is answered with 500 and `close` rejects.
 */
export class EntraService {
  readonly tenant: Tenant = newTenant();
  readonly faults = new EntraFaults();
  /** Requests that came, in order. */
  readonly calls: EntraCall[] = [];
  /** To so many sign-ins new client secrets are not known yet. */
  usableAfter = 0;
  /** Whether each of the next looks at an application, after each change, shows how it was before. */
  lag: readonly boolean[] = [];
  /** Scopes of what else tokens are given for, without `/.default`. */
  readonly resources: string[] = [];
  /** Hears of each request that changes something, before it and, if it did, after it. */
  listener: EntraListener | undefined;
  /** Changes what Graph answers, after it was held against the description. */
  alter: ((call: EntraCall, body: unknown) => unknown) | undefined;
  readonly #metadata = new GraphMetadata();
  readonly #clock: () => number;
  readonly #violations: string[] = [];
  readonly #stale = new Map<string, { before: StoredApplication; looks: boolean[] }>();
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((problem: unknown) => {
      this.#violations.push(String(problem));
      response.destroy();
    });
  });

  /** `clock`: milliseconds since 1970 of the tenant. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.resources.push(this.url);
  }

  /** Of Graph and of the authority. */
  get url(): string {
    // `as`: a server that listens on TCP has an AddressInfo.
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  addApplication(signInAudience?: string): StoredApplication {
    const application = newApplication(signInAudience);
    this.tenant.applications.set(application.appId, application);
    return application;
  }

  /** A client secret that a person made in the portal. */
  addByHand(application: StoredApplication, displayName: string | null = null, end?: string): StoredPassword {
    const made = newPassword(this.#clock(), { displayName, ...(end === undefined ? {} : { end }) });
    application.passwords = [...application.passwords, made];
    return made;
  }

  setPolicy(policy: SecretPolicy): void {
    this.tenant.policy = policy;
  }

  trust({ host, publicKey }: IdentityProvider): void {
    this.tenant.issuers.set(host, publicKey);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
    if (this.#violations.length > 0) {
      throw new Error(`Microsoft Graph is spoken to wrongly: ${this.#violations.join("; ")}`);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.url);
    const text = await readText(request);
    const [, tenant] = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(url.pathname) ?? [];
    if (tenant !== undefined && request.method === "POST") {
      return this.#converse("token", { request, response, text }, () => this.#token(tenant, request, text));
    }
    const operation = this.#metadata.find(request.method ?? "", url.pathname);
    const call = CALLS[operation?.route ?? ""];
    if (operation === undefined || call === undefined) {
      this.#violations.push(`${request.method} ${url.pathname} is not described`);
      return send(response, graphError(400, "BadRequest", "Resource not found for the segment."));
    }
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const wrong = this.#metadata.wrongWithRequest(operation, url.searchParams, body);
    if (wrong !== undefined) {
      this.#violations.push(`${operation.route}: ${wrong}`);
      return send(response, graphError(500, "InternalServerError", "the request is not as described"));
    }
    await this.#converse(call, { request, response, text }, () => {
      const answer = this.#graph(operation, request, url.searchParams, body);
      if (answer.status >= 300) return answer;
      const odd = this.#metadata.wrongWithAnswer(operation, url.searchParams, answer.body);
      if (odd !== undefined) this.#violations.push(`the answer to ${operation.route}: ${odd}`);
      return this.alter === undefined ? answer : { ...answer, body: this.alter(call, answer.body) };
    });
  }

  async #converse(
    call: EntraCall,
    { request, response, text }: { request: IncomingMessage; response: ServerResponse; text: string },
    act: () => EntraAnswer,
  ): Promise<void> {
    this.calls.push(call);
    const interrupt = (how: EntraInterruption | undefined): boolean => {
      if (how === "lost") request.socket.destroy();
      else if (how === "error") send(response, faultAnswer(call, "error503"));
      return how !== undefined;
    };
    if (interrupt(WRITES.has(call) ? this.listener?.(call, "before") : undefined)) return;
    const fault = this.faults.next(call);
    if (fault === "hang") return;
    if (fault === "drop") return void request.socket.destroy();
    if (fault !== undefined && !fault.endsWith("After")) {
      const sent = `${request.headers.authorization ?? ""} ${text}`;
      return send(response, faultAnswer(call, fault, sent));
    }
    const answer = act();
    const hasHappened = WRITES.has(call) && answer.status < 300;
    if (interrupt(hasHappened ? this.listener?.(call, "after") : undefined)) return;
    if (fault === "hangAfter") return;
    if (fault === "dropAfter") return void request.socket.destroy();
    send(response, fault === "error503After" ? faultAnswer(call, "error503") : answer);
  }

  #token(tenant: string, request: IncomingMessage, text: string): EntraAnswer {
    if (request.headers["content-type"] !== "application/x-www-form-urlencoded") {
      return authorityError(400, "invalid_request", 900_144, "The request body must contain a form.");
    }
    const form = new URLSearchParams(text);
    return tokenAnswer(this.tenant, { tenant, form, now: this.#clock(), resources: this.resources });
  }

  #graph(
    operation: GraphOperation,
    request: IncomingMessage,
    query: URLSearchParams,
    body: unknown,
  ): EntraAnswer {
    const now = this.#clock();
    const token = this.tenant.tokens.get((request.headers.authorization ?? "").replace(/^Bearer /, ""));
    const caller = this.tenant.applications.get(token?.appId ?? "");
    const isGood = token !== undefined && token.until > now && token.scope === `${this.url}/.default`;
    if (!isGood || caller === undefined) {
      return graphError(
        401,
        "InvalidAuthenticationToken",
        "Lifetime validation failed, the token is expired.",
      );
    }
    const { route, appId = "" } = operation;
    const application = this.tenant.applications.get(appId.toLowerCase());
    if (!isAllowed(caller, route, application)) return forbidden();
    if (route.startsWith("GET reports/")) return signInReport(this.tenant, query.get("$filter"));
    if (application === undefined) return missing(appId);
    if (route === "GET application") {
      return shownApplication(this.#seen(application), query.get("$select"));
    }
    const before = { ...application };
    const answer = this.#change(operation, application, body, now);
    if (answer.status < 300) this.#stale.set(application.appId, { before, looks: [...this.lag] });
    return answer;
  }

  #change(
    { route }: GraphOperation,
    application: StoredApplication,
    body: unknown,
    now: number,
  ): EntraAnswer {
    if (route === "POST application/addPassword") {
      return addPassword(this.tenant, application, body, now, this.usableAfter);
    }
    if (route === "POST application/removePassword") return removePassword(application, body);
    return updateApplication(application, body);
  }

  /** As one of Graph's servers knows it, which may not have heard of the last change. */
  #seen(application: StoredApplication): StoredApplication {
    const stale = this.#stale.get(application.appId);
    return stale?.looks.shift() === true ? stale.before : application;
  }
}

/** Starts a tenant without applications. */
export async function startEntra(clock: () => number = () => Date.now()): Promise<EntraService> {
  const service = new EntraService(clock);
  await service.listen();
  return service;
}

function send(response: ServerResponse, { status, body, headers = {} }: EntraAnswer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
