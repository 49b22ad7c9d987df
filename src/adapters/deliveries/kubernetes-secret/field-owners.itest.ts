import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { kubernetesServers } from "../../../testing/services/kubernetes/every-server.ts";
import type { KubernetesServer } from "../../../testing/services/kubernetes/kubernetes-server.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import {
  type KubernetesBench,
  openKubernetesBench,
  PENDING,
  TARGET,
} from "../../../testing/suites/kubernetes-bench.ts";
import {
  consignmentOf,
  partsOf,
  passwordOf,
  type StagingDelivery,
} from "../../../testing/suites/sample-consignment.ts";

const { signal } = new AbortController();
const OLD = { PGUSER: "orders_z", PGPASSWORD: "old" };
const CLEAR = { metadata: { managedFields: [{}] } };

describe.each(kubernetesServers())("who owns what the delivery writes, on $name", ({ start }) => {
  let server: KubernetesServer;
  let bench: KubernetesBench;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => server.close());
  beforeEach(async () => {
    bench = await openKubernetesBench(server);
  });
  afterEach(async () => bench.close());

  const deliver = async (attempt: string, delivery: StagingDelivery = bench.delivery) => {
    await delivery.preflight(signal);
    await delivery.stage(consignmentOf(attempt), partsOf(attempt), signal);
    await delivery.promote(consignmentOf(attempt), signal);
  };
  const refusal = async (delivery: StagingDelivery = bench.delivery) => failureOf(delivery.preflight(signal));

  test("what a person made once with kubectl is taken over, and keys of others stay", async () => {
    await bench.hand.createSecret(TARGET, { ...OLD, OTHER: "stays" });
    await deliver("a1");
    expect(await bench.hand.values(TARGET)).toEqual({
      PGUSER: "orders_a",
      PGPASSWORD: passwordOf("a1"),
      OTHER: "stays",
    });
    await bench.hand.edit(TARGET, { data: { MORE: "eA==" }, metadata: { annotations: { note: "hello" } } });
    await deliver("a2");
    expect(await bench.hand.values(TARGET)).toMatchObject({
      OTHER: "stays",
      MORE: "x",
      PGPASSWORD: passwordOf("a2"),
    });
  });

  test.each([
    ["kubectl-client-side-apply", {}],
    ["argocd-controller", {}],
    ["helm", {}],
    ["external-secrets", {}],
    ["a-pipeline", {}],
    ["kubectl-create", { annotations: { "argocd.argoproj.io/tracking-id": "shop:/Secret:orders" } }],
    ["kubectl-create", { annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" } }],
    ["kubectl-create", { labels: { "kustomize.toolkit.fluxcd.io/name": "shop" } }],
    ["kubectl-create", { annotations: { "meta.helm.sh/release-name": "shop" } }],
  ])(
    "%s with %o writes it again, so it is refused by name before anything is done",
    async (manager, marks) => {
      await bench.hand.createSecret(TARGET, OLD, { metadata: marks }, manager);
      const failure = await refusal();
      expect(failure).toMatchObject({ outcome: "refused", code: "kubernetes-field-owner", retryable: false });
      expect(failure.describe()).toContain(manager);
      expect(failure.message).toContain("PGUSER, PGPASSWORD");
      await bench.delivery.stage(consignmentOf("a1"), partsOf("a1"), signal);
      expect(await failureOf(bench.delivery.promote(consignmentOf("a1"), signal))).toMatchObject({
        outcome: "refused",
        code: "kubernetes-field-owner",
      });
      expect(await bench.hand.values(TARGET)).toEqual(OLD);
    },
  );

  test("who applies a key on the server's side is refused by name, also by stringData, which the API does not see", async () => {
    await bench.hand.apply(TARGET, { PGPASSWORD: "old" }, "externalsecrets.external-secrets.io/orders");
    expect((await refusal()).message).toContain("externalsecrets.external-secrets.io/orders");
    await bench.hand.send("DELETE", `secrets/${TARGET}`);
    await bench.hand.apply(TARGET, {}, "kubectl", { stringData: { PGUSER: "old" } });
    expect((await refusal()).message).toContain("the field manager kubectl writes PGUSER");
  });

  test("who applies is no one-time hand, whatever it calls itself", async () => {
    await bench.hand.apply(TARGET, { PGPASSWORD: "old" }, "kubectl-edit");
    expect(await refusal()).toMatchObject({ code: "kubernetes-field-owner" });
  });

  test("who applies the very value that is there shares the key: it is current, and the next attempt is refused", async () => {
    await deliver("a1");
    await bench.hand.apply(TARGET, { PGPASSWORD: passwordOf("a1") }, "argocd-controller");
    expect(await bench.delivery.holds(signal)).toEqual({ current: "a1" });
    expect((await refusal()).message).toContain("argocd-controller writes PGPASSWORD");
  });

  test("a key that another manager owns beside ours is no matter", async () => {
    await bench.hand.apply(TARGET, { OTHER: "x" }, "argocd-controller");
    await deliver("a1");
    await deliver("a2");
    expect(await bench.hand.values(TARGET)).toMatchObject({ OTHER: "x", PGPASSWORD: passwordOf("a2") });
  });

  test("the handing over that the message names makes it ours", async () => {
    await bench.hand.createSecret(TARGET, OLD, {}, "kubectl-client-side-apply");
    const { fix = "" } = await refusal();
    const [, patch = ""] = /-p '(.+)'$/.exec(fix) ?? [];
    expect(fix).toContain(`kubectl patch secret ${TARGET} -n ${bench.namespace} --type=merge -p `);
    expect(JSON.parse(patch)).toEqual(CLEAR);
    // `as`: the JSON object of the command.
    await bench.hand.edit(TARGET, JSON.parse(patch) as object, "kubectl-patch");
    await deliver("a1");
    expect(await bench.inUse()).toBe(passwordOf("a1"));
    await deliver("a2");
    expect(await bench.delivery.holds(signal)).toEqual({ current: "a2" });
  });

  test("our key changed by hand is seen: it holds our attempt no more, and the next one is refused until it is handed over", async () => {
    await deliver("a1");
    await bench.hand.edit(TARGET, { data: { PGPASSWORD: "aGFuZA==" } });
    expect(await bench.delivery.holds(signal)).toEqual({});
    const failure = await refusal();
    expect(failure).toMatchObject({
      code: "kubernetes-changed-by-hand",
      outcome: "refused",
      retryable: false,
    });
    expect(failure.describe()).toMatch(
      /changed PGPASSWORD since[^]*manager kubectl-edit, operation Update, last at 20/,
    );
    await bench.hand.edit(TARGET, CLEAR, "kubectl-patch");
    await deliver("a2");
    expect(await bench.inUse()).toBe(passwordOf("a2"));
  });

  test("our key changed by hand between stage and promote keeps the hand's value, and what is staged waits", async () => {
    await deliver("a1");
    await bench.delivery.stage(consignmentOf("a2"), partsOf("a2"), signal);
    await bench.hand.edit(TARGET, { data: { PGPASSWORD: "aGFuZA==", MINE: "eA==" } });
    const failure = await failureOf(bench.delivery.promote(consignmentOf("a2"), signal));
    expect(failure).toMatchObject({ code: "kubernetes-changed-by-hand", outcome: "refused" });
    expect(await bench.inUse()).toBe("hand");
    expect(await bench.delivery.holds(signal)).toEqual({ pending: "a2" });
    await bench.hand.edit(TARGET, CLEAR, "kubectl-patch");
    await bench.delivery.promote(consignmentOf("a2"), signal);
    expect(await bench.hand.values(TARGET)).toEqual({
      PGUSER: "orders_a",
      PGPASSWORD: passwordOf("a2"),
      MINE: "x",
    });
  });

  test("another's key added between stage and promote, even in the middle of it, stays", async () => {
    await deliver("a1");
    await bench.delivery.stage(consignmentOf("a2"), partsOf("a2"), signal);
    let times = 0;
    bench.front.onRequest = async ({ method, path }) => {
      if (method !== "PATCH" || !path.endsWith(`/${TARGET}`) || times > 1) return undefined;
      times += 1;
      await bench.hand.edit(TARGET, { data: { [`N${times}`]: "eA==" } });
      return undefined;
    };
    await bench.delivery.promote(consignmentOf("a2"), signal);
    expect(await bench.hand.values(TARGET)).toMatchObject({ N1: "x", N2: "x", PGPASSWORD: passwordOf("a2") });
  });

  test("a target that is deleted and made anew in the middle of a promote is read again", async () => {
    await bench.hand.createSecret(TARGET, { ...OLD, OTHER: "first" });
    await bench.delivery.stage(consignmentOf("a1"), partsOf("a1"), signal);
    let isDone = false;
    bench.front.onRequest = async ({ method, path }) => {
      if (method !== "PATCH" || !path.endsWith(`/${TARGET}`) || isDone) return undefined;
      isDone = true;
      await bench.hand.send("DELETE", `secrets/${TARGET}`);
      await bench.hand.createSecret(TARGET, { OTHER: "second" });
      return undefined;
    };
    await bench.delivery.promote(consignmentOf("a1"), signal);
    expect(await bench.hand.values(TARGET)).toEqual({
      PGUSER: "orders_a",
      PGPASSWORD: passwordOf("a1"),
      OTHER: "second",
    });
  });

  test("a target that another makes with our key just before the first promotion keeps the other's value", async () => {
    await bench.delivery.stage(consignmentOf("a1"), partsOf("a1"), signal);
    bench.front.onRequest = async ({ method, path }) => {
      if (method === "PATCH" && path.endsWith(`/${TARGET}`)) {
        await bench.hand.apply(TARGET, { PGPASSWORD: "theirs" }, "argocd-controller");
      }
      return undefined;
    };
    const failure = await failureOf(bench.delivery.promote(consignmentOf("a1"), signal));
    expect(failure).toMatchObject({ outcome: "refused", code: "kubernetes-field-conflict" });
    expect(failure.message).toContain("argocd-controller writes");
    expect(await bench.inUse()).toBe("theirs");
  });

  test("nothing is forced on a target that is ours, so that the API itself would tell a conflict", async () => {
    await deliver("a1");
    await deliver("a2");
    const applies = bench.front.requests.filter(
      ({ method, path }) => method === "PATCH" && path.endsWith(`/${TARGET}`),
    );
    expect(applies.map(({ query }) => query.get("force"))).toEqual(["false", "false", "false", "false"]);
  });

  test("a Secret that changes all the time is given up, with nothing written", async () => {
    await deliver("a1");
    await bench.delivery.stage(consignmentOf("a2"), partsOf("a2"), signal);
    let times = 0;
    bench.front.onRequest = async ({ method }) => {
      if (method !== "PATCH") return undefined;
      times += 1;
      await bench.hand.edit(TARGET, { data: { N: Buffer.from(String(times)).toString("base64") } });
      return undefined;
    };
    expect(await failureOf(bench.delivery.promote(consignmentOf("a2"), signal))).toMatchObject({
      outcome: "refused",
      code: "kubernetes-conflict",
      retryable: true,
    });
    expect(await bench.inUse()).toBe(passwordOf("a1"));
  });

  test("two credentials share one Secret, and one key of it is refused by the other's name", async () => {
    const other = await bench.bind({ credential: "orders-key", values: { API_KEY: "{password}" } });
    await deliver("a1");
    await deliver("k1", other);
    await deliver("a2");
    expect(await bench.hand.values(TARGET)).toEqual({
      PGUSER: "orders_a",
      PGPASSWORD: passwordOf("a2"),
      API_KEY: passwordOf("k1"),
    });
    expect(await other.holds(signal)).toEqual({ current: "k1" });
    const clash = await bench.bind({
      credential: "orders-key",
      values: { API_KEY: "{password}", PGUSER: "x" },
    });
    expect((await refusal(clash)).fix).toContain("the credential orders-db delivers into the same key");
  });

  test("a key that the document names no more goes away with the next promotion", async () => {
    await deliver("a1");
    const shorter = await bench.bind({ values: { PGPASSWORD: "{password}" } });
    expect(await shorter.holds(signal)).toEqual({ current: "a1" });
    await deliver("a2", shorter);
    expect(await bench.hand.values(TARGET)).toEqual({ PGPASSWORD: passwordOf("a2") });
  });

  test("a key that somebody removes, or that the document names anew, is not held, and comes with the next attempt", async () => {
    await deliver("a1");
    await bench.hand.edit(TARGET, { data: { PGPASSWORD: null } });
    expect(await bench.delivery.holds(signal)).toEqual({});
    await deliver("a2");
    expect(await bench.inUse()).toBe(passwordOf("a2"));
    const longer = await bench.bind({
      values: { PGUSER: "{username}", PGPASSWORD: "{password}", NAME: "{username}" },
    });
    expect(await longer.holds(signal)).toEqual({});
    await deliver("a3", longer);
    expect(await longer.holds(signal)).toEqual({ current: "a3" });
    expect(await bench.hand.values(TARGET)).toMatchObject({ NAME: "orders_a" });
  });

  test("two runners that promote at the same time do not cross", async () => {
    await deliver("a1");
    const second = await bench.bind();
    await bench.delivery.stage(consignmentOf("a2"), partsOf("a2"), signal);
    let isDone = false;
    bench.front.onRequest = async ({ method, path }) => {
      if (method !== "PATCH" || !path.endsWith(`/${TARGET}`) || isDone) return undefined;
      isDone = true;
      await second.promote(consignmentOf("a2"), signal);
      await second.stage(consignmentOf("a3"), partsOf("a3"), signal);
      await second.promote(consignmentOf("a3"), signal);
      return undefined;
    };
    expect(await failureOf(bench.delivery.promote(consignmentOf("a2"), signal))).toMatchObject({
      outcome: "refused",
      code: "kubernetes-not-staged",
    });
    expect(await bench.inUse()).toBe(passwordOf("a3"));
  });

  test.each(["promote", "abort"] as const)(
    "what another run stages while a %s drops the staged version is spared",
    async (step) => {
      const second = await bench.bind();
      await bench.delivery.stage(consignmentOf("a1"), partsOf("a1"), signal);
      let isDone = false;
      bench.front.onRequest = async ({ method }) => {
        if (method !== "DELETE" || isDone) return undefined;
        isDone = true;
        await second.stage(consignmentOf("a2"), partsOf("a2"), signal);
        return undefined;
      };
      await bench.delivery[step](consignmentOf("a1"), signal);
      expect(isDone).toBe(true);
      expect(await bench.delivery.holds(signal)).toEqual(
        step === "promote" ? { current: "a1", pending: "a2" } : { pending: "a2" },
      );
    },
  );

  test.each([
    ["immutable", { immutable: true }, "kubernetes-immutable", "kubectl delete secret orders"],
    ["of Helm's own type", { type: "helm.sh/release.v1" }, "kubernetes-type", "Helm, for its releases"],
    [
      "owned by an ExternalSecret",
      {
        metadata: {
          ownerReferences: [
            {
              apiVersion: "external-secrets.io/v1",
              kind: "ExternalSecret",
              name: "orders",
              uid: "00000000-0000-4000-8000-000000000000",
            },
          ],
        },
      },
      "kubernetes-owned",
      "ExternalSecret orders",
    ],
    [
      "owned by a controller that nobody knows",
      {
        metadata: {
          ownerReferences: [
            {
              apiVersion: "example.com/v1",
              kind: "Vaultling",
              name: "v",
              uid: "00000000-0000-4000-8000-000000000000",
              controller: true,
            },
          ],
        },
      },
      "kubernetes-owned",
      "Vaultling v",
    ],
  ])("a target that is %s is refused before anything is done", async (_, more, code, said) => {
    await bench.hand.createSecret(TARGET, { OTHER: "x" }, more);
    const failure = await refusal();
    expect(failure).toMatchObject({ outcome: "refused", code, retryable: false });
    expect(failure.describe()).toContain(said);
    expect(await bench.hand.secret(PENDING)).toBeUndefined();
  });

  test("a target that is being deleted is refused for now", async () => {
    await bench.hand.createSecret(TARGET, { OTHER: "x" }, { metadata: { finalizers: ["example.com/keep"] } });
    await bench.hand.send("DELETE", `secrets/${TARGET}`);
    expect(await refusal()).toMatchObject({
      outcome: "refused",
      code: "kubernetes-deleting",
      retryable: true,
    });
  });

  test("a Secret of another that has the name of the pending one is left alone", async () => {
    await bench.hand.createSecret(PENDING, { PRECIOUS: "x" });
    expect(await refusal()).toMatchObject({ code: "kubernetes-pending-foreign", retryable: false });
    expect(await failureOf(bench.delivery.stage(consignmentOf("a1"), partsOf("a1"), signal))).toMatchObject({
      outcome: "refused",
      code: "kubernetes-pending-foreign",
    });
    await bench.delivery.abort(consignmentOf("a1"), signal);
    expect(await bench.hand.values(PENDING)).toEqual({ PRECIOUS: "x" });
  });

  test("a certificate makes a Secret of its type, and a Secret of a type keeps it", async () => {
    const tls = await bench.bind({ values: { "tls.crt": "{username}", "tls.key": "{password}" } });
    await deliver("a1", tls);
    expect((await bench.hand.secret(TARGET))?.["type"]).toBe("kubernetes.io/tls");
    await deliver("a2", tls);
    expect((await bench.hand.secret(TARGET))?.["type"]).toBe("kubernetes.io/tls");
    const registry = await bench.bind({
      name: "registry",
      values: { ".dockerconfigjson": '{"auths":{"r":{"auth":"{username}"}}}' },
    });
    await bench.hand.createSecret(
      "registry",
      { ".dockerconfigjson": "{}" },
      { type: "kubernetes.io/dockerconfigjson" },
    );
    await deliver("a1", registry);
    expect(await bench.hand.values("registry")).toEqual({
      ".dockerconfigjson": '{"auths":{"r":{"auth":"orders_a"}}}',
    });
  });
});
