import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { createSecureContext, createServer, TLSSocket } from "node:tls";
import type { Forged } from "./certificate-forge.ts";

/** Servers on loopback that show chains, and others that only disturb. */
export interface TlsServers {
  /** Shows these certificates, the leaf first, in this order; gives the port. */
  serve(chain: readonly Forged[], options?: ServeOptions): Promise<number>;
  /** Whatever answers a connection by hand. */
  raw(answer: (socket: Socket) => void): Promise<number>;
  /** Bytes that clients sent once their handshake was done: must stay empty. */
  readonly received: Buffer[];
  close(): Promise<void>;
}

export interface ServeOptions {
  /** By name of the handshake, in place of `chain`. */
  readonly byName?: Readonly<Record<string, readonly Forged[]>>;
  readonly stapled?: Buffer;
  readonly host?: string;
  /** In place of a free one. */
  readonly port?: number;
  /** Clients need a certificate as well, and speak no newer protocol. */
  readonly mutual?: "TLSv1.2" | "TLSv1.3";
  /** What is said in the clear first; resolves when TLS may start. */
  readonly before?: (socket: Socket) => Promise<void>;
}

export function tlsServers(): TlsServers {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const received: Buffer[] = [];
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  };
  const listen = async (server: Server, port = 0, host = "127.0.0.1"): Promise<number> => {
    servers.push(server);
    server.on("connection", keep);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, host, resolve);
    });
    return (server.address() as AddressInfo).port;
  };
  return {
    received,
    serve: async (chain, { byName = {}, stapled, host, port, mutual, before } = {}) => {
      const contexts = new Map(Object.entries(byName).map(([name, its]) => [name, contextOf(its)]));
      const usual = contextOf(chain);
      const server = createServer({
        ...materialOf(chain),
        ...(mutual === undefined ? {} : { requestCert: true, rejectUnauthorized: true, maxVersion: mutual }),
        SNICallback: (name, done) => done(null, contexts.get(name) ?? usual),
      });
      server.on("tlsClientError", () => undefined);
      server.on("secureConnection", (socket) => {
        socket.on("error", () => undefined).on("data", (bytes: Buffer) => received.push(bytes));
      });
      if (stapled !== undefined) server.on("OCSPRequest", (_, __, done) => done(null, stapled));
      if (before === undefined) return listen(server, port, host);
      const front = createTcp((socket) => {
        before(socket).then(
          () => {
            const secured = new TLSSocket(socket, { isServer: true, ...materialOf(chain) });
            secured.on("error", () => undefined).on("data", (bytes: Buffer) => received.push(bytes));
          },
          () => socket.destroy(),
        );
      });
      return listen(front, port, host);
    },
    raw: async (answer) => listen(createTcp(answer)),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        servers.map(
          async (server) =>
            new Promise((resolve) => {
              server.close(resolve);
            }),
        ),
      );
    },
  };
}

function materialOf(chain: readonly Forged[]) {
  // What is weak has to be shown, too.
  return {
    key: chain[0]?.key ?? "",
    cert: chain.map(({ pem }) => pem).join(""),
    ciphers: "DEFAULT:@SECLEVEL=0",
  };
}

function contextOf(chain: readonly Forged[]) {
  return createSecureContext(materialOf(chain));
}

/** Says a line, waits for one, and so on, as mail servers do before TLS starts. */
export function dialogue(...turns: readonly { readonly say?: string; readonly await?: RegExp | string }[]) {
  return async (socket: Socket): Promise<void> => {
    for (const turn of turns) {
      if (turn.say !== undefined) socket.write(turn.say);
      if (turn.await === undefined) continue;
      const heard = await new Promise<Buffer>((resolve) => {
        socket.once("data", resolve);
      });
      const text = heard.toString("latin1");
      const isExpected = typeof turn.await === "string" ? text.startsWith(turn.await) : turn.await.test(text);
      if (!isExpected) throw new Error("the client said something else");
    }
  };
}
