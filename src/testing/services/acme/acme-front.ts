import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import type { TestAuthority } from "../certificates.ts";
import type { AcmeService } from "./acme-service.ts";

/** One request to a CA: what it is, and which of its kind since the front was told to listen. */
export interface AcmeMoment {
  readonly what: string;
  readonly nth: number;
  readonly side: "before" | "after";
}

/** A way to a CA that can stop at any request. */
export interface AcmeFront {
  readonly directory: string;
  /** Orders that the CA took through it. */
  orders(): number;
  /** Every request since it was told to listen. */
  seen(): readonly string[];
  /**
   * Counts from now on, and holds the request of this moment: before, it never reaches the CA; after, its answer never
   * comes. Resolves once it is held. Without a moment it passes everything on.
   */
  hold(moment?: AcmeMoment): Promise<void>;
  close(): Promise<void>;
}

/** What the addresses of the servers that we test with are for. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\/dir/, "directory"],
  [/^\/nonce/, "nonce"],
  [/^\/(account$|sign-me-up)/, "newAccount"],
  [/^\/(account|my-account)\//, "account"],
  [/^\/(order$|order-plz)/, "newOrder"],
  [/^\/(order\/[^/]+\/finalize|finalize-order)/, "finalize"],
  [/^\/(order|my-order)\//, "order"],
  [/^\/(authz|authZ)\//, "authorization"],
  [/^\/(challenge|chalZ)\//, "challenge"],
  [/^\/(cert|certZ)\//, "certificate"],
  [/^\/revoke/, "revoke"],
  [/^\/(renewal|draft|renewalInfo)/, "renewal"],
];

/** A front before a CA; the CA's addresses lead through it, because it keeps the name that it is asked by. */
export async function openAcmeFront(service: AcmeService, authority: TestAuthority): Promise<AcmeFront> {
  const upstream = new URL(service.directory);
  const { key, certificate } = authority.issue(["127.0.0.1", "localhost"]);
  const agent = new Agent({ keepAlive: true });
  const counts = new Map<string, number>();
  const seen: string[] = [];
  const state: { orders: number; moment: AcmeMoment | undefined; held: () => void } = {
    orders: 0,
    moment: undefined,
    held: () => undefined,
  };
  const isHeld = (what: string, nth: number, side: AcmeMoment["side"]): boolean => {
    const { moment } = state;
    if (moment?.what !== what || moment.nth !== nth || moment.side !== side) return false;
    state.held();
    return true;
  };
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const what = KINDS.find(([path]) => path.test(request.url ?? ""))?.[1] ?? "other";
    const nth = (counts.get(what) ?? 0) + 1;
    counts.set(what, nth);
    seen.push(what);
    if (isHeld(what, nth, "before")) return;
    passOn(upstream, service.ca, request, agent)
      .then(({ status, headers, body }) => {
        if (what === "newOrder" && status === 201) state.orders += 1;
        if (!isHeld(what, nth, "after")) response.writeHead(status, headers).end(body);
      })
      .catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    directory: `https://127.0.0.1:${port}${upstream.pathname}`,
    orders: () => state.orders,
    seen: () => seen,
    hold: async (moment) => {
      counts.clear();
      seen.length = 0;
      state.moment = moment;
      await new Promise<void>((held) => {
        state.held = held;
        if (moment === undefined) held();
      });
    },
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

interface Passed {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

async function passOn(upstream: URL, ca: string, request: IncomingMessage, agent: Agent): Promise<Passed> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new Promise((resolve, reject) => {
    const { method, url: path, headers } = request;
    const options = {
      host: upstream.hostname,
      port: upstream.port,
      ca,
      method,
      path,
      headers: { ...headers, connection: "keep-alive" },
      agent,
    };
    const passed = httpsRequest(options, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        const { "transfer-encoding": _, connection: __, ...kept } = answer.headers;
        resolve({ status: answer.statusCode ?? 0, headers: kept, body: Buffer.concat(parts) });
      });
    });
    passed.on("error", reject);
    passed.end(Buffer.concat(chunks));
  });
}
