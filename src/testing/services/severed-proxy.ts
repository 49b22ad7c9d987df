import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * Where a conversation is cut: before the nth request is passed on, after it was passed on and before any of the
 * answer, or inside the answer after so many of its bytes.
 */
export type Cut = { readonly request: number } & (
  | { readonly when: "before" | "after" }
  | { readonly when: "inside"; readonly bytes: number }
);

/** One request of the client with the server's answer, as the proxy saw them. */
export interface Exchange {
  /** The name under which the way was opened. */
  readonly way: string;
  /** Bytes; 0 where the server said nothing, as to a farewell. */
  readonly answer: number;
}

/** Ways to servers that break at a chosen place of everything that is said on them. */
export interface SeveredProxy {
  /** Opens a way to a port of this machine and gives the port to use in its place. */
  lead(way: string, port: number): Promise<number>;
  /** Counts from one again, and cuts once, at this place. Without a cut it only counts. */
  arm(cut?: Cut): void;
  /** Whether the cut was made. */
  isCut(): boolean;
  /** Everything since it was armed, in order, over all connections of all ways. */
  exchanges(): readonly Exchange[];
  close(): Promise<void>;
}

interface Counted {
  readonly way: string;
  answer: number;
}

/**
 * Passes TCP connections on and cuts both sides of one of them. A request is all that a client says until the server
 * speaks again, however many pieces it comes in. What was passed on before a cut still reaches the server.
 */
export function startSeveredProxy(onRequest?: (way: string) => void): SeveredProxy {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const line: { counted: Counted[]; cut: Cut | undefined; done: boolean } = {
    counted: [],
    cut: undefined,
    done: false,
  };

  const pass = (way: string, client: Socket, port: number): void => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    let now: Counted | undefined;
    let cut: Cut | undefined;
    client.on("data", (chunk) => {
      if (now === undefined || now.answer > 0) {
        now = { way, answer: 0 };
        line.counted.push(now);
        onRequest?.(way);
        cut = line.cut?.request === line.counted.length && !line.done ? line.cut : undefined;
      }
      if (cut !== undefined) line.done = true;
      if (cut?.when === "before") {
        client.destroy();
        upstream.destroy();
        return;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (now !== undefined) now.answer += chunk.length;
      if (cut === undefined) {
        client.write(chunk);
        return;
      }
      const passed = cut.when === "inside" ? cut.bytes - ((now?.answer ?? 0) - chunk.length) : 0;
      if (passed >= chunk.length) {
        client.write(chunk);
        return;
      }
      // The server may say all it has to say; nobody hears it.
      upstream.removeAllListeners("data").resume().end();
      if (passed > 0) client.write(chunk.subarray(0, passed), () => client.destroy());
      else client.destroy();
    });
    upstream.on("close", () => client.destroy());
    client.on("close", () => {
      // What is still on its way to the server must arrive.
      if (cut === undefined) upstream.destroy();
      else upstream.end();
    });
  };

  return {
    lead: async (way, port) => {
      const server = createServer((client) => pass(way, client, port));
      servers.push(server);
      return listen(server);
    },
    arm: (cut) => {
      line.counted = [];
      line.cut = cut;
      line.done = false;
    },
    isCut: () => line.done,
    exchanges: () => line.counted,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
      else reject(new Error("no port"));
    });
  });
}
