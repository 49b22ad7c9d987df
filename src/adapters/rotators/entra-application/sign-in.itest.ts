import { describe, expect, test } from "vitest";
import { failureOf, useEntraBench } from "../../../testing/services/entra/entra-bench.ts";
import { type EntraDoor, type EntraOrders, soon } from "../../../testing/services/entra/entra-orders.ts";

const bench = useEntraBench();

describe("the runner's own login", () => {
  test("a token that Graph does not take any more is replaced, once", async () => {
    const made = await bench.adopted();
    bench.service.tenant.tokens.clear();
    bench.service.calls.length = 0;
    await made.issue("attempt-1");
    expect(bench.service.calls.filter((call) => call === "token")).toHaveLength(1);
    bench.service.faults.plan("readApplication", "unauthorized", 9, 0);
    expect(await failureOf(made.rotator.observe(soon()))).toMatchObject({
      code: "login-refused",
      outcome: "refused",
    });
  });

  test("a token is used until shortly before its end", async () => {
    const made = await bench.adopted();
    bench.service.calls.length = 0;
    bench.now += 3000;
    await made.observe();
    expect(bench.service.calls).toEqual(["readApplication"]);
    bench.now += 500;
    await made.observe();
    expect(bench.service.calls).toEqual(["readApplication", "token", "readApplication"]);
  });

  const REFUSALS: readonly (readonly [string, (made: EntraOrders) => Partial<EntraDoor>])[] = [
    ["login-refused", () => ({ variables: { ENTRA_SECRET: "canary-wrong-secret" } })],
    ["login-expired", ({ client }) => expire(client)],
    ["tenant-unknown", ({ door }) => ({ connection: { ...door.connection, tenant: "other.example.com" } })],
    ["application-unknown", ({ client }) => changed(client, { hasServicePrincipal: false })],
    ["application-disabled", ({ client }) => changed(client, { isEnabled: false })],
    ["secret-missing", () => ({ variables: {} })],
    ["unreachable", ({ door }) => ({ connection: { ...door.connection, authority: "http://127.0.0.1:1" } })],
  ];
  test.each(REFUSALS)("%s is told as it is, and nothing was done", async (code, change) => {
    const made = await bench.orders();
    const rotator = await made.bind(change(made));
    const failure = await failureOf(rotator.preflight(soon()));
    expect(failure).toMatchObject({ code, outcome: "refused" });
    bench.expectNoSecret(failure);
    expect(failure.describe()).not.toContain("canary");
  });

  test("blocked by Conditional Access, throttled or failing: told, and never a secret", async () => {
    const made = await bench.orders();
    for (const [fault, code] of [
      ["denied", "access-blocked"],
      ["throttled", "throttled"],
      ["error503", "login-refused"],
      ["quoting", "login-refused"],
      ["garbage", "login-refused"],
      ["drop", "unreachable"],
    ] as const) {
      bench.service.faults.plan("token", fault, 1, 0);
      const failure = await failureOf((await made.bind()).observe(soon()));
      expect(failure).toMatchObject({ code, outcome: "refused" });
      bench.expectNoSecret(failure);
    }
  });

  test("is never the application whose client secret is replaced", async () => {
    const made = await bench.orders();
    const own = { ...made.door.connection, clientId: made.application.appId.toUpperCase() };
    const rotator = await made.bind({ connection: own });
    bench.service.calls.length = 0;
    expect(await failureOf(rotator.preflight(soon()))).toMatchObject({ code: "own-login" });
    expect(bench.service.calls).toEqual([]);
  });

  test("an application that is not there, or that the client does not own, is told", async () => {
    const made = await bench.orders();
    bench.service.tenant.applications.delete(made.application.appId);
    made.client.granted.add("Application.ReadWrite.All");
    expect(await failureOf(made.rotator.preflight(soon()))).toMatchObject({ code: "application-missing" });
    const other = await bench.orders();
    other.application.owners.clear();
    expect(await failureOf(other.rotator.preflight(soon()))).toMatchObject({ code: "permission-missing" });
  });

  test.each([
    "http://graph.example.com",
    "https://user:pass@graph.example.com",
    "http://localhost:x@evil.example",
  ])("%s is no address for secrets", async (endpoint) => {
    const made = await bench.orders();
    const bound = made.bind({ connection: { ...made.door.connection, endpoint } });
    const failure = await failureOf(bound);
    expect(failure.code).toBe("entra-url");
    expect(failure.describe()).not.toContain("pass");
  });

  test("lives of less than a day are refused before anything is asked", async () => {
    const made = await bench.orders({ provider: { lifetime: "3h" } });
    bench.service.calls.length = 0;
    expect(await failureOf(made.rotator.preflight(soon()))).toMatchObject({ code: "lifetime-too-short" });
    expect(bench.service.calls).toEqual([]);
  });
});

function changed(
  client: EntraOrders["client"],
  how: Partial<Pick<EntraOrders["client"], "hasServicePrincipal" | "isEnabled">>,
): Partial<EntraDoor> {
  Object.assign(client, how);
  return {};
}

/** Ends all client secrets; the door stays as it is. */
function expire(client: EntraOrders["client"]): Partial<EntraDoor> {
  client.passwords = client.passwords.map((one) => ({ ...one, endDateTime: "2020-01-01T00:00:00Z" }));
  return {};
}

describe("a new client secret", () => {
  test("is looked at until it signs in three times in a row", async () => {
    const made = await bench.adopted();
    bench.service.usableAfter = 6;
    const issued = await made.issue("attempt-1");
    bench.service.calls.length = 0;
    await made.rotator.verify(issued, soon());
    expect(bench.service.calls).toEqual(Array.from({ length: 9 }, () => "token"));
  });

  test("that does not come to be known is given up after a while", async () => {
    const made = await bench.adopted();
    bench.service.usableAfter = 500;
    const issued = await made.issue("attempt-1");
    bench.pauses = [];
    const failure = await failureOf(made.rotator.verify(issued, soon()));
    expect(failure).toMatchObject({ code: "not-usable" });
    expect(failure.evidence).toContain("AADSTS7000215");
    const waited = bench.pauses.reduce((sum, pause) => sum + pause, 0);
    expect(waited).toBeGreaterThan(30);
    expect(waited).toBeLessThanOrEqual(45);
    bench.expectNoSecret(failure);
  });

  test("of an application that cannot sign in at all is told at once", async () => {
    const made = await bench.adopted();
    const issued = await made.issue("attempt-1");
    made.application.isEnabled = false;
    bench.service.calls.length = 0;
    expect(await failureOf(made.rotator.verify(issued, soon()))).toMatchObject({
      code: "application-disabled",
    });
    expect(bench.service.calls).toEqual(["token"]);
  });

  test("is proven with the scope of the document", async () => {
    const made = await bench.adopted({ provider: { scope: "api://orders/.default" } });
    const issued = await made.issue("attempt-1");
    expect(await failureOf(made.rotator.verify(issued, soon()))).toMatchObject({ code: "scope-unknown" });
    bench.service.resources.push("api://orders");
    await made.rotator.verify(issued, soon());
  });

  test("servers that are busy are waited for", async () => {
    const made = await bench.adopted();
    const issued = await made.issue("attempt-1");
    bench.service.faults.plan("token", "throttled", 2, 0);
    bench.service.faults.plan("token", "drop", 1, 0);
    bench.pauses = [];
    await made.rotator.verify(issued, soon());
    expect(bench.pauses.slice(0, 2)).toEqual([3, 3]);
  });
});
