import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TestCertificate } from "../certificates.ts";
import { type GithubAnswer, refusal } from "./answer.ts";
import { type Description, type Operation, readDescription } from "./description.ts";
import { FAULT_ANSWERS, pageInstead, quoting } from "./fault-answers.ts";
import { type GithubFault, GithubFaults } from "./faults.ts";
import type { HostedRepository } from "./hosted-repository.ts";
import { type HostOptions, startHosting } from "./hosting.ts";
import { listingAnswer } from "./listings.ts";
import { allows, EVERYTHING, neededFor, type Permissions } from "./permissions.ts";
import { type Person, personAtGithub } from "./person.ts";
import { loadSodium, newKey, newPlace, type Place } from "./places.ts";
import { countLimits, type RateLimits } from "./rate-limits.ts";
import { secretAnswer, variableAnswer } from "./secrets-and-variables.ts";
import { VIEWER, viewerAnswer, wrongWithQuery } from "./viewer.ts";

/** The runner's own token; its login is that of the token that Actions gives a workflow. */
export const GITHUB_TOKEN = "canary-github-token";
export const GITHUB_LOGIN = "github-actions[bot]";

/** `repository`, `environment` or `organisation` and its names, by spaces: `environment acme/orders production`. */
export type PlaceName = string;

/**
 * GitHub's API on the loopback address, as much of it as the product calls. Every request and every answer is held
 * against GitHub's own description; where one is wrong, the request is answered with 500 and `close` rejects.
 */
export interface GithubService {
  /** For the connection's `url`. */
  readonly url: string;
  /** Routes of the requests that came, in order, as the description writes them. */
  readonly calls: readonly string[];
  /** What a workflow would see of a secret. */
  seen(place: PlaceName, secret: string): string | undefined;
  place(name: PlaceName): Place;
  addPlace(name: PlaceName): void;
  /** Puts a repository up that people work in. Requests about it count against GitHub's rate limits. */
  host(name: string, options?: HostOptions): Promise<HostedRepository>;
  /** Acts as a person in a repository; issues there can be assigned to them from then on. */
  as(login: string, repository: string): Person;
  /** Another account's token. */
  addToken(login: string): string;
  readonly limits: RateLimits;
  /** The next answer has this header `link` in place of its own. */
  answerWithLink(link: string): void;
  /** The end of every token's life, as GitHub writes it: `2031-01-01 00:00:00 UTC`. */
  expireTokens(at: string): void;
  /** From now on every token may do this, and nothing if nothing is given. */
  permit(permissions?: Permissions): void;
  archive(repository: string): void;
  /** GitHub makes a new key pair, which it does from time to time; `after` so many requests for the old one. */
  replaceKey(place: PlaceName, after?: number): void;
  /** What happens to the next requests whose route ends so; `after` passes so many first. */
  fail(route: string, fault: GithubFault, times?: number, after?: number): void;
  /** Ends all planned faults. */
  mend(): void;
  /** Seconds since 1970 of GitHub's own clock, which stands still. */
  now(): number;
  advance(seconds: number): void;
  setClock(seconds: number): void;
  close(): Promise<void>;
}

/** Starts the stand-in; with a description that was read before it takes a fraction of the time. */
export async function startGithub(
  options: { readonly description?: Description; readonly certificate?: TestCertificate } = {},
): Promise<GithubService> {
  const sodium = await loadSodium();
  const { description = readDescription(), certificate } = options;
  const faults = new GithubFaults();
  const places = new Map<PlaceName, Place>();
  const archived = new Set<string>();
  const keyChanges: { place: PlaceName; after: number }[] = [];
  const calls: string[] = [];
  const violations: string[] = [];
  let permissions = EVERYTHING;
  let now = 1_790_000_000;
  const hosting = startHosting(() => now);
  const limits = countLimits();
  const logins = new Map([[GITHUB_TOKEN, GITHUB_LOGIN]]);
  let expiry: string | undefined;
  let forgedLink: string | undefined;

  const place = (name: PlaceName): Place => {
    const found = places.get(name);
    if (found === undefined) throw new Error(`the stand-in has no ${name}`);
    return found;
  };

  /** What the request asks for, done. */
  function act({ route, parameters }: Operation, { body, address }: Asked): GithubAnswer {
    const { repository } = description;
    const instant = new Date(now * 1000).toISOString().replace(".000", "");
    const listing = { route, parameters, address, places, repository, archived, now: instant };
    const list = listingAnswer(listing);
    if (list !== undefined) return list;
    const { owner, repo, environment_name: environment, org } = parameters;
    const name =
      org !== undefined
        ? `organisation ${org}`
        : environment === undefined
          ? `repository ${owner}/${repo}`
          : `environment ${owner}/${repo} ${environment}`;
    const found = places.get(name);
    if (found === undefined) return refusal(404, "Not Found");
    if (route === "GET /repos/{owner}/{repo}") {
      return {
        status: 200,
        body: {
          ...description.repository,
          name: repo,
          full_name: `${owner}/${repo}`,
          archived: archived.has(`${owner}/${repo}`),
        },
      };
    }
    if (!route.startsWith("GET") && archived.has(`${owner}/${repo}`)) {
      return refusal(403, "Repository was archived so is read-only.");
    }
    const call = { route, parameters, body, repository, now: instant };
    const isOrganisation = org !== undefined;
    const answer = route.includes("/variables")
      ? variableAnswer(found, call, isOrganisation)
      : secretAnswer(sodium, found, call, isOrganisation);
    const change = keyChanges[0];
    if (route.endsWith("/public-key") && change?.place === name && (change.after -= 1) <= 0) {
      keyChanges.shift();
      newKey(sodium, found);
    }
    return answer;
  }

  async function answerTo(operation: Operation, request: Asked): Promise<GithubAnswer> {
    const login = logins.get(request.token);
    if (login === undefined) return refusal(401, "Bad credentials");
    const needed = neededFor(operation.route);
    const accepted = { "x-accepted-github-permissions": needed.map((one) => one.join("=")).join("; ") };
    if (!allows(permissions, ["metadata", "read"]) && !operation.route.includes("/orgs/")) {
      return refusal(404, "Not Found", accepted);
    }
    if (!needed.some((one) => allows(permissions, one))) {
      return refusal(403, "Resource not accessible by integration", accepted);
    }
    const { owner, repo } = operation.parameters;
    if (hosting.find(`${owner}/${repo}`) === undefined) {
      const missing = hosting.answer(operation, { ...request, login, description: description.repository });
      return missing ?? act(operation, request);
    }
    const over = limits.count(request.token, !operation.route.startsWith("GET"), now);
    const headers = limits.headers(request.token, now);
    const hosted =
      over ?? (await hosting.answer(operation, { ...request, login, description: description.repository }));
    const answer = hosted ?? act(operation, request);
    const forged = forgedLink === undefined ? {} : { link: forgedLink };
    forgedLink = undefined;
    return { ...answer, headers: { ...headers, ...answer.headers, ...forged } };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("date", new Date(now * 1000).toUTCString());
    const url = new URL(request.url ?? "", "http://github");
    const path = url.pathname.replace(/^\/api\/v3/, "");
    const token = (request.headers.authorization ?? "").replace(/^(token|bearer) /i, "");
    const text = await readText(request);
    if (expiry !== undefined) response.setHeader("github-authentication-token-expiration", expiry);
    const operation = path === "/api/graphql" ? VIEWER : description.find(request.method ?? "", path);
    if (operation === undefined) {
      violations.push(`${request.method} ${path} is not described`);
      return send(response, refusal(404, "Not Found"));
    }
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    calls.push(operation.route);
    const isDescribed = operation !== VIEWER;
    const wrong = isDescribed
      ? description.wrongWithRequest(operation, url.searchParams, body)
      : wrongWithQuery(body);
    if (wrong !== undefined) {
      violations.push(`${operation.route}: ${wrong}`);
      return send(response, refusal(500, "the request is not as described"));
    }
    const fault = faults.next(operation.route);
    if (fault === "hang") return;
    if (fault === "drop") return void request.socket.destroy();
    const page = pageInstead(fault, text);
    if (page !== undefined) return void response.writeHead(page.status, page.headers).end(page.text);
    const error = fault === undefined ? undefined : FAULT_ANSWERS[fault];
    const address = new URL(`${here}${url.pathname}${url.search}`);
    const asked = { token, body, address };
    const answer =
      error ?? (isDescribed ? await answerTo(operation, asked) : viewerAnswer(logins.get(token)));
    const odd =
      error === undefined && isDescribed
        ? description.wrongWithAnswer(operation, answer.status, answer.body)
        : undefined;
    if (odd !== undefined) violations.push(`the answer to ${operation.route}: ${odd}`);
    if (fault === "dropAfter") return void request.socket.destroy();
    // What services behind a gateway like to do with a request they cannot take: they quote it.
    send(response, error !== undefined && text !== "" ? quoting(answer, text) : answer);
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    serve(request, response).catch((problem: unknown) => {
      violations.push(String(problem));
      response.destroy();
    });
  };
  const server =
    certificate === undefined
      ? createHttpServer(listener)
      : createHttpsServer({ key: certificate.key, cert: certificate.certificate }, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const here = `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  return {
    url: `${here}/api/v3`,
    calls,
    seen: (name, secret) => places.get(name)?.secrets.get(secret)?.value,
    place,
    addPlace: (name) => void places.set(name, newPlace(sodium)),
    host: async (name, options) => {
      places.set(`repository ${name}`, newPlace(sodium));
      return hosting.host(name, options);
    },
    as: (login, name) => {
      const repository = hosting.find(name);
      if (repository === undefined) throw new Error(`the stand-in has no ${name}`);
      repository.people.add(login);
      return personAtGithub(repository, login);
    },
    addToken: (login) => {
      const token = `canary-token-of-${login}`;
      logins.set(token, login);
      return token;
    },
    limits,
    answerWithLink: (link) => {
      forgedLink = link;
    },
    expireTokens: (at) => {
      expiry = at;
    },
    permit: (given = {}) => {
      permissions = given;
    },
    archive: (repository) => void archived.add(repository),
    replaceKey: (name, after = 0) => {
      if (after === 0) newKey(sodium, place(name));
      else keyChanges.push({ place: name, after });
    },
    fail: (route, fault, times = 1, after = 0) => faults.plan(route, fault, times, after),
    mend: () => faults.clear(),
    now: () => now,
    advance: (seconds) => {
      now += seconds;
    },
    setClock: (seconds) => {
      now = seconds;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => {
        server.close(() => done());
      });
      await hosting.dispose();
      if (violations.length > 0) {
        const first = violations.slice(0, 5).map((violation) => violation.slice(0, 500));
        throw new Error(`GitHub is spoken to wrongly: ${first.join("; ")}`);
      }
    },
  };
}

interface Asked {
  readonly token: string;
  readonly body: unknown;
  readonly address: URL;
}

function send(response: ServerResponse, { status, body, headers = {} }: GithubAnswer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
