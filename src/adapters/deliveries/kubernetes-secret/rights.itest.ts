import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { kubernetesServers } from "../../../testing/services/kubernetes/every-server.ts";
import type { KubernetesServer } from "../../../testing/services/kubernetes/kubernetes-server.ts";
import type { PolicyRule } from "../../../testing/services/kubernetes/permissions.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import { openKubernetesBench, TARGET } from "../../../testing/suites/kubernetes-bench.ts";
import { consignmentOf, partsOf, passwordOf } from "../../../testing/suites/sample-consignment.ts";

const { signal } = new AbortController();
const RULES = exampleRules();

/** Every right of the example by itself: its rule, and the verb in it. */
const RIGHTS = RULES.flatMap((rule, at) =>
  rule.verbs.map((verb) => ({ at, verb, object: rule.resourceNames?.[0] ?? "" })),
);

describe.each(kubernetesServers())("the rights of examples/kubernetes/rbac.yaml, on $name", ({ start }) => {
  let server: KubernetesServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => server.close());

  const open = async (rights: readonly PolicyRule[]) => {
    const bench = await openKubernetesBench(server, { rights, restart: ["deployment/orders-api"] });
    await bench.hand.createWorkload("deployments", "orders-api");
    bench.onPause = async () => {
      const { metadata } = (await bench.hand.workload("deployments", "orders-api")) as {
        metadata: { generation: number };
      };
      const { generation: observedGeneration } = metadata;
      await bench.hand.report("deployments", "orders-api", {
        observedGeneration,
        replicas: 2,
        updatedReplicas: 2,
        readyReplicas: 2,
        availableReplicas: 2,
      });
    };
    return bench;
  };

  test("they are enough for everything that a delivery does", async () => {
    const bench = await open(RULES);
    for (const attempt of ["a1", "a2"]) {
      await bench.delivery.preflight(signal);
      await bench.delivery.stage(consignmentOf(`${attempt}x`), partsOf(`${attempt}x`), signal);
      await bench.delivery.abort(consignmentOf(`${attempt}x`), signal);
      await bench.delivery.stage(consignmentOf(attempt), partsOf(attempt), signal);
      await bench.delivery.promote(consignmentOf(attempt), signal);
      expect(await bench.delivery.holds(signal)).toEqual({ current: attempt });
      expect(await bench.inUse()).toBe(passwordOf(attempt));
    }
    await bench.close();
  });

  test("without any one of them the preflight is refused, and names the right", async () => {
    for (const { at, verb, object } of RIGHTS) {
      const without = RULES.map((rule, index) =>
        index === at ? { ...rule, verbs: rule.verbs.filter((other) => other !== verb) } : rule,
      ).filter(({ verbs }) => verbs.length > 0);
      const bench = await open(without);
      const failure = await failureOf(bench.delivery.preflight(signal));
      expect([verb, object, failure.outcome, failure.code, failure.retryable]).toEqual([
        verb,
        object,
        "refused",
        "kubernetes-forbidden",
        false,
      ]);
      expect(failure.message).toContain(`may not ${verb}`);
      expect(failure.message).toContain(`${bench.namespace}/${object}`);
      expect(failure.fix).toContain(`resourceNames [${object}], verbs [${verb}]`);
      expect(await bench.hand.secret(TARGET)).toBeUndefined();
      await bench.close();
    }
    expect(RIGHTS).toHaveLength(9);
  });

  test("a target that is there needs no right to create it", async () => {
    const bench = await open(
      RULES.map((rule, index) => (index === 0 ? { ...rule, verbs: ["get", "patch"] } : rule)),
    );
    await bench.hand.createSecret(TARGET, { PGPASSWORD: "old" });
    await bench.delivery.preflight(signal);
    await bench.delivery.stage(consignmentOf("a1"), partsOf("a1"), signal);
    await bench.delivery.promote(consignmentOf("a1"), signal);
    expect(await bench.inUse()).toBe(passwordOf("a1"));
    await bench.close();
  });

  test("a right that is taken away while a version is staged leaves it staged, and what is in use in use", async () => {
    const bench = await open(RULES);
    await bench.delivery.stage(consignmentOf("a1"), partsOf("a1"), signal);
    await server.allow(
      bench.namespace,
      RULES.map((rule, index) => (index === 0 ? { ...rule, verbs: ["get"] } : rule)),
    );
    expect(await failureOf(bench.delivery.promote(consignmentOf("a1"), signal))).toMatchObject({
      outcome: "refused",
      code: "kubernetes-forbidden",
      retryable: false,
    });
    expect(await bench.delivery.holds(signal)).toEqual({ pending: "a1" });
    expect(await bench.inUse()).toBeUndefined();
    await server.allow(bench.namespace, RULES.slice(1));
    expect(await bench.delivery.holds(signal)).toBe("unknown");
    await bench.close();
  });
});

function exampleRules(): readonly PolicyRule[] {
  const text = readFileSync(new URL("../../../../examples/kubernetes/rbac.yaml", import.meta.url), "utf8");
  for (const document of parseAllDocuments(text)) {
    // `as`: only read where it says that it is a Role.
    const found = document.toJS() as { kind: string; rules: readonly PolicyRule[] };
    if (found.kind === "Role") return found.rules;
  }
  throw new Error("the example has no Role");
}
