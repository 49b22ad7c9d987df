import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requestToken } from "../../../adapters/clients/oauth/token-request.ts";
import { Secret } from "../../../core/model/secret.ts";
import { runnerClient } from "./entra-orders.ts";
import { type EntraService, startEntra } from "./entra-service.ts";
import type { StoredApplication } from "./tenant.ts";

let service: EntraService;
let application: StoredApplication;
let token: string;

async function tokenOf(appId: string, secret: string, scope = `${service.url}/.default`) {
  const tokenUrl = new URL(`${service.url}/${service.tenant.id}/oauth2/v2.0/token`);
  return requestToken(
    { tokenUrl, clientId: appId, clientSecret: new Secret(secret), scope },
    AbortSignal.timeout(20_000),
  );
}

beforeEach(async () => {
  service = await startEntra();
  const { client } = runnerClient(service, ["Application.ReadWrite.All"]);
  application = service.addApplication();
  const answer = await tokenOf(client.appId, client.passwords[0]?.secretText ?? "");
  token = answer.ok ? answer.accessToken.reveal() : "";
});

/** A request to Graph as any client sends it. */
async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${service.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
}

const at = (below = ""): string => `/v1.0/applications(appId='${application.appId}')${below}`;

describe("what Graph describes", () => {
  afterEach(async () => service.close());

  test("a client secret is shown once, and can sign in until it is removed", async () => {
    const made = await ask("POST", at("/addPassword"), { passwordCredential: { displayName: "mine" } });
    expect(made).toMatchObject({ status: 200, body: { displayName: "mine", customKeyIdentifier: null } });
    const { secretText, keyId, hint } = made.body as { secretText: string; keyId: string; hint: string };
    expect(secretText).toMatch(/^.{3}8Q~.{34}$/);
    expect(secretText.startsWith(hint)).toBe(true);
    expect(JSON.stringify(await ask("GET", at()))).not.toContain(secretText);
    expect((await tokenOf(application.appId, secretText)).ok).toBe(true);
    expect(await ask("POST", at("/removePassword"), { keyId })).toEqual({ status: 204, body: undefined });
    expect(await tokenOf(application.appId, secretText)).toMatchObject({ code: "AADSTS7000215" });
    expect(await ask("POST", at("/removePassword"), { keyId })).toMatchObject({ status: 400 });
  });

  test("a description of more than 90 characters is cut, and client secrets are not patched", async () => {
    const displayName = "d".repeat(100);
    const { body } = await ask("POST", at("/addPassword"), { passwordCredential: { displayName } });
    expect(body).toMatchObject({ displayName: "d".repeat(90) });
    expect(await ask("PATCH", at(), { passwordCredentials: [] })).toMatchObject({ status: 400 });
    expect(application.passwords).toHaveLength(1);
  });

  test("a scope that is none, and a token for something else, get nobody in", async () => {
    const { secretText } = service.addByHand(application);
    expect(await tokenOf(application.appId, secretText, "read")).toMatchObject({ code: "AADSTS1002012" });
    service.resources.push("api://orders");
    const other = await tokenOf(application.appId, secretText, "api://orders/.default");
    token = other.ok ? other.accessToken.reveal() : "";
    expect(await ask("GET", at())).toMatchObject({ status: 401 });
  });
});

interface Wrong {
  readonly says: string;
  readonly method: string;
  readonly below: string;
  readonly body?: object;
}

describe("what Graph does not describe is answered with an error, and fails the test", () => {
  const CASES: readonly Wrong[] = [
    {
      says: "has hint2",
      method: "POST",
      below: "/addPassword",
      body: { passwordCredential: { hint2: "a" } },
    },
    {
      says: "no Edm.DateTimeOffset",
      method: "POST",
      below: "/addPassword",
      body: { passwordCredential: { endDateTime: "tomorrow" } },
    },
    { says: "lacks keyId", method: "POST", below: "/removePassword", body: {} },
    { says: "no Edm.Guid", method: "POST", below: "/removePassword", body: { keyId: "1" } },
    { says: "is null", method: "PATCH", below: "", body: { tags: null } },
    { says: "no Edm.String", method: "PATCH", below: "", body: { tags: [1] } },
    { says: "$select has secrets", method: "GET", below: "?$select=secrets" },
    { says: "the query has $expand", method: "GET", below: "?$expand=owners" },
    { says: "is not described", method: "POST", below: "/addKey", body: {} },
    { says: "is not described", method: "DELETE", below: "" },
  ];
  test.each(CASES)("$says", async ({ says, method, below, body }) => {
    const { status } = await ask(method, at(below), body);
    expect(status).toBeGreaterThanOrEqual(400);
    await expect(service.close()).rejects.toThrow(says);
  });
});
