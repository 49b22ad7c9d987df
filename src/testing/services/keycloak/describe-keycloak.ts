import { describe, expect, test } from "vitest";
import { createOrders, type KeycloakOrders, type ShownClient } from "./keycloak-orders.ts";
import type { KeycloakRealm, KeycloakServer } from "./keycloak-server.ts";

const ROTATED = "client.secret.rotated";
const ROTATED_SINCE = "client.secret.rotated.creation.time";
const ROTATED_END = "client.secret.rotated.expiration.time";
const END = "client.secret.expiration.time";
const NEW = "a-new-secret-that-somebody-made-themselves";
const seconds = (): number => Math.floor(Date.now() / 1000);

async function attribute(client: KeycloakOrders, name: string): Promise<string | undefined> {
  return (await client.show()).attributes[name];
}

/** The fields that no test of these changes. */
function plain(client: ShownClient): object {
  return Object.fromEntries(
    Object.entries(client).filter(([name]) => !/^(attributes|authorizationServicesEnabled)$/.test(name)),
  );
}

/** What of Keycloak's behaviour the rotator builds on. */
export function describeKeycloak(open: () => { server: KeycloakServer; realm: KeycloakRealm }): void {
  const orders = async (client: Readonly<Record<string, unknown>> = {}): Promise<KeycloakOrders> => {
    const { server, realm } = open();
    return createOrders(server, realm, { client });
  };
  const withPolicy = async (rotatedExpiration: number, act: () => Promise<void>): Promise<void> => {
    const { realm } = open();
    await realm.policy({ expiration: 31_536_000, rotatedExpiration });
    try {
      await act();
    } finally {
      await realm.policy(undefined);
    }
  };
  describe("a change of a client", () => {
    test("touches what it names; an empty attribute goes; authorization settings go unless they are named", async () => {
      const client = await orders({
        authorizationServicesEnabled: true,
        redirectUris: ["https://a.example/*"],
        attributes: { team: "payments", gone: "soon" },
      });
      const before = await client.show();
      const change = { attributes: { gone: "", mark: "ours" } };
      await client.put({ authorizationServicesEnabled: true, ...change });
      const after = await client.show();
      expect(plain(after)).toEqual(plain(before));
      expect(after.attributes).toMatchObject({ team: "payments", mark: "ours" });
      expect(after.attributes["gone"]).toBeUndefined();
      expect(after.authorizationServicesEnabled).toBe(true);
      await client.put(change);
      expect((await client.show()).authorizationServicesEnabled).not.toBe(true);
    });

    test("sets both secrets and their ends at once, and an end in the past is over, under a policy", async () => {
      const client = await orders();
      const { secret: former } = await client.show();
      const both = async (end: number) => {
        const rotated = { [ROTATED]: former, [ROTATED_SINCE]: String(seconds()), [ROTATED_END]: String(end) };
        await client.put({ secret: NEW, attributes: rotated });
        return [await client.logIn(NEW), await client.logIn(former)];
      };
      await withPolicy(600, async () => {
        expect(await both(seconds() + 600)).toEqual([true, true]);
        expect(await both(1)).toEqual([true, false]);
        expect(await attribute(client, ROTATED)).toBe(former);
        expect(await both(seconds() + 600)).toEqual([true, true]);
      });
      expect(await both(seconds() + 600)).toEqual([true, false]);
      expect(await attribute(client, ROTATED)).toBeUndefined();
    });

    test("of any kind takes the former secret away once the policy is gone", async () => {
      const client = await orders();
      const { secret: former } = await client.show();
      await withPolicy(600, async () => {
        await client.regenerate();
      });
      await client.put({ description: "nothing of importance" });
      expect(await client.logIn(former)).toBe(false);
      expect(await attribute(client, ROTATED)).toBeUndefined();
    });
  });

  describe("«Regenerate»", () => {
    test("ends the former secret at once where no policy is in force", async () => {
      const client = await orders();
      const { secret: former } = await client.show();
      const fresh = await client.regenerate();
      expect([await client.logIn(fresh), await client.logIn(former)]).toEqual([true, false]);
    });

    test("lets the former go on where one is, and twice loses the first", async () => {
      await withPolicy(600, async () => {
        const client = await orders();
        const { secret: first } = await client.show();
        const second = await client.regenerate();
        expect([await client.logIn(first), await client.logIn(second)]).toEqual([true, true]);
        const third = await client.regenerate();
        expect(await Promise.all([first, second, third].map(async (secret) => client.logIn(secret)))).toEqual(
          [false, true, true],
        );
      });
    });
  });

  describe("under a policy", () => {
    test("a client gets an end, and a change that takes it away is answered with a new one", async () => {
      await withPolicy(600, async () => {
        const client = await orders();
        expect(Number(await attribute(client, END))).toBeGreaterThan(seconds() + 31_000_000);
        await client.put({ secret: NEW, attributes: { [END]: "" } });
        expect((await client.show()).secret).toBe(NEW);
        expect(Number(await attribute(client, END))).toBeGreaterThan(seconds() + 31_000_000);
      });
    });

    test("a change that finds or leaves the current secret over makes Keycloak replace it by itself", async () => {
      await withPolicy(600, async () => {
        const client = await orders();
        const { secret: former } = await client.show();
        await client.put({ attributes: { [END]: "100" } });
        const { secret, attributes } = await client.show();
        expect(secret).not.toBe(former);
        expect(attributes[ROTATED]).toBe(former);
      });
    });
  });

  test("a client without a service account gets no token, and may ask about others' with its secret alone", async () => {
    const { realm } = open();
    const client = await orders({ serviceAccountsEnabled: false });
    const { secret } = await client.show();
    const login = { client_id: client.clientId, client_secret: secret };
    const ask = async (form: Readonly<Record<string, string>>) => {
      const { status, body } = await realm.post("token/introspect", { token: "none", ...form });
      return { status, body };
    };
    expect((await realm.post("token", { grant_type: "client_credentials", ...login })).status).toBe(401);
    expect(await ask(login)).toEqual({ status: 200, body: { active: false } });
    expect((await ask({ ...login, client_secret: "another" })).status).toBe(401);
  });

  test("what is not there and who may not are told by the status and a word", async () => {
    const { server, realm } = open();
    const client = await orders();
    expect(await realm.admin("GET", "/clients?clientId=nobody")).toEqual({ status: 200, body: [] });
    expect(await realm.admin("PUT", "/clients/nobody", {})).toEqual({
      status: 404,
      body: { error: "Could not find client" },
    });
    expect((await realm.admin("GET", "/nowhere")).status).toBe(404);
    const bare = await fetch(`${server.url}/admin/realms/${realm.name}/clients`);
    expect(bare.status).toBe(401);
    const rotator = await client.bind();
    const { signal } = new AbortController();
    await realm.grant(["query-clients"]);
    await expect(rotator.observe(signal)).rejects.toMatchObject({ code: "client-missing" });
    await realm.grant(["view-clients"]);
    await expect((await client.bind()).preflight(signal)).rejects.toMatchObject({
      code: "permission-missing",
    });
    await realm.grant(["manage-clients"]);
    await (await client.bind()).preflight(signal);
    await realm.grant(["manage-clients", "view-realm"]);
    await expect((await client.bind()).preflight(signal)).rejects.toMatchObject({ code: "rotation-off" });
    await realm.grant(["manage-clients"]);
  });

  test("the policy is read by who may view the realm, and only then compared", async () => {
    const { realm } = open();
    const { signal } = new AbortController();
    await withPolicy(172_800, async () => {
      const client = await orders();
      await (await client.bind()).preflight(signal);
      await realm.grant(["manage-clients", "view-realm"]);
      const compared = (await client.bind()).preflight(signal);
      await expect(compared).rejects.toMatchObject({ code: "old-lives-too-long" });
      await realm.grant(["manage-clients"]);
    });
  });

  test("«not before» is kept", async () => {
    const client = await orders();
    await client.put({ notBefore: 1_700_000_000 });
    expect((await client.show()).notBefore).toBe(1_700_000_000);
  });
}
