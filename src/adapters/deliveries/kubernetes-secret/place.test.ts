import { describe, expect, test } from "vitest";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError } from "../../../core/model/errors.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import { kubernetesSecretDelivery } from "./delivery.ts";
import { placeOf } from "./place.ts";

const SPEC = { connection: "shop-cluster", namespace: "shop", name: "orders", values: { PW: "{password}" } };

async function bind(
  entry: DeliverEntry,
  server = "https://api.example.com:6443/k8s/",
  deliver: readonly DeliverEntry[] = [entry],
): Promise<string> {
  const bound = await kubernetesSecretDelivery.bind(
    "orders-db",
    // `as`: the delivery takes nothing else from it.
    { deliver } as CredentialSpec,
    entry,
    {
      clock: { now: () => instantOf(0) },
      secrets: { read: async () => new Secret("t"), present: () => true },
      connection: (name) =>
        name === "shop-cluster"
          ? { kubernetes: { server, token: { env: "KUBE_TOKEN" } } }
          : { webhook: { url: server, key: { id: "k", secret: { env: "K" } } } },
      readFile: () => "",
      pause: async () => undefined,
      paths: [],
      commands: {},
    },
  );
  return bound.label;
}

describe("the place of a delivery", () => {
  test("a new version waits in a Secret whose name no other target or credential has", () => {
    const pending = (credential: string, name: string) => placeOf(credential, { ...SPEC, name }).pendingName;
    expect(pending("orders-db", "orders")).toBe("orders.orders-db.cre-pending");
    const names = [
      pending("b-c", "a"),
      pending("c", "a-b"),
      pending("c", "a.b"),
      pending("b", "a.c"),
      pending("a", "a.b.cre-pending"),
      pending("b", "a"),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  test.each([
    ["namespace", { namespace: "../kube-system" }],
    ["namespace", { namespace: "Shop" }],
    ["namespace", { namespace: "a.b" }],
    ["Secret", { name: "orders/../x" }],
    ["Secret", { name: "orders?x" }],
    ["Secret", { name: "-orders" }],
    ["Secret", { name: "a..b" }],
    ["key of a Secret", { values: { "a/b": "x" } }],
    ["key of a Secret", { values: { "..": "x" } }],
    ["key of a Secret", { values: { "..a": "x" } }],
  ])("a name that no %s has is refused: %o", (what, part) => {
    expect(() => placeOf("orders-db", { ...SPEC, ...part })).toThrow(`is no name of a ${what}`);
  });

  test.each([
    ["orders-db", "a".repeat(250)],
    ["ends-in-", "orders"],
  ])("a pending Secret of %s that no name is left for is refused", (credential, name) => {
    expect(() => placeOf(credential, { ...SPEC, name })).toThrow("no Secret can have this name");
  });

  test.each(["job/x", "deployment", "deployment/", "deployment/A", "deployment/a/b", "Deployment/a"])(
    "%s names no workload that can be restarted",
    (text) => {
      expect(() => placeOf("orders-db", { ...SPEC, restart: [text] })).toThrow("names no workload");
    },
  );
});

describe("binding", () => {
  test("the label names the target and the server, and what the entry needs is known without a network", async () => {
    const entry = { "kubernetes-secret": SPEC };
    expect(await bind(entry)).toBe("kubernetes-secret shop/orders (https://api.example.com:6443)");
    expect(kubernetesSecretDelivery.connections(entry)).toEqual(["shop-cluster"]);
    expect(kubernetesSecretDelivery.connections({ "env-file": { path: "/x", values: {} } })).toEqual([]);
    expect(kubernetesSecretDelivery.stages(entry)).toBe(true);
  });

  test("one Secret takes one entry of a credential, two Secrets two", async () => {
    const entry = { "kubernetes-secret": SPEC };
    const again = { "kubernetes-secret": { ...SPEC, values: { USER: "{username}" } } };
    await expect(bind(entry, undefined, [entry, again])).rejects.toThrow("one Secret by two entries");
    const other = { "kubernetes-secret": { ...SPEC, namespace: "shop-2" } };
    const file = { "env-file": { path: "/x", values: {} } };
    expect(await bind(entry, undefined, [file, entry, other, file])).toContain("shop/orders");
  });

  test("a connection of another kind is refused by its name", async () => {
    const entry = { "kubernetes-secret": { ...SPEC, connection: "orders-hook" } };
    await expect(bind(entry)).rejects.toThrow("orders-hook, which is no kubernetes connection");
  });

  test.each(["https://user:canary@api/", "https://api/?token=canary", "https://api/#x", "nothing"])(
    "%s is no server, and is not shown",
    async (server) => {
      const error: unknown = await bind({ "kubernetes-secret": SPEC }, server).catch(
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(CreError);
      expect(error).toMatchObject({ code: "kubernetes-server" });
      expect(String(error)).not.toContain("canary");
    },
  );
});
