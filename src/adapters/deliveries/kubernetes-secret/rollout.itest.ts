import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WorkloadPlural } from "../../../testing/services/kubernetes/cluster-hand.ts";
import { kubernetesServers } from "../../../testing/services/kubernetes/every-server.ts";
import type { Json } from "../../../testing/services/kubernetes/field-sets.ts";
import type { KubernetesServer } from "../../../testing/services/kubernetes/kubernetes-server.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import { type KubernetesBench, openKubernetesBench } from "../../../testing/suites/kubernetes-bench.ts";
import {
  consignmentOf,
  partsOf,
  passwordOf,
  type StagingDelivery,
} from "../../../testing/suites/sample-consignment.ts";

const { signal } = new AbortController();
const MARK = "restarted.cre.dev/orders-db";
const PLURALS = { deployment: "deployments", statefulset: "statefulsets", daemonset: "daemonsets" } as const;

/** What the controllers report after the change with this generation: nothing new yet, half of it, all of it. */
const STEPS: Readonly<Record<WorkloadPlural, readonly ((generation: number) => Json)[]>> = {
  deployments: [
    (observedGeneration) => ({
      observedGeneration,
      replicas: 3,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 2,
    }),
    (observedGeneration) => ({
      observedGeneration,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 1,
      availableReplicas: 1,
    }),
    (observedGeneration) => ({
      observedGeneration,
      replicas: 3,
      updatedReplicas: 2,
      readyReplicas: 3,
      availableReplicas: 3,
    }),
    (observedGeneration) => ({
      observedGeneration,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    }),
  ],
  statefulsets: [
    (observedGeneration) => ({
      observedGeneration,
      replicas: 2,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 2,
      currentRevision: "r1",
      updateRevision: "r2",
    }),
    (observedGeneration) => ({
      observedGeneration,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 1,
      availableReplicas: 1,
      currentRevision: "r1",
      updateRevision: "r2",
    }),
    (observedGeneration) => ({
      observedGeneration,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      currentRevision: "r1",
      updateRevision: "r2",
    }),
    (observedGeneration) => ({
      observedGeneration,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      currentRevision: "r2",
      updateRevision: "r2",
    }),
  ],
  daemonsets: [
    (observedGeneration) => ({
      observedGeneration,
      currentNumberScheduled: 2,
      numberMisscheduled: 0,
      desiredNumberScheduled: 2,
      numberReady: 2,
      updatedNumberScheduled: 1,
      numberAvailable: 2,
    }),
    (observedGeneration) => ({
      observedGeneration,
      currentNumberScheduled: 2,
      numberMisscheduled: 0,
      desiredNumberScheduled: 2,
      numberReady: 1,
      updatedNumberScheduled: 2,
      numberAvailable: 1,
    }),
    (observedGeneration) => ({
      observedGeneration,
      currentNumberScheduled: 2,
      numberMisscheduled: 0,
      desiredNumberScheduled: 2,
      numberReady: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
    }),
  ],
};

describe.each(kubernetesServers())("restarts after a promotion, on $name", ({ start }) => {
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

  const generationOf = async (kind: WorkloadPlural, name: string): Promise<number> => {
    const { metadata } = (await bench.hand.workload(kind, name)) as { metadata: { generation: number } };
    return metadata.generation;
  };
  const report = async (kind: WorkloadPlural, name: string, step = -1) =>
    bench.hand.report(kind, name, STEPS[kind].at(step)?.(await generationOf(kind, name)) ?? {});
  const staged = async (delivery: StagingDelivery, attempt: string) => {
    await delivery.preflight(signal);
    await delivery.stage(consignmentOf(attempt), partsOf(attempt), signal);
  };
  const restarts = () =>
    bench.front.requests.filter(
      ({ method, path, query }) => method === "PATCH" && path.includes("/apps/") && !query.has("dryRun"),
    );

  test.each(["deployment", "statefulset", "daemonset"] as const)(
    "a %s is restarted once, and the promotion ends when all its pods are new and available",
    async (kind) => {
      const plural = PLURALS[kind];
      await bench.hand.createWorkload(plural, "app");
      await report(plural, "app");
      const delivery = await bench.bind({ restart: [`${kind}/app`] });
      await staged(delivery, "a1");
      expect(await generationOf(plural, "app")).toBe(1);
      let pauses = 0;
      bench.onPause = async () => {
        expect(await bench.inUse()).toBe(passwordOf("a1"));
        expect(await delivery.holds(signal)).toEqual({ pending: "a1" });
        await report(plural, "app", pauses);
        pauses += 1;
      };
      await delivery.promote(consignmentOf("a1"), signal);
      // The first look is at what was reported of the generation before.
      expect(pauses).toBe(STEPS[plural].length);
      expect(await generationOf(plural, "app")).toBe(2);
      expect(JSON.stringify((await bench.hand.workload(plural, "app"))["spec"])).toContain(`"${MARK}":"a1"`);
      expect(await delivery.holds(signal)).toEqual({ current: "a1" });
      await delivery.promote(consignmentOf("a1"), signal);
      expect(await generationOf(plural, "app")).toBe(2);
      expect(restarts()).toHaveLength(1);
    },
  );

  test("a rollout that does not end is unknown and says what it waits for; the next promote waits without a restart", async () => {
    await bench.hand.createWorkload("deployments", "app");
    await report("deployments", "app");
    const delivery = await bench.bind({ restart: ["deployment/app"] });
    await staged(delivery, "a1");
    bench.onPause = async () => {
      await bench.hand.report("deployments", "app", {
        observedGeneration: 2,
        replicas: 3,
        updatedReplicas: 1,
        readyReplicas: 2,
        availableReplicas: 2,
        conditions: [
          { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "fine" },
          {
            type: "Progressing",
            status: "False",
            reason: "ProgressDeadlineExceeded",
            message: 'ReplicaSet "app-1" has timed out progressing.',
          },
        ],
      });
    };
    const failure = await failureOf(delivery.promote(consignmentOf("a1"), signal));
    expect(failure).toMatchObject({
      outcome: "unknown",
      code: "kubernetes-rollout-unfinished",
      retryable: true,
      underWay: true,
    });
    expect(failure.message).toContain("deployment/app is not rolled out yet");
    expect(failure.evidence).toBe(
      '1 of 2 pods are updated; Progressing ProgressDeadlineExceeded ReplicaSet "app-1" has timed out progressing.',
    );
    expect(await delivery.holds(signal)).toEqual({ pending: "a1" });
    expect((await failureOf(delivery.abort(consignmentOf("a1"), signal))).outcome).toBe("refused");
    expect((await failureOf(delivery.promote(consignmentOf("a1"), signal))).outcome).toBe("unknown");
    await report("deployments", "app");
    await delivery.promote(consignmentOf("a1"), signal);
    expect(await delivery.holds(signal)).toEqual({ current: "a1" });
    expect(restarts()).toHaveLength(1);
  });

  test("a promotion that was cut off anywhere is finished by the next one, with one restart", async () => {
    await bench.hand.createWorkload("deployments", "app");
    await report("deployments", "app");
    const delivery = await bench.bind({ restart: ["deployment/app"] });
    bench.onPause = async () => void (await report("deployments", "app"));
    await staged(delivery, "a0");
    await delivery.promote(consignmentOf("a0"), signal);
    // GET target, GET pending, PATCH target, GET and PATCH workload, GET workload twice, GET and DELETE pending.
    for (let at = 0; at < 9; at += 1) {
      const attempt = `b${at}`;
      await staged(delivery, attempt);
      bench.front.requests.length = 0;
      let count = 0;
      bench.front.onRequest = () => {
        count += 1;
        return count === at + 1 ? { kind: "lost" } : undefined;
      };
      const generation = await generationOf("deployments", "app");
      const failure = await failureOf(delivery.promote(consignmentOf(attempt), signal));
      expect([at, failure.outcome]).toEqual([at, at < 2 ? "refused" : "unknown"]);
      await delivery.promote(consignmentOf(attempt), signal);
      expect(await delivery.holds(signal)).toEqual({ current: attempt });
      expect(await bench.inUse()).toBe(passwordOf(attempt));
      expect(await generationOf("deployments", "app")).toBe(generation + 1);
    }
  });

  test("several workloads are restarted together, each once", async () => {
    await bench.hand.createWorkload("deployments", "api");
    await bench.hand.createWorkload("daemonsets", "agent");
    const delivery = await bench.bind({ restart: ["deployment/api", "daemonset/agent"] });
    await staged(delivery, "a1");
    let pauses = 0;
    bench.onPause = async () => {
      pauses += 1;
      if (pauses === 1) await report("daemonsets", "agent");
      if (pauses === 2) await report("deployments", "api");
    };
    await delivery.promote(consignmentOf("a1"), signal);
    expect(pauses).toBe(2);
    expect(restarts().map(({ path }) => path.split("/").at(-1))).toEqual(["api", "agent"]);
  });

  test("somebody who takes the mark of the restart away is seen, and the next promote restarts", async () => {
    await bench.hand.createWorkload("deployments", "app");
    const delivery = await bench.bind({ restart: ["deployment/app"] });
    await staged(delivery, "a1");
    let isTaken = false;
    bench.onPause = async () => {
      if (!isTaken) {
        await bench.hand.send(
          "PATCH",
          "deployments/app",
          { spec: { template: { metadata: { annotations: null } } } },
          { contentType: "application/merge-patch+json" },
        );
      }
      isTaken = true;
      await report("deployments", "app");
    };
    // Waiting for it in the same run would restart again and again, where two do not agree about the template.
    expect(await failureOf(delivery.promote(consignmentOf("a1"), signal))).toMatchObject({
      evidence: expect.stringContaining("took the mark"),
      underWay: false,
    });
    await delivery.promote(consignmentOf("a1"), signal);
    expect(restarts()).toHaveLength(2);
  });

  test.each([
    ["deployment", { paused: true }, "is paused"],
    ["statefulset", { updateStrategy: { type: "OnDelete" } }, "OnDelete"],
    ["daemonset", { updateStrategy: { type: "OnDelete" } }, "OnDelete"],
    [
      "statefulset",
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
      "partition",
    ],
  ] as const)(
    "a %s with %o would keep old pods, so it is refused before anything is done",
    async (kind, spec, said) => {
      await bench.hand.createWorkload(PLURALS[kind], "app", spec);
      const delivery = await bench.bind({ restart: [`${kind}/app`] });
      const failure = await failureOf(delivery.preflight(signal));
      expect(failure).toMatchObject({ outcome: "refused", code: "kubernetes-rollout", retryable: false });
      expect(failure.message).toContain(said);
      expect(await generationOf(PLURALS[kind], "app")).toBe(1);
    },
  );

  test("a workload that is not there is refused before anything is done", async () => {
    const delivery = await bench.bind({ restart: ["deployment/none"] });
    const failure = await failureOf(delivery.preflight(signal));
    expect(failure).toMatchObject({ outcome: "refused", code: "kubernetes-absent", retryable: false });
    expect(failure.message).toContain("there is no deployment");
  });

  test("a workload without replicas has nothing to wait for", async () => {
    await bench.hand.createWorkload("deployments", "app", { replicas: 0 });
    const delivery = await bench.bind({ restart: ["deployment/app"] });
    await staged(delivery, "a1");
    bench.onPause = async () =>
      void (await bench.hand.report("deployments", "app", { observedGeneration: 2 }));
    await delivery.promote(consignmentOf("a1"), signal);
    expect(await delivery.holds(signal)).toEqual({ current: "a1" });
  });

  test("an interruption while it waits is unknown, and says where it stands", async () => {
    await bench.hand.createWorkload("deployments", "app");
    const delivery = await bench.bind({ restart: ["deployment/app"] });
    await staged(delivery, "a1");
    const interruption = new AbortController();
    bench.onPause = async () => interruption.abort();
    const failure = await failureOf(delivery.promote(consignmentOf("a1"), interruption.signal));
    expect(failure).toMatchObject({ outcome: "unknown", code: "kubernetes-rollout-unfinished" });
    expect(failure.message).toContain("deployment/app");
    expect(await delivery.holds(signal)).toEqual({ pending: "a1" });
  });

  test("the Secret is applied and the restart is refused: unknown, and the next promote goes on from there", async () => {
    await bench.hand.createWorkload("deployments", "app");
    const delivery = await bench.bind({ restart: ["deployment/app"] });
    await staged(delivery, "a1");
    await server.allow(bench.namespace, [
      { apiGroups: [""], resources: ["secrets"], verbs: ["get", "create", "patch", "delete"] },
      { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] },
    ]);
    const failure = await failureOf(delivery.promote(consignmentOf("a1"), signal));
    expect(failure).toMatchObject({ outcome: "unknown", code: "kubernetes-forbidden", retryable: false });
    expect(failure.fix).toContain("resources [deployments], resourceNames [app], verbs [patch]");
    expect(await bench.inUse()).toBe(passwordOf("a1"));
    await server.allow(bench.namespace, [
      { apiGroups: [""], resources: ["secrets"], verbs: ["get", "create", "patch", "delete"] },
      { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "patch"] },
    ]);
    bench.onPause = async () => void (await report("deployments", "app"));
    await delivery.promote(consignmentOf("a1"), signal);
    expect(await delivery.holds(signal)).toEqual({ current: "a1" });
  });
});
