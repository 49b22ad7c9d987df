import { connect, createServer, type Server, type Socket } from "node:net";

/** Where a connection is cut: before or after the client's nth message is passed on. */
export interface Cut {
  readonly message: number;
  readonly when: "before" | "after";
}

/** A way to a server that breaks at a chosen place of the conversation. */
export interface SeveredProxy {
  readonly port: number;
  /** How many client messages the last connection has sent. */
  messages(): number;
  close(): Promise<void>;
}

/**
 * Passes TCP connections on to a port of this machine and cuts both sides at the given message; without a cut it only
 * counts. After a cut behind the message the server still gets it, and the client never hears the answer.
 */
export async function startSeveredProxy(port: number, cut?: Cut): Promise<SeveredProxy> {
  const sockets = new Set<Socket>();
  let messages = 0;
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    messages = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    let severed = false;
    client.on("data", (chunk) => {
      messages += 1;
      const here = messages === cut?.message;
      if (here && cut?.when === "before") {
        client.destroy();
        upstream.destroy();
        return;
      }
      if (here) severed = true;
      upstream.write(chunk, () => {
        // The server must read the message before it learns that nobody listens.
        if (here) upstream.end();
      });
    });
    upstream.on("data", (chunk) => {
      if (severed) client.destroy();
      else client.write(chunk);
    });
    upstream.on("close", () => client.destroy());
    client.on("close", () => {
      if (!severed) upstream.destroy();
    });
  });
  const listening = await listen(server);
  return {
    port: listening,
    messages: () => messages,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
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
