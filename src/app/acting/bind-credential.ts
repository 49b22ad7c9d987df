import type { ConnectionSpec } from "../../core/documents/connection.ts";
import type { Credential } from "../../core/documents/credential.ts";
import { deliverKind } from "../../core/documents/deliver.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Secret } from "../../core/model/secret.ts";
import type { DeliveryPorts } from "../../core/ports/delivery.ts";
import type { RotatorPorts } from "../../core/ports/rotator.ts";
import type { Clock, LocalSecretSource, Pause, Progress, Random } from "../../core/ports/runtime.ts";
import type { Bound } from "../../runner/ports.ts";
import { connectionsOf, DELIVERIES, rotatorOf } from "../catalogue.ts";
import { endpointScanner } from "./endpoint-scanner.ts";
import { withStores } from "./stored-secrets.ts";

export interface Binding {
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: LocalSecretSource;
  /** Told of a secret that a store gave, to keep it out of what people see. */
  readonly keepOut: (secret: Secret) => void;
  readonly pause: Pause;
  readonly progress: Pick<Progress, "warn">;
  /** A file of the repository at the commit that the documents were read from; undefined when there is none. */
  readFile(path: string): Promise<Uint8Array | undefined>;
}

/** Binds a credential to its provider and its targets, with the connections of `documents`. */
export async function bindCredential(
  credential: Credential,
  documents: Documents,
  binding: Binding,
  signal: AbortSignal,
): Promise<Bound> {
  const name = credential.metadata.name;
  const files = await filesOf(credential, documents, binding);
  const connection = (wanted: string): ConnectionSpec => {
    const found = documents.connections.get(wanted)?.document.spec;
    if (found !== undefined) return found;
    throw new CreError(
      "connection-missing",
      `${name} uses the connection ${wanted}, which no document describes any more`,
      {
        fix: `bring the Connection ${wanted} back, or hold ${name} and change its document`,
      },
    );
  };
  const common = {
    clock: binding.clock,
    secrets: withStores(binding.secrets, { connection, keepOut: binding.keepOut }),
    pause: binding.pause,
    connection,
    readFile: (path: string) => {
      const text = files.get(path);
      if (text !== undefined) return text;
      throw new CreError(
        "file-missing",
        `the documents name the file ${path}, which is not in the repository`,
        {
          fix: "commit the file, or correct the path in the connection",
        },
      );
    },
  };
  const { paths = [], commands = {} } = documents.settings?.document.spec ?? {};
  const rotatorPorts: RotatorPorts = {
    ...common,
    commands,
    random: binding.random,
    progress: binding.progress,
    scanEndpoint: endpointScanner(documents.settings?.document.spec),
  };
  const deliveryPorts: DeliveryPorts = { ...common, paths, commands };
  const rotator =
    credential.spec.method === "automated"
      ? await rotatorOf(credential)?.bind(name, credential.spec, rotatorPorts, signal)
      : undefined;
  const deliveries = await Promise.all(
    (credential.spec.deliver ?? []).map(async (entry) => {
      const kind = deliverKind(entry);
      const delivery = DELIVERIES.find((known) => known.kind === kind);
      if (delivery !== undefined) return delivery.bind(name, credential.spec, entry, deliveryPorts);
      throw new CreError("delivery-unsupported", `${name}: this version cannot deliver to ${kind}`);
    }),
  );
  return { rotator, deliveries, close: async () => rotator?.close() };
}

/** CA bundles that the connections name, read beforehand. */
async function filesOf(
  credential: Credential,
  documents: Documents,
  binding: Binding,
): Promise<ReadonlyMap<string, string>> {
  const paths = connectionsOf(credential, documents).flatMap((name) => {
    const spec = documents.connections.get(name)?.document.spec;
    const { postgresql, webhook, kubernetes, github, acme, ssh, keycloak, external } = spec ?? {};
    return [
      postgresql?.tls?.ca,
      webhook?.ca,
      kubernetes?.ca,
      github?.ca,
      acme?.ca,
      ssh?.knownHosts,
      keycloak?.ca,
      external?.ca,
    ].filter((path) => path !== undefined);
  });
  const certificate = credential.spec.provider?.csr?.certificate;
  if (certificate !== undefined) paths.push(certificate);
  const inventory = credential.spec.provider?.["authorized-keys"]?.inventory?.file;
  if (inventory !== undefined) paths.push(inventory);
  const files = new Map<string, string>();
  for (const path of new Set(paths)) {
    const bytes = await binding.readFile(path);
    if (bytes !== undefined) files.set(path, new TextDecoder().decode(bytes));
  }
  return files;
}
