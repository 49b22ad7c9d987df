import { randomUUID } from "node:crypto";
import { createKubernetesSecretDelivery } from "../../adapters/deliveries/kubernetes-secret/delivery.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import { type ClusterHand, clusterHand } from "../services/kubernetes/cluster-hand.ts";
import { type Front, startFront } from "../services/kubernetes/front.ts";
import type { KubernetesServer } from "../services/kubernetes/kubernetes-server.ts";
import type { PolicyRule } from "../services/kubernetes/permissions.ts";
import type { Breakdown, DeliveryBench } from "./delivery-suite.ts";
import { type StagingDelivery, staging } from "./sample-consignment.ts";

/** Names of examples/kubernetes/rbac.yaml. */
export const TARGET = "orders";
export const PENDING = "orders.orders-db.cre-pending";
const VALUES = { PGUSER: "{username}", PGPASSWORD: "{password}" } as const;

export interface KubernetesBench extends DeliveryBench {
  readonly delivery: StagingDelivery;
  readonly front: Front;
  readonly namespace: string;
  /** Somebody else in the namespace. */
  readonly hand: ClusterHand;
  /** What happens while the delivery waits; each wait moves its clock on. */
  onPause: () => Promise<void>;
  /** The delivery of another credential into the same Secret, or of this one by another document. */
  bind(options?: BindOptions): Promise<StagingDelivery>;
}

export interface BindOptions {
  readonly credential?: string;
  readonly name?: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly restart?: readonly string[];
  readonly token?: string;
  readonly server?: string;
  readonly ca?: string;
  readonly requestSeconds?: number;
}

/** What the delivery of the bench needs; `create` of the target, too. */
const RIGHTS: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["secrets"], verbs: ["get", "create", "patch", "delete"] },
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets"], verbs: ["get", "patch"] },
];

/** A namespace of its own on the server, the product's delivery bound to it, and a proxy between the two. */
export async function openKubernetesBench(
  server: KubernetesServer,
  options: BindOptions & { readonly rights?: readonly PolicyRule[]; readonly path?: string } = {},
): Promise<KubernetesBench> {
  const namespace = `shop-${randomUUID().slice(0, 8)}`;
  await server.addNamespace(namespace);
  await server.allow(namespace, options.rights ?? RIGHTS);
  const front = await startFront(server, options.path);
  const hand = clusterHand(server, namespace);
  let seconds = 1_790_000_000;
  const bind = async (given: BindOptions = {}): Promise<StagingDelivery> => {
    const { credential = "orders-db", name = TARGET, values = VALUES, restart, requestSeconds = 20 } = given;
    const { token = server.tokens.runner, server: url = front.url, ca = front.ca } = given;
    const bound = await createKubernetesSecretDelivery({ requestSeconds, rolloutSeconds: 10 }).bind(
      credential,
      // `as`: the delivery takes nothing from it.
      {} as CredentialSpec,
      {
        "kubernetes-secret": {
          connection: "shop-cluster",
          namespace,
          name,
          values,
          ...(restart === undefined ? {} : { restart: [...restart] }),
        },
        consumer: "orders-api",
      },
      {
        clock: { now: () => instantOf(seconds) },
        secrets: { read: async () => new Secret(token), present: () => true },
        connection: () => ({
          kubernetes: { server: url, ca: "certs/cluster.pem", token: { env: "KUBE_TOKEN" } },
        }),
        readFile: () => ca,
        paths: [],
        commands: {},
        pause: async (pause) => {
          seconds += pause;
          await bench.onPause();
        },
      },
    );
    return staging(bound);
  };
  const bench: KubernetesBench = {
    front,
    namespace,
    hand,
    onPause: async () => undefined,
    bind,
    delivery: await bind(options),
    inUse: async () => (await hand.values(TARGET))?.["PGPASSWORD"],
    breakDown: async (how: Breakdown) => {
      // Whatever answers shows all that it was sent.
      front.onRequest = ({ body, headers }) => ({
        kind: "answer",
        status: how === "refuses" ? 422 : 500,
        body: statusBody(how === "refuses" ? 422 : 500, "Invalid", `${body} ${JSON.stringify(headers)}`),
      });
    },
    close: async () => front.close(),
  };
  return bench;
}

/** A `Status` of the API. */
export function statusBody(code: number, reason: string, message: string, details: object = {}): string {
  return JSON.stringify({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    details,
    code,
  });
}
