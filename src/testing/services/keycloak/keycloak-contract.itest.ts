import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openKeycloakBench } from "../../suites/keycloak-bench.ts";
import { describeOverlapRotator } from "../../suites/rotator-suite.ts";
import { describeKeycloak } from "./describe-keycloak.ts";
import { keycloakServers } from "./every-server.ts";
import { createOrders, secretIn } from "./keycloak-orders.ts";
import type { KeycloakRealm, KeycloakServer } from "./keycloak-server.ts";

const PROMISES = { fencesEpochs: true, seesUse: false, seesRefusedUse: false, shortensOld: true };

describe.each(keycloakServers())("$name", ({ isReal, start }) => {
  let server: KeycloakServer;
  let shop: KeycloakRealm;
  let policed: KeycloakRealm;
  beforeAll(async () => {
    server = await start();
    shop = await server.addRealm("shop");
    policed = await server.addRealm("policed");
    await policed.policy({ expiration: 31_536_000, rotatedExpiration: 5_184_000 });
  }, 150_000);
  afterAll(async () => server?.close());

  describeKeycloak(() => ({ server, realm: shop }));

  // Hundreds of requests there show nothing that these do not.
  describeOverlapRotator(
    "keycloak-client",
    { ...PROMISES, ...(isReal ? { repetitions: 2 } : {}) },
    async () => openKeycloakBench(server, policed),
  );

  test.runIf(isReal)(
    "set up as the example says, a runner that sees no other client rotates this one",
    async () => {
      const { signal } = new AbortController();
      const [own, other] = [await createOrders(server, shop), await createOrders(server, shop)];
      await allowOne(shop, own.id);
      const rotator = await own.bind();
      const [version] = await rotator.observe(signal);
      if (version === undefined) throw new Error("a client without a secret");
      const mark = { rotation: "r1", attempt: "a0", epoch: 1 };
      await rotator.adopt(version, mark, signal);
      await rotator.preflight(signal);
      const issued = await rotator.issue?.({ ...mark, attempt: "a1", epoch: 2 }, [version], signal);
      expect(issued !== undefined && (await own.logIn(secretIn(issued.parts)))).toBe(true);
      await expect((await other.bind()).observe(signal)).rejects.toMatchObject({ code: "client-missing" });
      const realm = await shop.admin("PUT", "", { adminPermissionsEnabled: false });
      expect(realm.status).toBe(204);
      await shop.policy(undefined);
      await shop.grant(["manage-clients"]);
    },
  );
});

/** As the example tells administrators to do it. */
async function allowOne(realm: KeycloakRealm, id: string): Promise<void> {
  const example = (name: string, values: Readonly<Record<string, string>>): object => {
    const text = readFileSync(new URL(`../../../../examples/keycloak/${name}`, import.meta.url), "utf8");
    const filled = Object.entries(values).reduce((all, [key, value]) => all.replaceAll(key, value), text);
    return JSON.parse(filled) as object;
  };
  const idOf = async (path: string): Promise<string> => {
    const { body } = await realm.admin("GET", path);
    const [first] = Array.isArray(body) ? body : [body];
    return typeof first === "object" && first !== null && "id" in first ? String(first.id) : "";
  };
  for (const what of ["profiles", "policies"]) {
    const file = what === "profiles" ? "client-policy-profiles.json" : "client-policies.json";
    expect((await realm.admin("PUT", `/client-policies/${what}`, example(file, {}))).status).toBe(204);
  }
  await realm.grant(["query-clients"]);
  await realm.admin("PUT", "", { adminPermissionsEnabled: true });
  const permissions = `/clients/${await idOf("/clients?clientId=admin-permissions")}/authz/resource-server`;
  const runner = await idOf(`/clients?clientId=${realm.runner.clientId}`);
  const account = await idOf(`/clients/${runner}/service-account-user`);
  await realm.admin("POST", `${permissions}/policy/user`, example("policy.json", { RUNNER_USER: account }));
  const policy = await idOf(`${permissions}/policy?name=cre-runner`);
  const permission = example("permission.json", { CLIENT_UUID: id, POLICY_ID: policy });
  const made = await realm.admin("POST", `${permissions}/permission/scope`, permission);
  expect(made.status).toBe(201);
}
