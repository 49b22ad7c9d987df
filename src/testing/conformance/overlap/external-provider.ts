import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createRotatorServer } from "../../../../examples/external-rotator/server.ts";
import { openTokenService } from "../../../../examples/external-rotator/token-service.ts";
import type { Hear, Interruption, OverlapProvider } from "./overlap-provider.ts";

/** Operations of the contract that change something. */
const WRITES = /^(adopt|issue|deactivate|reactivate|revoke|contain)$/;
/** How old the first token is, in milliseconds: due. */
const OLD = 90 * 86_400_000;
const KEY = "a-key-for-the-rotator-of-the-suite";

/** The reference server of the external contract: an object with one token, and beside it a stranger's. */
export async function openExternalProvider(name: string, clock: () => number): Promise<OverlapProvider> {
  const time = { ago: OLD };
  const at = (): number => clock() - time.ago;
  const service = await openTokenService({ clock: at });
  const object = `${name}-client`;
  await service.addObject(object);
  const first = await service.createByHand(object);
  await service.addObject("stranger");
  await service.createByHand("stranger");
  time.ago = 0;
  const keys = new Map([["k1", KEY]]);
  const inner = await listening(createServer(createRotatorServer({ keys, backend: service, clock: at })));
  let hear: Hear | undefined;
  const front = await listening(createServer(passOn(inner.url, (write, side) => hear?.(write, side))));
  return {
    provider: `external: { connection: ${name}-cloud, object: ${object} }`,
    connection: `external: { url: "${front.url}/rotate", key: { id: k1, secret: { env: ROTATOR_KEY } } }`,
    object,
    secrets: { ROTATOR_KEY: KEY },
    first: first?.parts ?? {},
    secretPart: "token",
    signIn: async ({ token = "" }) => {
      if ((await service.logIn(token)) !== object) throw new Error("the token is refused");
    },
    versions: async () => (await service.versions(object)) ?? [],
    strangers: async () => service.versions("stranger"),
    listen: (next) => {
      hear = next;
    },
    stop: async () => {
      await front.close();
      await inner.close();
    },
  };
}

/** Passes every request on, and interrupts those that change something where it is told to. */
function passOn(url: string, hear: Hear): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { "content-length": _, connection: __, ...headers } = request.headers;
      const write = /"operation":"([a-z-]+)"/.exec(body.toString())?.[1] ?? "";
      const heard = (side: "before" | "after") => (WRITES.test(write) ? hear(write, side) : undefined);
      const pass = async (): Promise<void> => {
        const early = heard("before");
        if (early !== undefined) return interrupt(response, early);
        // `as`: what the product sends comes once each.
        const init = { method: "POST", headers: headers as Record<string, string>, body };
        const answer = await fetch(new URL(request.url ?? "", url), init);
        const text = await answer.text();
        const late = heard("after");
        if (late !== undefined) return interrupt(response, late);
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
      };
      pass().catch(() => response.destroy());
    });
  };
}

function interrupt(response: ServerResponse, how: Interruption): void {
  if (how === "lost") response.destroy();
  else if (how === "error") response.writeHead(503).end();
}

async function listening(server: Server): Promise<{ readonly url: string; close(): Promise<void> }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
