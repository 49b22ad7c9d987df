import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TestCertificate } from "../certificates.ts";
import { type Description, type Operation, readDescription } from "./description.ts";
import { type GithubFault, GithubFaults } from "./faults.ts";
import { allows, EVERYTHING, neededFor, type Permissions } from "./permissions.ts";
import { loadSodium, newKey, newPlace, type Place } from "./places.ts";
import { type GithubAnswer, secretAnswer, variableAnswer } from "./secrets-and-variables.ts";

export const GITHUB_TOKEN = "canary-github-token";

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
  /** From now on the token may do this, and nothing if nothing is given. */
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
  close(): Promise<void>;
}

const ERRORS: Readonly<Partial<Record<GithubFault, GithubAnswer>>> = {
  denied: refusal(403, "Resource not accessible by integration"),
  hidden: refusal(404, "Not Found"),
  throttled: refusal(
    403,
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    {
      "retry-after": "60",
    },
  ),
  limited: refusal(403, "API rate limit exceeded for installation ID 1.", {
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "1790003600",
  }),
  moved: { status: 307, body: { message: "Moved Permanently" }, headers: { location: "/elsewhere" } },
  conflict: refusal(409, "Conflict"),
  invalid: refusal(422, "Validation Failed"),
  error500: refusal(500, "Server Error"),
};

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

  const place = (name: PlaceName): Place => {
    const found = places.get(name);
    if (found === undefined) throw new Error(`the stand-in has no ${name}`);
    return found;
  };

  /** What the request asks for, done. */
  function act({ route, parameters }: Operation, body: unknown): GithubAnswer {
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
    const { repository } = description;
    const call = {
      route,
      parameters,
      body,
      repository,
      now: new Date(now * 1000).toISOString().replace(".000", ""),
    };
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

  function answerTo(operation: Operation, authorization: string | undefined, body: unknown): GithubAnswer {
    if (authorization !== `token ${GITHUB_TOKEN}`) return refusal(401, "Bad credentials");
    const needed = neededFor(operation.route);
    const accepted = { "x-accepted-github-permissions": needed.join("=") };
    if (!allows(permissions, ["metadata", "read"]) && !operation.route.includes("/orgs/")) {
      return refusal(404, "Not Found", accepted);
    }
    if (!allows(permissions, needed)) return refusal(403, "Resource not accessible by integration", accepted);
    return act(operation, body);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("date", new Date(now * 1000).toUTCString());
    const url = new URL(request.url ?? "", "http://github");
    const path = url.pathname.replace(/^\/api\/v3/, "");
    const operation = description.find(request.method ?? "", path);
    const text = await readText(request);
    if (operation === undefined) {
      violations.push(`${request.method} ${path} is not described`);
      return send(response, refusal(404, "Not Found"));
    }
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    calls.push(operation.route);
    const wrong = description.wrongWithRequest(operation, url.searchParams, body);
    if (wrong !== undefined) {
      violations.push(`${operation.route}: ${wrong}`);
      return send(response, refusal(500, "the request is not as described"));
    }
    const fault = faults.next(operation.route);
    if (fault === "hang") return;
    if (fault === "drop") return void request.socket.destroy();
    if (fault === "page502") {
      response.writeHead(502, { "content-type": "text/html" }).end(`<html>${text}</html>`);
      return;
    }
    const error = fault === undefined ? undefined : ERRORS[fault];
    const answer = error ?? answerTo(operation, request.headers.authorization, body);
    const odd =
      error === undefined ? description.wrongWithAnswer(operation, answer.status, answer.body) : undefined;
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
  return {
    url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}/api/v3`,
    calls,
    seen: (name, secret) => places.get(name)?.secrets.get(secret)?.value,
    place,
    addPlace: (name) => void places.set(name, newPlace(sodium)),
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
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => {
        server.close(() => done());
      });
      if (violations.length > 0) throw new Error(`GitHub is spoken to wrongly: ${violations.join("; ")}`);
    },
  };
}

function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): GithubAnswer {
  return { status, body: { message, documentation_url: "https://docs.github.com/rest" }, headers };
}

function quoting(answer: GithubAnswer, text: string): GithubAnswer {
  const { message } = answer.body as { message: string };
  return { ...answer, body: { message: `${message} ${text}` } };
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
