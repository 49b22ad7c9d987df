import { createHash, createHmac } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Backend, Refusal } from "./contract.ts";
import { createRotatorServer } from "./server.ts";
import { openTokenService, type TokenService } from "./token-service.ts";

const NOW = Date.UTC(2026, 10, 23);
const KEY = { id: "k1", secret: "rotator-test-key" };
const MARK = { rotation: "r1", attempt: "a1", epoch: 3 };

let folder: string;
let closers: (() => Promise<unknown>)[];
let lines: string[];
let ids: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-rotator-"));
  closers = [];
  lines = [];
  ids = 0;
});
afterEach(async () => {
  await Promise.all(closers.map((close) => close()));
  await rm(folder, { recursive: true, force: true });
});

async function start(options: { path?: string; backend?: Backend; clock?: () => number } = {}) {
  const clock = options.clock ?? (() => NOW);
  const service = await openTokenService({ ...options, clock });
  const rotate = createRotatorServer({
    keys: new Map([[KEY.id, KEY.secret]]),
    backend: options.backend ?? service,
    clock,
    log: (line) => lines.push(line),
  });
  const server = createServer((request, response) => {
    if (request.url === "/whoami") service.whoami(request, response);
    else rotate(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  // A listening TCP server has an address object.
  return { service, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A server whose object `orders` has one token that a person made. */
async function started(path?: string): Promise<{ service: TokenService; url: string; token: string }> {
  const { service, url } = await start(path === undefined ? {} : { path });
  await service.addObject("orders");
  const created = await service.createByHand("orders");
  return { service, url, token: created?.parts["token"] ?? "" };
}

interface Call {
  readonly method?: string;
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

async function call(url: string, { method = "POST", body = "", ...rest }: Call) {
  const timestamp = String(rest.seconds ?? NOW / 1000);
  const signature = sign(rest.secret ?? KEY.secret, timestamp, method, "/rotate", sha256(body));
  const response = await fetch(`${url}/rotate`, {
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

function message(operation: string, fields: object = {}): string {
  ids += 1;
  const frame = { apiVersion: "cre/v1", contract: 1, requestId: `id-${ids}`, credential: "orders-key" };
  return JSON.stringify({ ...frame, operation, object: "orders", ...fields });
}

const ask = async (url: string, operation: string, fields: object = {}) =>
  call(url, { body: message(operation, fields) });

async function whoami(url: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, connection: "close" };
  const response = await fetch(`${url}/whoami`, { headers });
  return { status: response.status, body: await response.json() };
}

describe("operations", () => {
  test("describe says what the backend can do", async () => {
    const { url } = await started();
    expect(await ask(url, "describe")).toMatchObject({
      status: 200,
      signed: true,
      body: {
        apiVersion: "cre/v1",
        operation: "describe",
        object: "orders",
        operations: "describe observe adopt issue verify revoke in-use deactivate reactivate contain".split(
          " ",
        ),
        parts: ["token"],
        slots: 2,
      },
    });
  });

  test("a token is made, used, switched off and on, and revoked", async () => {
    const { url, token } = await started();
    const issued = (await ask(url, "issue", { mark: MARK, occupied: [] })).body.issued;
    const { handle, slot } = issued;
    const version = { handle, slot };
    expect(slot).toBe("2");
    expect(await whoami(url, issued.parts.token)).toEqual({ status: 200, body: { object: "orders" } });
    const fence = { expected: MARK, next: { ...MARK, epoch: 4 } };
    expect((await ask(url, "deactivate", { version, fence })).body.versions[1]).toMatchObject({
      handle,
      live: false,
      reactivatable: true,
      mark: fence.next,
    });
    expect((await whoami(url, issued.parts.token)).status).toBe(401);
    expect(
      (await ask(url, "deactivate", { version, fence: { expected: MARK, next: MARK } })).body.error.code,
    ).toBe("fenced");
    expect((await ask(url, "reactivate", { version, fence })).status).toBe(200);
    for (const _ of [1, 2]) {
      const { versions } = (await ask(url, "revoke", { version, fence })).body;
      expect(versions).toHaveLength(1);
    }
    expect((await whoami(url, issued.parts.token)).status).toBe(401);
    expect((await whoami(url, token)).status).toBe(200);
  });

  test("contain says whether a token is dead", async () => {
    const { service, url } = await started();
    const [first] = (await service.versions("orders")) ?? [];
    const version = { handle: first?.handle, slot: "1" };
    const since = "2026-11-01T00:00:00Z";
    const evidence = async () => (await ask(url, "contain", { version, since })).body.evidence;
    expect(await evidence()).toEqual([{ place: "tokens of orders", dead: false, detail: "still accepted" }]);
    await service.remove("orders", first?.handle ?? "");
    expect(await evidence()).toMatchObject([{ dead: true }]);
  });

  test("the same attempt makes one token, whoever asks how often at once", async () => {
    const { service, url } = await started(join(folder, "tokens.json"));
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(() => ask(url, "issue", { mark: MARK, occupied: [] })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error?.code === "already-issued")).toHaveLength(4);
    expect(await service.versions("orders")).toHaveLength(2);
  });

  test.each<[string, number, string, string]>([
    ["no JSON", 422, "malformed", "{"],
    ["a list", 422, "malformed", "[]"],
    ["another contract", 422, "contract-unknown", message("observe", { contract: 2 })],
    ["another version", 422, "contract-unknown", message("observe", { apiVersion: "cre/v2" })],
    ["no request id", 422, "malformed", message("observe", { requestId: 7 })],
    ["a bad credential", 422, "malformed", message("observe", { credential: "../x" })],
    ["an unknown object", 404, "object-unknown", message("observe", { object: "__proto__" })],
    ["an unknown operation", 422, "operation-unknown", message("constructor")],
    ["no mark", 422, "malformed", message("issue")],
    ["half a mark", 422, "malformed", message("issue", { mark: { ...MARK, epoch: "3" } })],
    ["no list of the occupied", 422, "malformed", message("issue", { mark: MARK, occupied: [7] })],
    ["no fence", 422, "malformed", message("revoke", { version: { handle: "h", slot: "1" } })],
    [
      "a part that is no text",
      422,
      "malformed",
      message("verify", { version: { handle: "h", slot: "1" }, parts: { token: 7 } }),
    ],
    [
      "a version that is not there",
      422,
      "version-gone",
      message("adopt", { version: { handle: "h", slot: "1" }, mark: MARK }),
    ],
  ])("a request with %s is %i %s, signed, and changes nothing", async (_, status, code, body) => {
    const { service, url } = await started();
    expect(await call(url, { body })).toMatchObject({ status, signed: true, body: { error: { code } } });
    expect(await service.versions("orders")).toMatchObject([{ mark: null, live: true }]);
  });

  test("only what a backend has is offered", async () => {
    const { service } = await started();
    const backend: Record<string, unknown> = { ...service };
    for (const optional of ["setLive", "lastUse", "contain"]) delete backend[optional];
    // `as`: what is left is what every backend has.
    const { url } = await start({ backend: backend as unknown as Backend });
    expect((await ask(url, "describe")).body.operations).not.toContain("in-use");
    const version = { handle: "h", slot: "1" };
    expect((await ask(url, "deactivate", { version })).body.error.code).toBe("operation-unknown");
  });

  test("a backend's refusal is told, and any other trouble is 500 without its words", async () => {
    const { service } = await started();
    const failing = (error: Error): Backend => ({
      ...service,
      create: async () => {
        throw error;
      },
    });
    const refusing = await start({
      backend: failing(new Refusal(403, "right-missing", "no right to create")),
    });
    expect(await ask(refusing.url, "issue", { mark: MARK, occupied: [] })).toMatchObject({
      status: 403,
      body: { error: { code: "right-missing", message: "no right to create" } },
    });
    const broken = await start({ backend: failing(new Error("disk full of secret-1")) });
    const answer = await ask(broken.url, "issue", { mark: MARK, occupied: [] });
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body) + lines.join()).not.toContain("secret-1");
  });
});

describe("authentication", () => {
  const body = (): string => message("issue", { mark: MARK, occupied: [] });
  test.each<[string, () => Call]>([
    ["an unknown key", () => ({ body: body(), headers: { "CRE-Key-Id": "k2" } })],
    ["a wrong secret", () => ({ body: body(), secret: "other" })],
    [
      "a signature of something else",
      () => ({ body: body(), headers: { "CRE-Signature": `v1=${"0".repeat(64)}` } }),
    ],
    [
      "a signature that is no hex",
      () => ({ body: body(), headers: { "CRE-Signature": `v1=${"ä".repeat(64)}` } }),
    ],
    ["a timestamp 301 s in the past", () => ({ body: body(), seconds: NOW / 1000 - 301 })],
    ["a timestamp 301 s in the future", () => ({ body: body(), seconds: NOW / 1000 + 301 })],
    ["a timestamp that is no number", () => ({ body: body(), headers: { "CRE-Timestamp": "now" } })],
  ])("%s is 401, unsigned, and changes nothing", async (_, request) => {
    const { service, url } = await started();
    expect(await call(url, request())).toMatchObject({ status: 401, signed: false });
    expect(await service.versions("orders")).toHaveLength(1);
  });

  test("a request that was taken is not taken again, for as long as its timestamp is good", async () => {
    let now = NOW;
    const { service, url } = await start({ clock: () => now });
    await service.addObject("orders");
    const recorded = { body: message("issue", { mark: MARK, occupied: [] }), seconds: NOW / 1000 + 300 };
    const { handle } = (await call(url, recorded)).body.issued;
    await service.remove("orders", handle);
    now += 600_000;
    expect(await call(url, recorded)).toMatchObject({
      status: 409,
      body: { error: { code: "request-repeated" } },
    });
    now += 1000;
    expect((await call(url, recorded)).status).toBe(401);
    expect(await service.versions("orders")).toEqual([]);
  });

  test("other methods are 405 and a body over 256 KiB is 413", async () => {
    const { url } = await started();
    expect((await call(url, { method: "GET" })).status).toBe(405);
    expect((await call(url, { body: "x".repeat(256 * 1024 + 1) })).status).toBe(413);
  });

  test("no line of the log holds a part or a key", async () => {
    const { url } = await started();
    const { parts, handle } = (await ask(url, "issue", { mark: MARK, occupied: [] })).body.issued;
    await ask(url, "verify", { version: { handle, slot: "2" }, parts });
    expect(lines).toEqual(["issue of orders for orders-key: done"]);
  });
});

describe("the token service", () => {
  test("keeps everything through a restart, without any token, where only the owner can read it", async () => {
    const path = join(folder, "tokens.json");
    const first = await started(path);
    const { parts } = (await ask(first.url, "issue", { mark: MARK, occupied: [] })).body.issued;
    await whoami(first.url, first.token);
    const second = await start({ path });
    const told = await ask(second.url, "observe");
    expect(told.body.versions).toEqual(await first.service.versions("orders"));
    expect(told.body.versions).toMatchObject([{ note: "last used at 2026-11-23T00:00:00Z" }, { mark: MARK }]);
    expect((await whoami(second.url, parts.token)).status).toBe(200);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["tokens.json"]);
    const text = await readFile(path, "utf8");
    expect(text).not.toContain(parts.token);
    expect(text).not.toContain(first.token);
  });

  test("what cannot be stored did not happen", async () => {
    const path = join(folder, "gone", "tokens.json");
    const { service, url } = await start({ path });
    await expect(service.addObject("orders")).rejects.toThrow("ENOENT");
    expect((await ask(url, "observe")).status).toBe(404);
  });

  test("takes tokens only as bearer tokens", async () => {
    const { url, token } = await started();
    for (const authorization of [`Basic ${token}`, token, `Bearer ${token} x`, "Bearer ", ""]) {
      const response = await fetch(`${url}/whoami`, { headers: { authorization, connection: "close" } });
      expect(response.status).toBe(401);
      await response.arrayBuffer();
    }
  });

  test("has two slots for each object", async () => {
    const { service, url } = await started();
    await service.createByHand("orders");
    expect(await service.createByHand("orders")).toBeUndefined();
    const refused = await ask(url, "issue", { mark: MARK, occupied: [] });
    expect(refused).toMatchObject({ status: 422, body: { error: { code: "no-free-slot" } } });
  });
});
