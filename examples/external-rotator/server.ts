/**
 * Reference server of the external rotator: Node's standard library only, made to be copied beside a platform that has
 * credentials. The contract that it implements stands in the README.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Backend, Refusal } from "./contract.ts";
import { type Message, parseMessage } from "./message.ts";
import { perform } from "./operations.ts";
import { answerHeaders, type Verified, verifyRequest } from "./signatures.ts";

export interface RotatorServerOptions {
  /** Key id to secret. Two entries while a key is being replaced. */
  readonly keys: ReadonlyMap<string, string>;
  readonly backend: Backend;
  /** One line per request that changed or refused something; never a secret. */
  readonly log?: (line: string) => void;
  /** Milliseconds since 1970, default `Date.now`. */
  readonly clock?: () => number;
}

const LARGEST_BODY = 256 * 1024;
/** Longer than a request is accepted for by its timestamp, on either side of ours. */
const REMEMBERED_SECONDS = 601;
const SILENT: ReadonlySet<string> = new Set(["describe", "observe", "verify", "in-use"]);

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A listener for `http.createServer` or `https.createServer`. */
export function createRotatorServer(
  options: RotatorServerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { keys, backend, log = () => {}, clock = Date.now } = options;
  const seconds = (): number => Math.floor(clock() / 1000);
  /** Ids of requests that were taken, by the second. A recorded request that is sent again finds its own here. */
  const taken = new Map<string, number>();
  // Requests take turns, so that what is compared is still so when it is changed.
  let turn: Promise<unknown> = Promise.resolve();

  function take({ requestId }: Message): void {
    for (const [id, at] of taken) if (at < seconds() - REMEMBERED_SECONDS) taken.delete(id);
    if (taken.has(requestId)) {
      throw new Refusal(409, "request-repeated", "this very request was taken before");
    }
    taken.set(requestId, seconds());
  }

  async function act(request: IncomingMessage, body: Buffer): Promise<Answer> {
    let what = "a request";
    try {
      if (request.method !== "POST") throw new Refusal(405, "method", "only POST is answered");
      const message = parseMessage(body);
      what = `${message.operation} of ${message.object} for ${message.credential}`;
      take(message);
      const result = await perform(backend, message);
      if (!SILENT.has(message.operation)) log(`${what}: done`);
      const { operation, object } = message;
      return { status: 200, body: { apiVersion: "cre/v1", operation, object, ...result } };
    } catch (error) {
      if (!(error instanceof Refusal)) {
        // Not its message: what a platform says may quote what it was sent.
        log(`${what}: failed: ${error instanceof Error ? error.name : "error"}`);
        return { status: 500, body: { error: { code: "failed", message: "look into the server's log" } } };
      }
      const { status, code, message, fix } = error;
      log(`${what}: ${status} ${code}`);
      return { status, body: { error: { code, message, ...(fix === undefined ? {} : { fix }) } } };
    }
  }

  function answer(response: ServerResponse, verified: Verified, { status, body }: Answer): void {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      ...answerHeaders(verified, text, seconds()),
    });
    response.end(text);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) return refuse(response, 413, "body too large");
    const verified = verifyRequest(request, body, keys, seconds());
    if (typeof verified === "string") {
      log(`request refused: ${verified}`);
      return refuse(response, 401, verified);
    }
    const mine = turn.then(async () => answer(response, verified, await act(request, body)));
    turn = mine.catch(() => {});
    await mine;
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      log(`request failed: ${error instanceof Error ? error.name : "error"}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "failed");
    });
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Answers to strangers are not signed: a signature over what they chose would help them to forge one. */
function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ error: { message } }));
}
