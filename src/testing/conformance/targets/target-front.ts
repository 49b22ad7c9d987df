import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Disturbance, Phase, Trouble } from "./target.ts";

/** A request on its way to a target. `headers` and `url` are what is passed on. */
export interface Passing {
  readonly method: string;
  url: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** How a kind of target is spoken to. */
export interface Manners {
  /** What a request asks for; undefined: it changes nothing. */
  readonly phaseOf: (request: Passing) => Phase | undefined;
  readonly refusal: Answer;
  readonly error: Answer;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/** Something between the runner and a target: it passes everything on until it is told. */
export interface TargetFront {
  readonly url: string;
  disturbance: Disturbance | undefined;
  /** How many requests were disturbed. */
  disturbed: number;
  /** Sees and may change every request before anything else. */
  touch: ((request: Passing) => void) | undefined;
  /** Sees and may change every answer. */
  amend: ((request: Passing, answer: string) => string) | undefined;
  close(): Promise<void>;
}

export async function startTargetFront(upstream: string, manners: Manners): Promise<TargetFront> {
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = incoming;
    const body = (await buffer(incoming)).toString();
    const passing: Passing = { method, url, headers: { ...headers }, body };
    front.touch?.(passing);
    const phase = manners.phaseOf(passing);
    const { disturbance } = front;
    const trouble =
      disturbance !== undefined && disturbance.phase === phase ? disturbance.trouble : undefined;
    if (trouble !== undefined) front.disturbed += 1;
    if (trouble === "lost") return void response.destroy();
    const early = instead(trouble, manners);
    if (early !== undefined) {
      response.writeHead(early.status, { "content-type": early.type ?? "application/json" }).end(early.body);
      return;
    }
    const passed = await pass(upstream, passing);
    const text = await buffer(passed);
    const said = front.amend === undefined ? text : front.amend(passing, text.toString());
    if (trouble === "hangAfter") return;
    if (trouble === "lostAfter") return void response.destroy();
    const { "content-length": _, "transfer-encoding": __, connection: ___, ...kept } = passed.headers;
    response.writeHead(passed.statusCode ?? 500, kept).end(said);
  };
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const front: TargetFront = {
    // `as`: a server that listens on TCP has an AddressInfo.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    disturbance: undefined,
    disturbed: 0,
    touch: undefined,
    amend: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return front;
}

function instead(trouble: Trouble | undefined, { refusal, error }: Manners): Answer | undefined {
  if (trouble === "refused") return refusal;
  return trouble === "error" ? error : undefined;
}

async function pass(upstream: string, { method, url, headers, body }: Passing): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // A signature is over the name by which the runner knows the service.
    httpRequest(new URL(url, upstream), { method, headers }, resolve).on("error", reject).end(body);
  });
}
