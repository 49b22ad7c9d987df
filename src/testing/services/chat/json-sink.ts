import type { IncomingMessage, ServerResponse } from "node:http";
import { listen } from "../../suites/webhook-bench.ts";
import type { TestCertificate } from "../certificates.ts";

/** What a service does instead of its work. */
export type SinkFault =
  | "busy"
  | "failing"
  | "refusing"
  | "redirecting"
  | "silent"
  | "slow"
  | "web-page"
  | "garbage"
  | "flood"
  | "closing";

/** A request that the sink took to be one to it. */
export interface SinkRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly json: unknown;
}

export interface SinkAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface JsonSink {
  readonly origin: string;
  /** What was taken, in order. */
  readonly taken: readonly SinkRequest[];
  /** How many requests came at all. */
  readonly count: () => number;
  /** From now on; undefined: does its work again. */
  fail(fault: SinkFault | undefined): void;
  close(): Promise<void>;
}

/**
 * A real server of a service that takes JSON. `answer` looks at a request as the vendor would and says what it
 * answers; what has the status of a success counts as taken.
 */
export async function openJsonSink(
  answer: (request: SinkRequest) => SinkAnswer,
  certificate?: TestCertificate,
): Promise<JsonSink> {
  const taken: SinkRequest[] = [];
  let count = 0;
  let fault: SinkFault | undefined;
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    count += 1;
    const request = await requestOf(incoming);
    if (fault !== undefined) return misbehave(fault, request, incoming, response);
    const { status, body, headers } = answer(request);
    if (status < 300) taken.push(request);
    response.writeHead(status, headers).end(body);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) =>
    void handle(incoming, response).catch(() => response.destroy());
  const server = await listen(listener, certificate);
  return {
    origin: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${server.port}`,
    taken,
    count: () => count,
    fail: (next) => (fault = next),
    close: async () => server.close(),
  };
}

async function requestOf(incoming: IncomingMessage): Promise<SinkRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
  return { path: incoming.url ?? "", headers, body, json: parsed(body) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Answers quote what was sent, so that a test sees whether a secret comes through. */
function misbehave(
  fault: SinkFault,
  { path, headers, body }: SinkRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const quoted = `${path} ${headers["authorization"] ?? ""} ${body.slice(0, 200)}`;
  switch (fault) {
    case "busy":
      response.writeHead(429, { "retry-after": "17" }).end(JSON.stringify({ error: "slow down", quoted }));
      return;
    case "failing":
      response.writeHead(503, { "retry-after": "17" }).end(quoted);
      return;
    case "refusing":
      response.writeHead(403).end(quoted);
      return;
    case "redirecting":
      response.writeHead(307, { location: "/elsewhere" }).end();
      return;
    case "silent":
      return;
    case "slow": {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 5);
      incoming.socket.on("close", () => clearInterval(drip));
      return;
    }
    case "web-page":
      response
        .writeHead(200, { "content-type": "text/html" })
        .end(`<html><body>Sign in ${quoted}</body></html>`);
      return;
    case "garbage":
      incoming.socket.end("no HTTP at all\r\n\r\n");
      return;
    case "flood":
      response.on("error", () => undefined);
      response.end("x".repeat(1024 * 1024));
      return;
    case "closing":
      incoming.socket.destroy();
  }
}
