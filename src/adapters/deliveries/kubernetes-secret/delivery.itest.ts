import { afterAll, beforeAll, describe } from "vitest";
import { kubernetesServers } from "../../../testing/services/kubernetes/every-server.ts";
import type { KubernetesServer } from "../../../testing/services/kubernetes/kubernetes-server.ts";
import { describeStagingDelivery } from "../../../testing/suites/delivery-suite.ts";
import { openKubernetesBench } from "../../../testing/suites/kubernetes-bench.ts";

describe.each(kubernetesServers())("on $name", ({ start }) => {
  let server: KubernetesServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => server.close());

  describeStagingDelivery("kubernetes-secret", async () => openKubernetesBench(server));
});
