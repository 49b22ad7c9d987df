import { loadAll } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterHand } from "../../../testing/services/kubernetes/cluster-hand.ts";
import { kubernetesServers } from "../../../testing/services/kubernetes/every-server.ts";
import { type Front, startFront } from "../../../testing/services/kubernetes/front.ts";
import type { KubernetesServer } from "../../../testing/services/kubernetes/kubernetes-server.ts";
import type { PolicyRule } from "../../../testing/services/kubernetes/permissions.ts";
import {
  connectionText,
  credentialText,
  discoveryPorts,
  exampleText,
  lookAt,
  problemsOf,
} from "../../../testing/suites/discovery-bench.ts";
import { type DiscoveryBench, describeDiscoverySource } from "../../../testing/suites/discovery-suite.ts";
import { createKubernetesSource } from "./source.ts";

const KEY = "canary-private-key";
const NAMES = ["ingress", "mail", "shop"];
const RIGHTS = rightsOf(exampleText("examples/discovery/kubernetes-rbac.yaml"));

function rightsOf(text: string): readonly PolicyRule[] {
  const documents: unknown[] = loadAll(text);
  return documents.flatMap((document) =>
    typeof document === "object" && document !== null && "rules" in document
      ? // `as`: a Role of this repository.
        (document.rules as readonly PolicyRule[])
      : [],
  );
}

async function seed(server: KubernetesServer): Promise<void> {
  await server.addNamespace("shop");
  await server.allow("shop", RIGHTS);
  const hand = clusterHand(server, "shop");
  for (const name of NAMES) {
    const metadata = {
      metadata: {
        name,
        annotations: {
          "cert-manager.io/issuer-name": "letsencrypt",
          "cert-manager.io/alt-names": `${name}.example.com`,
        },
        labels: { "app.kubernetes.io/part-of": "webshop" },
      },
    };
    await hand.createSecret(
      name,
      { "tls.crt": "certificate", "tls.key": KEY },
      { type: "kubernetes.io/tls", ...metadata },
    );
  }
  await hand.createSecret("passwords", { password: KEY });
}

function parts(server: KubernetesServer, url: string, ca: string, page: number) {
  const { ports } = discoveryPorts({
    policies: connectionText("cluster", `kubernetes: { server: "${url}", ca: ca.pem, token: { env: KUBE } }`),
    registry: credentialText(
      "shop-cert",
      "api-key",
      `  deliver: [ { kubernetes-secret: { connection: cluster, namespace: shop, name: shop, values: { key: "{value}" } } } ]`,
    ),
    secrets: { KUBE: server.tokens.runner },
    files: { "ca.pem": ca },
  });
  return createKubernetesSource(page).open({ connection: "cluster", namespaces: ["shop"] }, ports);
}

describe.each(kubernetesServers())("Secrets of $name", ({ start }) => {
  let server: KubernetesServer;
  let front: Front;
  beforeAll(async () => {
    server = await start();
    await seed(server);
    front = await startFront(server);
  });
  afterAll(async () => {
    await front?.close();
    await server?.close();
  });
  const open = async (page = 250) => {
    const [part] = await parts(server, front.url, front.ca, page);
    if (part === undefined) throw new Error("no part");
    return part;
  };
  const placeOf = (name: string): string => `${new URL(front.url).host}/shop/${name}`;

  describeDiscoverySource("kubernetes", async (): Promise<DiscoveryBench> => {
    const hand = clusterHand(server, "shop");
    return {
      open: async () => open(2),
      handles: NAMES.map(placeOf),
      sighted: ["identity of shop-cert"],
      covered: [],
      secrets: [KEY, Buffer.from(KEY).toString("base64"), server.tokens.runner],
      steps: 2,
      state: async () => Promise.all(NAMES.map(async (name) => hand.secret(name))),
      breakDown: async () => {
        front.onRequest = ({ query }) =>
          query.has("continue") ? { kind: "answer", status: 429, body: "{}" } : undefined;
        return /takes no more requests/;
      },
      mend: async () => {
        front.onRequest = () => undefined;
      },
      close: async () => undefined,
    };
  });

  test("are shown by their metadata, and nothing else is ever asked for", async () => {
    front.requests.splice(0);
    const { sightings } = await lookAt(await open());
    expect(sightings.find(({ handle }) => handle === placeOf("shop"))).toMatchObject({
      kind: "kubernetes-tls",
      identity: "identity of shop-cert",
      createdAt: expect.stringMatching(/Z$/),
      detail: { issuer: "letsencrypt", names: "shop.example.com" },
      ownerHints: [{ source: "label app.kubernetes.io/part-of", text: "webshop" }],
    });
    expect(front.requests.map(({ method }) => method)).toEqual(["GET"]);
    expect(front.requests.map(({ headers }) => headers["accept"])).toEqual([
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    ]);
  });

  test("that a token may not list are told with the right that is missing", async () => {
    await server.allow("shop", []);
    const looked = await lookAt(await open());
    await server.allow("shop", RIGHTS);
    expect(looked).toMatchObject({ sightings: [], end: { complete: false } });
    expect(problemsOf(looked)).toContain("resources [secrets], verbs [list]");
  });

  test("whose list the API has forgotten are looked at from the beginning", async () => {
    const gone = JSON.stringify({ kind: "Status", status: "Failure", reason: "Expired", code: 410 });
    front.onRequest = ({ query }) =>
      query.has("continue") ? { kind: "answer", status: 410, body: gone } : undefined;
    const { end } = await lookAt(await open(2));
    front.onRequest = () => undefined;
    expect(end).toMatchObject({ complete: false, problems: [expect.stringContaining("410")] });
    expect(end.cursor).toBeUndefined();
  });

  test("that go on for ever are left off", async () => {
    const items = [{ metadata: { name: "one" } }];
    front.onRequest = ({ query }) => ({
      kind: "answer",
      status: 200,
      body: JSON.stringify({
        kind: "PartialObjectMetadataList",
        metadata: { continue: `${query.get("continue") ?? ""}x` },
        items,
      }),
    });
    front.requests.splice(0);
    const { end } = await lookAt(await open());
    front.onRequest = () => undefined;
    expect(end).toMatchObject({ complete: false, problems: [expect.stringContaining("pages")] });
    expect(front.requests.length).toBeLessThan(100);
  });
});
