import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Secret } from "../../core/model/secret.ts";
import { sendHeartbeat } from "./heartbeat.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function watcher(status: number): Promise<{ readonly url: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(status, status === 302 ? { Location: "/elsewhere" } : {}).end("OK");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  open.push(() => server.close());
  // `as`: a server that listens on a port has such an address.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/a-secret-id?x=1`, seen };
}

const beat = async (url: string): Promise<void> =>
  sendHeartbeat(
    { env: "BEAT" },
    { read: async () => new Secret(url), present: () => true },
    AbortSignal.timeout(5000),
  );

test("a heartbeat is one POST without a body to the whole address", async () => {
  const { url, seen } = await watcher(200);
  await beat(`${url}\n`);
  expect(seen.map(({ method, url, headers }) => [method, url, headers["content-length"]])).toEqual([
    ["POST", "/ping/a-secret-id?x=1", "0"],
  ]);
});

test.each([404, 500, 302])(
  "an answer with the status %s is told, and nothing of the address but its host",
  async (status) => {
    const { url, seen } = await watcher(status);
    const failure = await beat(url).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "heartbeat-failed",
      evidence: `it answered with the status ${status}`,
    });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("a-secret-id");
    expect(seen).toHaveLength(1);
  },
);

test.each([
  "http://example.com/ping",
  "ftp://example.com",
  "not an address",
  "https://user:word@example.com/ping",
])("%s is no address for it, which is said without the address", async (url) => {
  const failure = await beat(url).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "heartbeat-address" });
  expect(String(failure)).not.toContain("ping");
});
