import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { startTokenServer, type TokenServer } from "../../../testing/services/entra/token-server.ts";
import { bearer, requestToken, type TokenRequest } from "./token-request.ts";

// Everything that RFC 6749 lets a secret have (VSCHAR) and a form must write otherwise.
const CANARY = "canary &=+%/;:,?#~secret";
const { signal } = new AbortController();

describe("at a real token server", () => {
  let server: TokenServer;
  beforeAll(async () => {
    server = await startTokenServer([{ clientId: "orders/api", secret: CANARY }]);
  });
  afterAll(async () => server.stop());

  const ask = async (clientSecret: string, more: Partial<TokenRequest> = {}) =>
    requestToken(
      { tokenUrl: server.tokenUrl, clientId: "orders/api", clientSecret: new Secret(clientSecret), ...more },
      signal,
    );

  test("the right secret gets a token and is told how long it lives, whatever characters it has", async () => {
    const answer = await ask(CANARY, { scope: "read" });
    expect(answer).toMatchObject({ ok: true, expiresIn: 600 });
    expect(answer.ok && bearer(answer.accessToken)).toMatch(/^Bearer .{20,}$/);
    expect(inspect(answer, { depth: 5 })).toContain("[secret]");
  });

  test("a wrong secret, an unknown client and a scope of others are told by their code", async () => {
    expect(await ask("wrong")).toMatchObject({ ok: false, code: "invalid_client", status: 401 });
    expect(await ask(CANARY, { clientId: "nobody" })).toMatchObject({ ok: false, code: "invalid_client" });
    expect(await ask(CANARY, { scope: "write" })).toMatchObject({
      ok: false,
      code: "invalid_scope",
      status: 400,
    });
  });
});

describe("whatever a server answers", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });

  const serving = async (act: (response: ServerResponse, body: string) => void): Promise<URL> => {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => act(response, body));
    }).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    // `as`: a server that listens on TCP has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    return new URL(`http://127.0.0.1:${port}/t/oauth2/v2.0/token?x=1`);
  };
  const answering = async (act: (response: ServerResponse) => void) => {
    const tokenUrl = await serving(act);
    return requestToken({ tokenUrl, clientId: "c", clientSecret: new Secret(CANARY) }, signal);
  };
  const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    answering((response) => response.writeHead(status, headers).end(JSON.stringify(body)));

  test("the number of Microsoft Entra is the code, its first line the message, and Retry-After is kept", async () => {
    const error_description =
      "AADSTS7000215: Invalid client secret provided. Trace ID: 1 Correlation ID: 2\r\nTimestamp: 3";
    expect(await json(401, { error: "invalid_client", error_description }, { "retry-after": "7" })).toEqual({
      ok: false,
      code: "AADSTS7000215",
      message: "AADSTS7000215: Invalid client secret provided.",
      status: 401,
      retryAfter: 7,
    });
  });

  test.each([
    ["as it is", CANARY],
    ["in a form", new URLSearchParams({ "": CANARY }).toString()],
    ["percent-encoded", encodeURIComponent(CANARY)],
    ["in hex", Buffer.from(CANARY).toString("hex").toUpperCase()],
    ["in base64", Buffer.from(CANARY).toString("base64")],
    ["in base64url", Buffer.from(CANARY).toString("base64url")],
  ])("a server that quotes the secret %s is not quoted", async (_, text) => {
    const answer = await json(400, { error: `e${text}`.slice(0, 80), error_description: `no: ${text}!` });
    expect(answer).toMatchObject({ ok: false, status: 400 });
    const told = inspect(answer).toLowerCase();
    for (const part of [CANARY, text, text.slice(0, 30)]) expect(told).not.toContain(part.toLowerCase());
  });

  test.each<[string, unknown]>([
    ["no token", {}],
    ["a list", []],
    ["a token of another kind", { access_token: "abc", token_type: "mac" }],
    ["a token with a line break", { access_token: "a\r\nX: y", token_type: "Bearer" }],
    ["a token that is no text", { access_token: { a: 1 }, token_type: "Bearer" }],
  ])("200 with %s is no success", async (_, body) => {
    expect(await json(200, body)).toMatchObject({ ok: false, code: "malformed", status: 200 });
  });

  test("lifetimes are numbers, texts of numbers, or not known", async () => {
    const token = { access_token: "abc.d", token_type: "bearer" };
    expect(await json(200, { ...token, expires_in: "3599" })).toMatchObject({ expiresIn: 3599 });
    expect(await json(200, { ...token, expires_in: -1 })).toMatchObject({ ok: true, expiresIn: undefined });
  });

  test("pages, redirects, garbage and silence are told by what they are, and nothing is followed", async () => {
    const page = await answering((response) => response.writeHead(502).end("<html>"));
    expect(page).toMatchObject({ ok: false, code: "http-502", status: 502 });
    const moved = await answering((response) => response.writeHead(307, { location: "/other" }).end());
    expect(moved).toMatchObject({ ok: false, code: "http-307" });
    const lost = await answering((response) => response.destroy());
    expect(lost).toMatchObject({ ok: false, code: "no-answer", message: "ECONNRESET", status: undefined });
  });

  test("an assertion is sent in the place of a secret", async () => {
    let sent = "";
    const tokenUrl = await serving((response, body) => {
      sent = body;
      response.writeHead(400).end();
    });
    await requestToken({ tokenUrl, clientId: "c", clientAssertion: new Secret("a.b.c"), scope: "s" }, signal);
    expect(Object.fromEntries(new URLSearchParams(sent))).toEqual({
      grant_type: "client_credentials",
      client_id: "c",
      scope: "s",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: "a.b.c",
    });
  });
});
