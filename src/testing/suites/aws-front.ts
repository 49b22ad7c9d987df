import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Breakdown } from "./delivery-suite.ts";
import { listen } from "./webhook-bench.ts";

/** Something between the runner and a service of AWS that speaks JSON. It passes everything on until it is told. */
export interface AwsFront {
  readonly endpoint: string;
  /** From now on everything is answered with an error that quotes what was sent. */
  breakDown(how: Breakdown): void;
  /** The answers to this action (`DescribeSecret`) have these fields, too. */
  add(action: string, fields: Readonly<Record<string, unknown>>): void;
  /** This action is answered with this error. */
  refuse(action: string, name: string, message: string): void;
  /** Does this once, before the next request for the action is passed on. */
  before(action: string, act: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function openFront(endpoint: string): Promise<AwsFront> {
  let broken: Breakdown | undefined;
  const fields = new Map<string, Readonly<Record<string, unknown>>>();
  const refusals = new Map<string, { readonly name: string; readonly message: string }>();
  const first = new Map<string, () => Promise<void>>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await whole(request);
    const action = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
    const refusal = refusals.get(action);
    if (broken !== undefined) {
      const name = broken === "refuses" ? "ValidationException" : "InternalServiceError";
      const message = `1 validation error detected: ${body.toString()}`;
      refuse(response, broken === "refuses" ? 400 : 500, name, message);
      return;
    }
    if (refusal !== undefined) {
      refuse(response, 400, refusal.name, refusal.message);
      return;
    }
    const act = first.get(action);
    first.delete(action);
    await act?.();
    const { status, headers, text } = await passed(endpoint, request, body);
    const { "content-length": _, "transfer-encoding": __, ...kept } = headers;
    const added = fields.get(action);
    response.writeHead(status, kept);
    response.end(added === undefined ? text : JSON.stringify({ ...JSON.parse(text), ...added }));
  };

  const server = await listen((request, response) => {
    // A service that is gone, or that closed the connection, is passed on as it is.
    answer(request, response).catch(() => request.socket.destroy());
  });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    breakDown: (how) => {
      broken = how;
    },
    add: (action, more) => void fields.set(action, more),
    refuse: (action, name, message) => void refusals.set(action, { name, message }),
    before: (action, act) => void first.set(action, act),
    close: async () => server.close(),
  };
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function passed(endpoint: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { headers, ...(method === undefined ? {} : { method }) };
    httpRequest(new URL(url ?? "/", endpoint), options, resolve)
      .on("error", reject)
      .end(body);
  });
  return {
    status: answer.statusCode ?? 500,
    headers: answer.headers,
    text: (await whole(answer)).toString(),
  };
}

function refuse(response: ServerResponse, status: number, name: string, message: string): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify({ __type: name, Message: message, message }));
}
