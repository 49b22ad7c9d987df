import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "vitest";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { exchange, NoAnswer, reasonOf } from "./exchange.ts";

test.each([
  ["a header", { headers: { "X-Key": "canary-\u{1F511}" }, path: "/" }, "ERR_INVALID_CHAR"],
  ["a path", { headers: {}, path: "/canary 1" }, "ERR_UNESCAPED_CHARACTERS"],
])("%s that cannot be sent is told by its code alone", async (_, { headers, path }, code) => {
  const request = { method: "GET", path, headers, body: "" } as const;
  const failure: unknown = await exchange(
    new URL("http://127.0.0.1:1/"),
    undefined,
    request,
    new AbortController().signal,
  ).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NoAnswer);
  expect(failure).toMatchObject({ reason: code });
});

test.each([
  ["connect", "EHOSTUNREACH", "EHOSTUNREACH"],
  ["read", "EHOSTUNREACH", "the connection was lost"],
  ["write", "ENETUNREACH", "the connection was lost"],
  ["read", "ECONNRESET", "ECONNRESET"],
])("a %s that ends with %s is told as: %s", (syscall, code, reason) => {
  expect(reasonOf(Object.assign(new Error("canary-1"), { code, syscall })).reason).toBe(reason);
});

test("a TLS connection that breaks once the request is there is no certificate that was refused", async () => {
  const authority = createAuthority();
  const { key, certificate: cert } = authority.issue(["127.0.0.1"]);
  const sockets: Socket[] = [];
  const server = createServer({ key, cert }, () => {
    // As a proxy in between that gives up: what follows is no TLS.
    for (const socket of sockets) socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  server.on("connection", (socket: Socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    // `as`: a server that listens on TCP has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const url = new URL(`https://127.0.0.1:${port}/`);
    const { signal } = new AbortController();
    const request = { method: "POST", path: "/", headers: {}, body: "{}" } as const;
    const failure = exchange(url, authority.ca, request, signal).catch((error: unknown) => error);
    expect(await failure).toMatchObject({ reason: "the connection was lost" });
    const untrusted = exchange(url, undefined, request, signal).catch((error: unknown) => error);
    expect(await untrusted).toMatchObject({ reason: expect.stringMatching(/SIGNATURE|ISSUER|CERT/) });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
