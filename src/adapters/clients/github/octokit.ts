import type { Octokit } from "@octokit/rest";
import type { GithubConnection } from "../../../core/documents/connection.ts";
import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { SecretSource } from "../../../core/ports/runtime.ts";
import { exchange } from "../http/exchange.ts";

/** Bytes, where the caller says nothing else. */
const LARGEST_ANSWER = 4 * 1024 * 1024;

/** What is read of an answer's headers; nothing else of them reaches anybody. */
const HEADERS = [
  "content-type",
  "date",
  "github-authentication-token-expiration",
  "link",
  "location",
  "retry-after",
  "x-accepted-github-permissions",
  "x-github-sso",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
] as const;

/**
 * Octokit for a connection, logged in with its token. Each request has a connection of its own, with TLS verified
 * whatever the environment says (by `ca` only, where there is one); nothing is followed, tried again or logged.
 */
export async function githubClient(
  { url, token }: GithubConnection,
  ca: string | undefined,
  secrets: Pick<SecretSource, "read">,
  largestAnswer: number = LARGEST_ANSWER,
): Promise<Octokit> {
  const { Octokit } = await import("@octokit/rest");
  const login = bearer(await secrets.read(token));
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  return new Octokit({
    auth: login,
    ...(url === undefined ? {} : { baseUrl: url.replace(/\/+$/, "") }),
    userAgent: "credential-rotation-enforcer",
    log,
    request: { fetch: fetchOver(ca, largestAnswer), log },
  });
}

function bearer(token: Secret): string {
  // Files of tokens often end with a line break, and so do values of variables.
  const text = token.reveal().trim();
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new EffectError("refused", "login-refused", "the token that is to be used is none of GitHub", {
    evidence: "it is empty, or has spaces or characters that no token has",
    fix: "give the token alone, without a name before it",
    retryable: false,
  });
}

interface FetchOptions {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The `fetch` that Octokit asks for. Rejects with NoAnswer. */
function fetchOver(
  ca: string | undefined,
  largestAnswer: number,
): (url: string, options: FetchOptions) => Promise<Response> {
  return async (url, { method, headers, body = "", signal = new AbortController().signal }) => {
    const target = new URL(url);
    const path = `${target.pathname}${target.search}`;
    const request = { method, path, headers, body, largestAnswer };
    const answer = await exchange(target, ca, request, signal);
    const isEmpty = answer.status === 204 || answer.status === 205 || answer.status === 304;
    return new Response(isEmpty ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: HEADERS.flatMap((name): [string, string][] => {
        const value = answer.header(name);
        return value === undefined ? [] : [[name, value]];
      }),
    });
  };
}

function ignore(): void {
  // What Octokit logs are the addresses of requests and advice to its users.
}
