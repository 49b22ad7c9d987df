import { createHash, createHmac } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileStore } from "./file-store.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "./receiver.ts";

const NOW = Date.UTC(2026, 10, 23);
const KEY = { id: "k1", secret: "receiver-test-key" };

let folder: string;
let closers: (() => Promise<unknown>)[];
let lines: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-receiver-"));
  closers = [];
  lines = [];
});
afterEach(async () => {
  await Promise.all(closers.map((close) => close()));
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<ReceiverOptions> = {}): Promise<{ receiver: Receiver; url: string }> {
  const receiver = await createReceiver({
    keys: new Map([[KEY.id, KEY.secret]]),
    clock: () => NOW,
    log: (line) => lines.push(line),
    ...options,
  });
  const server: Server = createServer(receiver.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  // A listening TCP server has an address object.
  return { receiver, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly seconds?: number;
  readonly secret?: string;
}

function sign(secret: string, ...fields: string[]): string {
  return `v1=${createHmac("sha256", secret).update(fields.join(".")).digest("hex")}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function call(url: string, { method = "POST", path = "/credentials", body = "", ...rest }: Call) {
  const timestamp = String(rest.seconds ?? NOW / 1000);
  const signature = sign(rest.secret ?? KEY.secret, timestamp, method, path, sha256(body));
  const response = await fetch(url + path, {
    method,
    headers: {
      "CRE-Timestamp": timestamp,
      "CRE-Key-Id": KEY.id,
      "CRE-Signature": signature,
      connection: "close",
      ...rest.headers,
    },
    ...(method === "GET" ? {} : { body }),
  });
  const text = await response.text();
  const stamp = response.headers.get("cre-timestamp") ?? "";
  const signed = response.headers.get("cre-signature") === sign(KEY.secret, stamp, signature, sha256(text));
  return { status: response.status, body: JSON.parse(text), signed };
}

function message(phase: string, attemptId: string, more: object = {}): string {
  return JSON.stringify({
    apiVersion: "cre/v1",
    phase,
    credential: "orders-db",
    rotationId: "r1",
    attemptId,
    handle: `orders_${attemptId}`,
    issuedAt: "2026-11-23T00:00:00Z",
    ...(phase === "stage" ? { parts: { password: `secret-${attemptId}` } } : {}),
    ...more,
  });
}

const post = (url: string, phase: string, attempt: string) => call(url, { body: message(phase, attempt) });
const held = (current: string | null, pending: string | null) => ({
  credential: "orders-db",
  current,
  pending,
});

describe("phases", () => {
  test("a credential that was never seen has nulls, and the answer is signed", async () => {
    const { url } = await start();
    expect(await call(url, { method: "GET", path: "/credentials?credential=orders-db" })).toEqual({
      status: 200,
      body: held(null, null),
      signed: true,
    });
  });

  test("stage, promote and abort go through their states and repeat without effect", async () => {
    const { receiver, url } = await start();
    for (const _ of [1, 2]) {
      expect(await post(url, "stage", "a1")).toEqual({ status: 200, body: held(null, "a1"), signed: true });
    }
    for (const _ of [1, 2]) expect((await post(url, "promote", "a1")).body).toEqual(held("a1", null));
    expect((await post(url, "stage", "a1")).body).toEqual(held("a1", null));
    expect((await post(url, "stage", "a2")).body).toEqual(held("a1", "a2"));
    expect((await post(url, "stage", "a3")).body).toEqual(held("a1", "a3"));
    for (const _ of [1, 2]) {
      expect(await post(url, "abort", "a3")).toEqual({ status: 200, body: held("a1", null), signed: true });
    }
    expect(receiver.credentials("orders-db").current?.parts).toEqual({ password: "secret-a1" });
  });

  test("promote of an unknown and abort of the current attempt are 422 and change nothing", async () => {
    const { url } = await start();
    await post(url, "stage", "a1");
    await post(url, "promote", "a1");
    await post(url, "stage", "a2");
    expect(await post(url, "promote", "a9")).toEqual({ status: 422, body: held("a1", "a2"), signed: true });
    expect(await post(url, "abort", "a1")).toEqual({ status: 422, body: held("a1", "a2"), signed: true });
  });

  test.each([
    ["no JSON", "{"],
    ["an array", "[]"],
    ["another version", message("stage", "a1", { apiVersion: "cre/v2" })],
    ["an unknown phase", message("push", "a1")],
    ["a bad name", message("stage", "a1", { credential: "../x" })],
    ["no parts", message("stage", "a1", { parts: undefined })],
    ["a part that is no text", message("stage", "a1", { parts: { password: 7 } })],
    ["an empty attempt", message("stage", "")],
  ])("a body with %s is 422 and signed", async (_, body) => {
    const { receiver, url } = await start();
    expect(await call(url, { body })).toMatchObject({ status: 422, signed: true });
    expect(receiver.credentials("orders-db").pending).toBeNull();
  });

  test("other methods are 405", async () => {
    const { url } = await start();
    expect((await call(url, { method: "PUT", body: message("stage", "a1") })).status).toBe(405);
  });

  test("no line of the log and no answer holds a part", async () => {
    const { url } = await start({
      onPromote: () => {
        throw new Error("secret-a1");
      },
    });
    await post(url, "stage", "a1");
    const answer = await post(url, "promote", "a1");
    expect(answer.status).toBe(200);
    expect(lines.join("\n") + JSON.stringify(answer.body)).not.toContain("secret-");
    expect(lines.length).toBeGreaterThan(1);
  });
});

describe("authentication", () => {
  const body = message("stage", "a1");
  test.each<[string, Call]>([
    ["an unknown key", { body, headers: { "CRE-Key-Id": "k2" } }],
    ["a wrong secret", { body, secret: "other" }],
    ["a signature of something else", { body, headers: { "CRE-Signature": `v1=${"0".repeat(64)}` } }],
    [
      "an upper-case signature",
      {
        body,
        headers: {
          "CRE-Signature": sign(
            KEY.secret,
            String(NOW / 1000),
            "POST",
            "/credentials",
            sha256(body),
          ).toUpperCase(),
        },
      },
    ],
    ["a signature that is no hex", { body, headers: { "CRE-Signature": `v1=${"ä".repeat(64)}` } }],
    ["a timestamp 301 s in the past", { body, seconds: NOW / 1000 - 301 }],
    ["a timestamp 301 s in the future", { body, seconds: NOW / 1000 + 301 }],
    ["a timestamp that is no number", { body, headers: { "CRE-Timestamp": "now" } }],
  ])("%s is 401, unsigned, and changes nothing", async (_, request) => {
    const { receiver, url } = await start();
    expect(await call(url, request)).toMatchObject({ status: 401, signed: false });
    expect(receiver.credentials("orders-db")).toEqual({ current: null, pending: null });
  });

  test("300 s in either direction are accepted", async () => {
    const { url } = await start();
    for (const off of [-300, 300]) {
      expect((await call(url, { body, seconds: NOW / 1000 + off })).status).toBe(200);
    }
  });

  test("the query is part of what is signed", async () => {
    const { url } = await start();
    const path = "/credentials?credential=orders-db";
    const signature = sign(KEY.secret, String(NOW / 1000), "GET", "/credentials", sha256(""));
    expect((await call(url, { method: "GET", path, headers: { "CRE-Signature": signature } })).status).toBe(
      401,
    );
  });

  test("a body over 256 KiB is 413", async () => {
    const { url } = await start();
    expect((await call(url, { body: "x".repeat(256 * 1024 + 1) })).status).toBe(413);
  });
});

describe("store", () => {
  test("the state survives a restart in a file that only the owner can read", async () => {
    const path = join(folder, "state.json");
    const first = await start({ store: fileStore(path) });
    await post(first.url, "stage", "a1");
    await post(first.url, "promote", "a1");
    await post(first.url, "stage", "a2");
    const second = await start({ store: fileStore(path) });
    expect((await post(second.url, "promote", "a2")).body).toEqual(held("a2", null));
    expect(second.receiver.credentials("orders-db").current?.parts).toEqual({ password: "secret-a2" });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["state.json"]);
    expect(JSON.parse(await readFile(path, "utf8"))["orders-db"].pending).toBeNull();
  });

  test("what cannot be saved is answered with 500 and is not in force", async () => {
    const { receiver, url } = await start({
      store: { load: async () => undefined, save: () => Promise.reject(new Error("disk full")) },
    });
    expect((await post(url, "stage", "a1")).status).toBe(500);
    expect(receiver.credentials("orders-db").pending).toBeNull();
  });

  test("a restart with other initial parts uses them until the first promote", async () => {
    const path = join(folder, "state.json");
    const first = await start({ store: fileStore(path), initial: { "orders-db": { password: "one" } } });
    await post(first.url, "stage", "a1");
    const second = await start({ store: fileStore(path), initial: { "orders-db": { password: "two" } } });
    expect(second.receiver.credentials("orders-db").current?.parts).toEqual({ password: "two" });
    expect((await post(second.url, "promote", "a1")).body).toEqual(held("a1", null));
    const third = await start({ store: fileStore(path), initial: { "orders-db": { password: "two" } } });
    expect(third.receiver.credentials("orders-db").current?.attempt).toBe("a1");
  });
});

describe("withFallback", () => {
  const accepts = (wanted: string) => async (parts: Readonly<Record<string, string>>) => {
    if (parts["password"] !== wanted) throw new Error(`refused ${parts["password"]}`);
    return wanted;
  };

  test("tries current, then pending", async () => {
    const { receiver, url } = await start({ initial: { "orders-db": { password: "start" } } });
    await post(url, "stage", "a1");
    expect(await receiver.withFallback("orders-db", accepts("start"))).toBe("start");
    expect(await receiver.withFallback("orders-db", accepts("secret-a1"))).toBe("secret-a1");
    await expect(receiver.withFallback("orders-db", accepts("other"))).rejects.toThrow("refused secret-a1");
  });

  test("throws errors that are no refusal at once", async () => {
    const { receiver, url } = await start({ initial: { "orders-db": { password: "start" } } });
    await post(url, "stage", "a1");
    await expect(receiver.withFallback("orders-db", accepts("secret-a1"), () => false)).rejects.toThrow(
      "refused start",
    );
  });

  test("tries a version that was staged and promoted while the old one was being refused", async () => {
    const { receiver, url } = await start({ initial: { "orders-db": { password: "start" } } });
    const used = await receiver.withFallback("orders-db", async (parts) => {
      if (parts["password"] === "start") {
        await post(url, "stage", "a1");
        await post(url, "promote", "a1");
      }
      return accepts("secret-a1")(parts);
    });
    expect(used).toBe("secret-a1");
  });

  test("says so when nothing is known yet", async () => {
    const { receiver } = await start();
    await expect(receiver.withFallback("orders-db", accepts("x"))).rejects.toThrow(
      "no version of orders-db is known yet",
    );
  });
});
