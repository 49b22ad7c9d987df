import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

const LARGEST_ANSWER = 64 * 1024;

export interface ExchangeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query as they stand in the request line. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The most bytes that an answer may have; default 64 KiB. */
  readonly largestAnswer?: number;
}

export interface ExchangeAnswer {
  readonly status: number;
  /** The value of a header that came once, by its name in lower case. */
  header(name: string): string | undefined;
  readonly body: Buffer;
}

/** There was no whole answer. `reason` is ours or an error code; nothing of what was sent or received is in it. */
export class NoAnswer extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`no answer: ${reason}`);
    this.name = "NoAnswer";
    this.reason = reason;
  }
}

/**
 * Sends one request over a connection of its own and reads the answer. Nothing is followed (redirects come back as
 * they are), nothing is tried again, no proxy of the environment is used, and the peer's certificate is verified
 * whatever the environment says; with `ca` only by that bundle. Rejects with NoAnswer, also when `signal` ends it.
 */
export async function exchange(
  url: URL,
  ca: string | undefined,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeAnswer> {
  const isTls = url.protocol === "https:";
  const agent = isTls
    ? new HttpsAgent({ keepAlive: false, maxCachedSessions: 0, rejectUnauthorized: true })
    : new HttpAgent({ keepAlive: false });
  const options: RequestOptions & { ca?: string; rejectUnauthorized?: boolean } = {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    method: request.method,
    path: request.path,
    headers: { ...request.headers, Host: url.host, "Content-Length": Buffer.byteLength(request.body) },
    agent,
    ...(isTls ? { rejectUnauthorized: true } : {}),
    ...(isTls && ca !== undefined ? { ca } : {}),
  };
  try {
    return await converse(begin(isTls ? httpsRequest : httpRequest, options), request, signal);
  } finally {
    agent.destroy();
  }
}

/** Node refuses characters that no header may have by an error of its own, which names the header. */
function begin(make: typeof httpRequest, options: RequestOptions): ReturnType<typeof httpRequest> {
  try {
    return make(options);
  } catch (error) {
    throw reasonOf(error);
  }
}

async function converse(
  request: ReturnType<typeof httpRequest>,
  { body, largestAnswer = LARGEST_ANSWER }: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeAnswer> {
  const end = (): void => void request.destroy(new NoAnswer("ended"));
  let isTrusted = false;
  request.once("socket", (socket) => socket.once("secureConnect", () => (isTrusted = true)));
  try {
    return await new Promise<ExchangeAnswer>((resolve, reject) => {
      let hasAnswer = false;
      request.on("error", reject);
      // Once an answer has begun, it is its end that counts.
      request.on("close", () => hasAnswer || reject(new NoAnswer("the connection was closed")));
      // Nobody asked for another protocol.
      request.on("upgrade", (_, socket) => {
        socket.destroy();
        reject(new NoAnswer("the answer changes the protocol"));
      });
      request.on("response", (response) => {
        hasAnswer = true;
        readAnswer(response, largestAnswer).then(resolve, reject);
      });
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
      request.end(body);
    });
  } catch (error) {
    if (signal.aborted) throw new NoAnswer(whyEnded(signal));
    const failure = reasonOf(error);
    // The peer was trusted and has the request: what is wrong with TLS from then on says nothing of what it did.
    throw isTrusted && TLS.test(failure.reason) ? new NoAnswer(LOST) : failure;
  } finally {
    signal.removeEventListener("abort", end);
    request.destroy();
  }
}

async function readAnswer(response: IncomingMessage, largest: number): Promise<ExchangeAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > largest) throw new NoAnswer(`the answer is larger than ${largest} bytes`);
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    header: (name) => {
      const value = response.headers[name];
      return typeof value === "string" ? value : undefined;
    },
    body: Buffer.concat(chunks),
  };
}

function whyEnded(signal: AbortSignal): string {
  return signal.reason instanceof Error && signal.reason.name === "TimeoutError"
    ? "nothing came within the time limit"
    : "it was interrupted";
}

/** Codes of which callers conclude that nothing was sent. */
const UNREACHED = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$/;
const TLS = /CERT|SIGNATURE|ISSUER|TLS|SSL/;
const LOST = "the connection was lost";

/**
 * What is told of an error of Node. Only the code: messages of parsers and TLS may quote what was received, which may
 * quote what was sent.
 */
export function reasonOf(error: unknown): NoAnswer {
  if (error instanceof NoAnswer) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const syscall = error instanceof Error && "syscall" in error ? String(error.syscall) : "";
  // The way to a peer can break off when the request is there already.
  if (UNREACHED.test(code) && /^(read|write)/.test(syscall)) return new NoAnswer(LOST);
  return new NoAnswer(/^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : "the connection failed");
}
