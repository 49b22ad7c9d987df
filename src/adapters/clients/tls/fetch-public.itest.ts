import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { publicFetch } from "./fetch-public.ts";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map(async (server) => new Promise((closed) => server.close(closed))));
});

/** A server that says this whatever it is asked; its port. */
async function saying(text: string): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined).once("data", () => socket.write(text));
  });
  servers.push(server);
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const options = { largest: 100, signal: new AbortController().signal };
const fetch = publicFetch({ mayConnect: () => true, lookup: async () => ["127.0.0.1"], seconds: 0.5 });

test.each([
  ["changes the protocol", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
  ["leads elsewhere", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"],
  ["is too large", `HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n${"x".repeat(101)}`],
  ["never ends", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx"],
  ["never begins", ""],
  ["is not HTTP", "garbage\r\n\r\n"],
])("an answer that %s is none", { timeout: 5_000 }, async (_, text) => {
  expect(await fetch(`http://ca.example:${await saying(text)}/list`, options)).toBeUndefined();
});

test("a name that is not looked up in time is none", { timeout: 5_000 }, async () => {
  const endless = publicFetch({
    mayConnect: () => true,
    lookup: async () => new Promise(() => undefined),
    seconds: 0.1,
  });
  expect(await endless("http://ca.example/list", options)).toBeUndefined();
});
