import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ClusterHand, clusterHand, type SendOptions } from "./cluster-hand.ts";
import { kubernetesServers } from "./every-server.ts";
import { isObject, type Json } from "./field-sets.ts";
import type { KubernetesServer } from "./kubernetes-server.ts";

const APPLY = "application/apply-patch+yaml";
const STRATEGIC = "application/strategic-merge-patch+json";
const MERGE = "application/merge-patch+json";
const ONLY_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** What the delivery relies on, asked of every API server that there is: the stand-in may not differ from the real one. */
describe.each(kubernetesServers())("the Kubernetes API of $name", ({ start }) => {
  let server: KubernetesServer;
  let namespace: string;
  let hand: ClusterHand;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => server.close());
  beforeEach(async () => {
    namespace = `shop-${randomUUID().slice(0, 8)}`;
    await server.addNamespace(namespace);
    hand = clusterHand(server, namespace);
  });

  const apply = async (name: string, body: object, manager: string, more: SendOptions["query"] = {}) =>
    hand.send(
      "PATCH",
      `secrets/${name}`,
      { apiVersion: "v1", kind: "Secret", ...body },
      {
        manager,
        contentType: APPLY,
        query: more,
      },
    );
  const asRunner = async (method: "GET" | "PATCH" | "DELETE" | "POST", path: string, body?: object) =>
    hand.send(method, path, body, {
      token: server.tokens.runner,
      ...(method === "PATCH" ? { manager: "cre-a", contentType: APPLY } : {}),
    });

  test("each manager owns the fields that it wrote, and applying takes away what it applies no more", async () => {
    await hand.createSecret("t", { k: "x", z: "x" });
    const forced = await apply(
      "t",
      {
        metadata: { name: "t", annotations: { "attempt.cre.dev/a": "1" } },
        type: "Opaque",
        data: { k: "eQ==" },
      },
      "cre-a",
      { force: "true" },
    );
    expect(owners(forced)).toEqual({
      "cre-a Apply": ["data.k", "metadata.annotations.attempt.cre.dev/a", "type"],
      "kubectl-create Update": ["data.z", "type"],
    });
    expect(owners(await hand.edit("t", { data: { k: "eg==" } }))).toEqual({
      "cre-a Apply": ["metadata.annotations.attempt.cre.dev/a", "type"],
      "kubectl-create Update": ["data.z", "type"],
      "kubectl-edit Update": ["data.k"],
    });
    const other = await apply("t", { metadata: { name: "t" }, data: { k2: "eQ==" } }, "cre-a");
    expect(owners(other)).toEqual({
      "cre-a Apply": ["data.k2"],
      "kubectl-create Update": ["data.z", "type"],
      "kubectl-edit Update": ["data.k"],
    });
    expect(other["data"]).toEqual({ k: "eg==", k2: "eQ==", z: "eA==" });
    expect(annotations(other)).toEqual({});
    expect((await apply("t", { metadata: { name: "t" }, data: { k3: "eQ==" } }, "cre-a"))["data"]).toEqual({
      k: "eg==",
      k3: "eQ==",
      z: "eA==",
    });
  });

  test("a list of Secrets of one type goes page by page, and can be had without their content", async () => {
    for (const name of ["a", "b", "c"]) {
      await hand.createSecret(name, { "tls.crt": "x", "tls.key": "x" }, { type: "kubernetes.io/tls" });
    }
    await hand.createSecret("other", { k: "x" });
    const list = async (query: SendOptions["query"] = {}) =>
      hand.send("GET", "secrets", undefined, {
        accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        query: { fieldSelector: "type=kubernetes.io/tls", limit: "2", ...query },
      });
    const first = await list();
    expect(first).toMatchObject({ kind: "PartialObjectMetadataList", httpStatus: 200 });
    expect(JSON.stringify(first)).not.toContain('tls.key":"');
    const next = String(metadata(first)["continue"]);
    expect(namesOf(first)).toEqual(["a", "b"]);
    const last = await list({ continue: next });
    expect(namesOf(last)).toEqual(["c"]);
    expect(metadata(last)["continue"] ?? "").toBe("");
    await server.allow(namespace, []);
    expect(await asRunner("GET", "secrets")).toMatchObject({ httpStatus: 403, reason: "Forbidden" });
    await server.allow(namespace, [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }]);
    expect(await asRunner("GET", "secrets")).toMatchObject({ httpStatus: 200, kind: "SecretList" });
    expect(await asRunner("GET", "secrets/a")).toMatchObject({ httpStatus: 403 });
  });

  test("applying another value of a field that others own is a conflict that names them; the same value is shared", async () => {
    await hand.createSecret("t", { k: "x" });
    const refused = await apply("t", { metadata: { name: "t" }, data: { k: "eQ==" } }, "cre-a", {
      force: "false",
    });
    expect(refused).toMatchObject({
      httpStatus: 409,
      kind: "Status",
      reason: "Conflict",
      details: { causes: [{ reason: "FieldManagerConflict", field: ".data.k" }] },
    });
    expect(causes(refused)[0]?.["message"]).toMatch(/^conflict with "kubectl-create"/);
    const shared = await apply("t", { metadata: { name: "t" }, data: { k: "eA==" } }, "cre-a");
    expect(owners(shared)).toEqual({
      "cre-a Apply": ["data.k"],
      "kubectl-create Update": ["data.k", "type"],
    });
  });

  test("two managers of one Secret keep their own keys", async () => {
    await apply("t", { metadata: { name: "t" }, data: { a: "eA==" } }, "cre-a");
    await apply("t", { metadata: { name: "t" }, data: { b: "eA==" } }, "cre-b");
    const after = await apply("t", { metadata: { name: "t" }, data: { a: "eQ==" } }, "cre-a");
    expect(after["data"]).toEqual({ a: "eQ==", b: "eA==" });
    expect(after["type"]).toBe("Opaque");
  });

  test("applying what is there already makes no new version", async () => {
    const first = await apply("t", { metadata: { name: "t" }, data: { a: "eA==" } }, "cre-a");
    const again = await apply("t", { metadata: { name: "t" }, data: { a: "eA==" } }, "cre-a");
    expect(metadata(again)["resourceVersion"]).toBe(metadata(first)["resourceVersion"]);
  });

  test("cleared ownership leaves nobody, and what was there is then said to be of before the first apply", async () => {
    await hand.createSecret("t", { k: "x" });
    const cleared = await hand.edit("t", { metadata: { managedFields: [{}] } }, "kubectl-patch");
    expect(owners(cleared)).toEqual({});
    expect(owners(await hand.edit("t", { data: { n: "eA==" } }))).toEqual({});
    const refused = await apply("t", { metadata: { name: "t" }, data: { k: "eQ==" } }, "cre-a");
    expect(causes(refused)[0]?.["message"]).toMatch(/^conflict with "before-first-apply"/);
    const forced = await apply("t", { metadata: { name: "t" }, data: { k: "eQ==" } }, "cre-a", {
      force: "true",
    });
    expect(owners(forced)).toEqual({
      "before-first-apply Update": ["data.n", "type"],
      "cre-a Apply": ["data.k"],
    });
  });

  test("stringData that is applied is owned under its own name, so that it conflicts with nobody", async () => {
    const applied = await apply("t", { metadata: { name: "t" }, stringData: { k: "x" } }, "other");
    expect(owners(applied)).toEqual({ "other Apply": ["stringData.k"] });
    expect(applied["data"]).toEqual({ k: "eA==" });
    const over = await apply("t", { metadata: { name: "t" }, data: { k: "eQ==" } }, "cre-a");
    expect(over["httpStatus"]).toBe(200);
  });

  test("an apply to another version than the newest is refused, one to an object that is gone makes it", async () => {
    const { resourceVersion } = metadata(await hand.createSecret("t", { k: "x" }));
    const about = async (version: unknown, name = "t") =>
      apply(name, { metadata: { name, resourceVersion: version }, data: { n: "eA==" } }, "cre-a");
    expect(await about("1")).toMatchObject({ httpStatus: 409, reason: "Conflict" });
    expect((await hand.secret("t"))?.["data"]).toEqual({ k: "eA==" });
    expect((await about(resourceVersion))["httpStatus"]).toBe(200);
    expect(await about(resourceVersion)).toMatchObject({ httpStatus: 409, reason: "Conflict" });
    expect(await about(resourceVersion, "gone")).toMatchObject({ httpStatus: 201, data: { n: "eA==" } });
  });

  test("a dry run answers as if it were meant, and keeps nothing", async () => {
    const tried = await apply("t", { metadata: { name: "t" }, data: { k: "eA==" } }, "cre-a", {
      dryRun: "All",
    });
    expect(tried).toMatchObject({ httpStatus: 201, kind: "Secret", data: { k: "eA==" } });
    expect(metadata(tried)).toHaveProperty("uid");
    expect(await hand.secret("t")).toBeUndefined();
    await hand.createSecret("t", { k: "x" });
    expect(await hand.send("DELETE", "secrets/t", undefined, { query: { dryRun: "All" } })).toMatchObject({
      httpStatus: 200,
    });
    expect(await hand.secret("t")).toBeDefined();
  });

  test("a deletion spares another object of the name, and another version", async () => {
    const { uid, resourceVersion } = metadata(await hand.createSecret("t", { k: "x" }));
    const remove = async (preconditions: object) =>
      hand.send("DELETE", "secrets/t", { kind: "DeleteOptions", apiVersion: "v1", preconditions });
    expect(await remove({ uid: randomUUID() })).toMatchObject({ httpStatus: 409, reason: "Conflict" });
    expect(await remove({ uid, resourceVersion: "1" })).toMatchObject({
      httpStatus: 409,
      reason: "Conflict",
    });
    expect(await remove({ uid, resourceVersion })).toMatchObject({
      httpStatus: 200,
      kind: "Status",
      status: "Success",
    });
    expect(await remove({ uid })).toMatchObject({
      httpStatus: 404,
      kind: "Status",
      reason: "NotFound",
      details: { kind: "secrets" },
    });
  });

  test.each([
    ["a key that is none", { data: { "k k": "eA==" } }, /^data\[k k\]$/],
    [
      "a type without its keys",
      { type: "kubernetes.io/tls", data: { k: "eA==" } },
      /^data\[tls\.(crt|key)\]$/,
    ],
    ["more than a Secret holds", { data: { k: "A".repeat(1_500_000) } }, /^data$/],
  ])("%s is invalid, and the field is named", async (_, body, field) => {
    const refused = await apply("t", { metadata: { name: "t" }, ...body }, "cre-a");
    expect(refused).toMatchObject({ httpStatus: 422, reason: "Invalid" });
    for (const cause of causes(refused)) expect(cause["field"]).toMatch(field);
  });

  test("an immutable Secret takes no value, and a Secret keeps its type", async () => {
    await hand.createSecret("im", { k: "x" }, { immutable: true });
    const refused = await apply("im", { metadata: { name: "im" }, data: { n: "eA==" } }, "cre-a");
    expect(refused).toMatchObject({ httpStatus: 422, details: { causes: [{ field: "data" }] } });
    await hand.createSecret("t", { k: "x" });
    const retyped = await apply("t", { metadata: { name: "t" }, type: "example.com/x" }, "cre-a", {
      force: "true",
    });
    expect(retyped).toMatchObject({ httpStatus: 422, details: { causes: [{ field: "type" }] } });
  });

  test("an unknown field and a value that is no base64 are refused with an answer that may quote them", async () => {
    expect(await apply("t", { metadata: { name: "t" }, dota: {} }, "cre-a")).toMatchObject({
      httpStatus: 500,
    });
    expect(await apply("t", { metadata: { name: "t" }, data: { k: "x!" } }, "cre-a")).toMatchObject({
      httpStatus: 500,
    });
  });

  test("nothing is made in a namespace that is not there, and the answer is about the namespace", async () => {
    const elsewhere = clusterHand(server, "no-such-namespace");
    expect(await elsewhere.apply("t", { k: "x" }, "cre-a")).toMatchObject({
      httpStatus: 404,
      details: { kind: "namespaces" },
    });
    expect(await elsewhere.send("GET", "secrets/t")).toMatchObject({
      httpStatus: 404,
      details: { kind: "secrets" },
    });
  });

  test("rights are by name, also the right to create by applying, but not the one to create by posting", async () => {
    const rule = { apiGroups: [""], resources: ["secrets"], resourceNames: ["mine"] };
    const secret = (name: string) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name },
      data: { k: "eA==" },
    });
    await server.allow(namespace, [{ ...rule, verbs: ["get", "patch"] }]);
    expect(await asRunner("PATCH", "secrets/mine", secret("mine"))).toMatchObject({
      httpStatus: 403,
      reason: "Forbidden",
      message: expect.stringContaining('cannot create resource "secrets"'),
    });
    await server.allow(namespace, [{ ...rule, verbs: ["get", "patch", "create"] }]);
    expect((await asRunner("PATCH", "secrets/mine", secret("mine")))["httpStatus"]).toBe(201);
    expect((await asRunner("GET", "secrets/mine"))["httpStatus"]).toBe(200);
    expect(await asRunner("PATCH", "secrets/other", secret("other"))).toMatchObject({
      httpStatus: 403,
      message: expect.stringContaining('cannot patch resource "secrets"'),
    });
    expect(await asRunner("POST", "secrets", secret("mine"))).toMatchObject({ httpStatus: 403 });
    expect(await asRunner("DELETE", "secrets/mine")).toMatchObject({
      httpStatus: 403,
      message: expect.stringContaining('cannot delete resource "secrets"'),
    });
    expect(await asRunner("GET", "deployments/d")).toMatchObject({ httpStatus: 403 });
  });

  test("an unknown token is unauthorized", async () => {
    const { httpStatus } = await hand.send("GET", "secrets/t", undefined, { token: "somebody" });
    expect(httpStatus).toBe(401);
  });

  test("only the metadata comes where only that is asked for, also of an apply", async () => {
    await hand.createSecret("t", { k: "x" });
    const options = { accept: ONLY_METADATA };
    const read = await hand.send("GET", "secrets/t", undefined, options);
    const applied = await hand.send(
      "PATCH",
      "secrets/t",
      { apiVersion: "v1", kind: "Secret", metadata: { name: "t" }, data: { n: "eA==" } },
      { ...options, contentType: APPLY, manager: "cre-a" },
    );
    for (const answer of [read, applied]) {
      expect(Object.keys(answer).toSorted()).toEqual(["apiVersion", "httpStatus", "kind", "metadata"]);
      expect(answer["kind"]).toBe("PartialObjectMetadata");
    }
    expect(await hand.send("DELETE", "secrets/t", undefined, options)).toMatchObject({ kind: "Status" });
  });

  test.each(["deployments", "statefulsets", "daemonsets"] as const)(
    "a new annotation on the template of %s is a new generation, the same one is none, a report is none",
    async (kind) => {
      await hand.createWorkload(kind, "w");
      const patch = async (value: string) =>
        hand.send(
          "PATCH",
          `${kind}/w`,
          { spec: { template: { metadata: { annotations: { "restarted.cre.dev/a": value } } } } },
          { manager: "cre-a", contentType: STRATEGIC },
        );
      const first = await patch("a1");
      expect(metadata(first)["generation"]).toBe(2);
      expect(metadata(await patch("a1"))).toMatchObject({
        generation: 2,
        resourceVersion: metadata(first)["resourceVersion"],
      });
      const report =
        kind === "daemonsets"
          ? {
              observedGeneration: 2,
              currentNumberScheduled: 1,
              numberMisscheduled: 0,
              desiredNumberScheduled: 1,
              numberReady: 1,
            }
          : { observedGeneration: 2, replicas: 2 };
      const reported = await hand.send(
        "PATCH",
        `${kind}/w/status`,
        { status: report },
        { contentType: MERGE },
      );
      expect(metadata(reported)["generation"]).toBe(2);
      expect(reported["status"]).toMatchObject(report);
      expect(metadata(await patch("a2"))["generation"]).toBe(3);
      expect(await hand.send("PATCH", `${kind}/none`, {}, { contentType: STRATEGIC })).toMatchObject({
        httpStatus: 404,
        details: { kind },
      });
    },
  );
});

function namesOf(list: Json): readonly unknown[] {
  const items = Array.isArray(list["items"]) ? list["items"].filter(isObject) : [];
  return items.map((item) => metadata(item)["name"]);
}

function metadata(object: Json): Json {
  return isObject(object["metadata"]) ? object["metadata"] : {};
}

function annotations(object: Json): unknown {
  return metadata(object)["annotations"] ?? {};
}

function causes(status: Json): Json[] {
  const details = isObject(status["details"]) ? status["details"] : {};
  return Array.isArray(details["causes"]) ? details["causes"].filter(isObject) : [];
}

/** Managers with the fields that they own. */
function owners(object: Json): Record<string, string[]> {
  const entries = metadata(object)["managedFields"];
  const list = Array.isArray(entries) ? entries.filter(isObject) : [];
  return Object.fromEntries(
    list
      .map((entry): [string, string[]] => [
        `${String(entry["manager"])} ${String(entry["operation"])}`,
        fields(entry["fieldsV1"]).toSorted(),
      ])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function fields(set: unknown, prefix = ""): string[] {
  if (!isObject(set)) return [];
  return Object.entries(set).flatMap(([key, inner]) => {
    // That a map itself is owned says nothing about its keys.
    if (!key.startsWith("f:")) return [];
    const path = `${prefix}${key.slice(2)}`;
    const below = fields(inner, `${path}.`);
    return below.length === 0 ? [path] : below;
  });
}
