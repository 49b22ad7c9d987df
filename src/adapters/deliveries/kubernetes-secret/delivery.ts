import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { BoundDelivery, Delivery, DeliveryPorts } from "../../../core/ports/delivery.ts";
import { createApiClient } from "../../clients/kubernetes/api-client.ts";
import { placeOf } from "./place.ts";
import { preflight } from "./preflight.ts";
import type { Site } from "./secrets.ts";
import { abort, held, promote, stage } from "./staging.ts";

/** How long one request may take, and how long `promote` waits for new pods within its own limit of 60 s. */
export interface KubernetesLimits {
  readonly requestSeconds: number;
  readonly rolloutSeconds: number;
}

const LIMITS: KubernetesLimits = { requestSeconds: 15, rolloutSeconds: 40 };

/**
 * The `kubernetes-secret` delivery: keys of one Secret, by server-side apply. A new version waits in a Secret of its
 * own and is promoted from there, so that any later run can promote it without the secret. The annotation of the
 * target names the attempt it holds; whether an application has read it, it cannot say.
 */
export const kubernetesSecretDelivery: Delivery = createKubernetesSecretDelivery(LIMITS);

/** The delivery with other limits. */
export function createKubernetesSecretDelivery(limits: KubernetesLimits): Delivery {
  return {
    kind: "kubernetes-secret",
    connections: (entry) => {
      const spec = entry["kubernetes-secret"];
      return spec === undefined ? [] : [spec.connection];
    },
    stages: () => true,
    bind: async (name, credential, entry, ports) => {
      refuseTwice(name, credential.deliver ?? [], entry);
      return bindKubernetesSecret(name, entry, ports, limits);
    },
  };
}

/** Two entries for one Secret would take each other's keys away, being one field manager. */
function refuseTwice(credential: string, entries: readonly DeliverEntry[], entry: DeliverEntry): void {
  const spec = entry["kubernetes-secret"];
  const same = entries.filter(({ "kubernetes-secret": other }) => {
    return (
      other?.connection === spec?.connection &&
      other?.namespace === spec?.namespace &&
      other?.name === spec?.name
    );
  });
  if (same.length < 2) return;
  throw new CreError("kubernetes-twice", `${credential} delivers to one Secret by two entries`, {
    evidence: `${spec?.namespace}/${spec?.name} over ${spec?.connection}`,
    fix: "put their values and restarts into one entry",
  });
}

function bindKubernetesSecret(
  credential: string,
  entry: DeliverEntry,
  ports: DeliveryPorts,
  { requestSeconds, rolloutSeconds }: KubernetesLimits,
): BoundDelivery {
  const spec = entry["kubernetes-secret"];
  if (spec === undefined) throw new Error("bound to an entry of another kind");
  const { kubernetes: connection } = ports.connection(spec.connection);
  if (connection === undefined) {
    throw new CreError(
      "connection-kind",
      `${credential} delivers to Kubernetes over ${spec.connection}, which is no kubernetes connection`,
      { fix: "name a connection with kubernetes" },
    );
  }
  const api = createApiClient({
    connectionName: spec.connection,
    connection,
    ca: connection.ca === undefined ? undefined : ports.readFile(connection.ca),
    secrets: ports.secrets,
    limitSeconds: requestSeconds,
  });
  const place = placeOf(credential, spec);
  const site: Site = {
    label: `kubernetes-secret ${place.namespace}/${place.name} (${api.origin})`,
    place,
    api,
  };
  const wait = { clock: ports.clock, pause: ports.pause, seconds: rolloutSeconds };
  return {
    label: site.label,
    consumer: entry.consumer,
    confirms: false,
    triesPending: false,
    preflight: async (signal) => preflight(site, signal),
    stage: async (consignment, parts, signal) => stage(site, consignment, parts, signal),
    completes: true,
    promote: async ({ attempt }, signal, certificate) =>
      promote(site, attempt, { wait, certificate }, signal),
    abort: async ({ attempt }, signal) => abort(site, attempt, signal),
    // A cluster that does not answer is not known to hold anything.
    holds: async (signal) =>
      held(site, signal).catch((error: unknown) => {
        if (error instanceof CreError) return "unknown";
        throw error;
      }),
  };
}
