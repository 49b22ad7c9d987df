import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { exchange } from "../../../adapters/clients/http/exchange.ts";
import { createAuthority } from "../certificates.ts";
import type { KubernetesServer } from "./kubernetes-server.ts";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What becomes of a request instead of its answer. `lost`: it was done, and nobody learns of it. */
export type Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: "lost" }
  | { readonly kind: "cut" }
  | { readonly kind: "silent" };

/** A TLS server before an API server: it keeps what came, and answers itself where a test wants a failure. */
export interface Front {
  readonly url: string;
  readonly ca: string;
  readonly requests: SeenRequest[];
  /** Asked for each request; also the place to do something just before it. */
  onRequest: (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>;
  close(): Promise<void>;
}

const PASSED = ["authorization", "accept", "content-type", "user-agent"];

export async function startFront(upstream: KubernetesServer, path = ""): Promise<Front> {
  const authority = createAuthority();
  const { key, certificate } = authority.issue(["127.0.0.1"]);
  const requests: SeenRequest[] = [];
  const server = createServer({ key, cert: certificate }, (incoming, response) => {
    const forward = async (): Promise<void> => {
      const url = new URL(incoming.url ?? "", "https://front");
      const headers = Object.fromEntries(
        PASSED.flatMap((name) => {
          const value = incoming.headers[name];
          return typeof value === "string" ? [[name, value]] : [];
        }),
      );
      const method = incoming.method ?? "";
      const body = await text(incoming);
      const seen = { method, path: url.pathname, query: url.searchParams, headers, body };
      requests.push(seen);
      const fault = await front.onRequest(seen);
      if (fault?.kind === "silent") return;
      if (fault?.kind === "cut") return void response.destroy();
      if (fault?.kind === "answer") {
        response
          .writeHead(fault.status, { "Content-Type": "application/json", ...fault.headers })
          .end(fault.body);
        return;
      }
      if (!url.pathname.startsWith(path)) return void response.writeHead(404).end("no such page");
      const answer = await exchange(
        new URL(upstream.url),
        upstream.ca,
        {
          // `as`: a client of this server sends nothing else.
          method: method as "GET",
          path: `${url.pathname.slice(path.length)}${url.search}`,
          headers,
          body,
          largestAnswer: 16 * 1024 * 1024,
        },
        AbortSignal.timeout(20_000),
      );
      if (fault?.kind === "lost") return void response.destroy();
      response
        .writeHead(answer.status, { "Content-Type": answer.header("content-type") ?? "" })
        .end(answer.body);
    };
    forward().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const front: Front = {
    // `as`: a server that listens on TCP has an AddressInfo.
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    ca: authority.ca,
    requests,
    onRequest: () => undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => void server.close(() => done()));
    },
  };
  return front;
}
