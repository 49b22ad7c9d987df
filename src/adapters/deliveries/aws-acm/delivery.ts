import type { CredentialSpec } from "../../../core/documents/credential.ts";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { BoundDelivery, Delivery, DeliveryPorts, Held } from "../../../core/ports/delivery.ts";
import { awsLogin, awsOf, optionsAs } from "../../clients/aws/client-options.ts";
import { twoClients } from "../../clients/aws/sending.ts";
import {
  askImport,
  describedOf,
  importPair,
  marksOf,
  placeOf,
  refused,
  type Store,
  servedOf,
  writeMarks,
} from "./imported.ts";
import { type KeyPair, keyPairOf } from "./key-pair.ts";

/** How ACM names the keys of the documents. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  "ecdsa-p256": "EC_prime256v1",
  "ecdsa-p384": "EC_secp384r1",
  "rsa-2048": "RSA_2048",
  "rsa-3072": "RSA_3072",
  "rsa-4096": "RSA_4096",
};

/**
 * The `aws-acm` delivery: a certificate that was imported into ACM is imported again under its ARN, so that load
 * balancers and distributions that use it serve the new one. ACM keeps one only, so it cannot be staged. A tag says
 * which attempts the old and the new one came with, and is written before the import; which of them is there is read
 * from the certificate itself.
 */
export const awsAcmDelivery: Delivery = {
  kind: "aws-acm",
  connections: (entry) => {
    const spec = entry["aws-acm"];
    return spec === undefined ? [] : [spec.connection];
  },
  stages: () => false,
  bind: async (name, credential, entry, ports) => bindCertificate(name, credential, entry, ports),
};

function bindCertificate(
  credential: string,
  { provider }: CredentialSpec,
  entry: DeliverEntry,
  ports: DeliveryPorts,
): BoundDelivery {
  const spec = entry["aws-acm"];
  if (spec === undefined) throw new Error("bound to an entry of another kind");
  const { connection: name, certificateArn: arn } = spec;
  const connection = awsOf(name, ports.connection(name));
  const login = awsLogin({ name, connection, credential, secrets: ports.secrets });
  const store: Store = {
    connectionName: name,
    region: connection.region,
    arn,
    clients: twoClients(async (use) => {
      const { ACM } = await import("@aws-sdk/client-acm");
      return new ACM(optionsAs(login, connection, use));
    }),
  };
  const wanted = provider?.acme === undefined ? undefined : ALGORITHMS[provider.acme.keyType ?? "ecdsa-p256"];
  return {
    label: `aws-acm ${arn} (${name})`,
    consumer: entry.consumer,
    confirms: false,
    triesPending: false,
    preflight: async (signal) => preflight(store, wanted, signal),
    push: async ({ attempt }, parts, signal) =>
      push(store, attempt, keyPairOf(placeOf(store), parts), signal),
    holds: async (signal) =>
      held(store, signal).catch((error: unknown) => {
        if (error instanceof CreError) return "unknown";
        throw error;
      }),
  };
}

/** Everything that can be known before the push; only whether the runner may tag cannot be asked without tagging. */
async function preflight(store: Store, wanted: string | undefined, signal: AbortSignal): Promise<void> {
  await checkReplaceable(store, wanted, signal);
  await servedOf(store, signal);
  await marksOf(store, signal);
  await askImport(store, signal);
}

async function push(store: Store, attempt: string, pair: KeyPair, signal: AbortSignal): Promise<void> {
  const { fingerprint } = pair;
  const isThere = await untouched(async () => {
    await checkReplaceable(store, pair.algorithm, signal);
    const served = await servedOf(store, signal);
    const marks = await marksOf(store, signal);
    const current = marks.find((mark) => mark.fingerprint === served);
    if (served === fingerprint && current?.attempt === attempt) return true;
    const others = current === undefined || served === fingerprint ? [] : [current];
    await writeMarks(store, [{ attempt, fingerprint }, ...others], signal);
    return served === fingerprint;
  });
  if (!isThere) await importPair(store, pair, signal);
}

async function held(store: Store, signal: AbortSignal): Promise<Held> {
  const served = await servedOf(store, signal);
  const current = (await marksOf(store, signal)).find(({ fingerprint }) => fingerprint === served);
  return current === undefined ? {} : { current: current.attempt };
}

/** An import could not take the place of this certificate, or not with this kind of key. */
async function checkReplaceable(
  store: Store,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const [, , , region] = store.arn.split(":");
  if (region !== store.region) {
    throw refused("aws-acm-region", `${placeOf(store)} is in the region ${region ?? "(none)"}`, {
      fix: `name a connection whose region is ${region ?? "the certificate's"}`,
    });
  }
  const { type, algorithm } = await describedOf(store, signal);
  if (type !== "IMPORTED") {
    throw refused("aws-acm-issued", `${placeOf(store)} was not imported: ACM issues and renews it itself`, {
      evidence: `its type is ${type ?? "not known"}`,
      fix: "register it as `method: delegated`, or import a certificate and name that one's ARN",
    });
  }
  if (wanted !== undefined && algorithm !== undefined && wanted !== algorithm) {
    throw refused("aws-acm-algorithm", `${placeOf(store)} takes no key of another type or size`, {
      evidence: `it has ${algorithm}, the new one ${wanted}`,
      fix: "give the certificate the same `keyType`, or import a new one and name its ARN",
    });
  }
}

/** Until the import nothing has changed for anybody, whatever became of the request. */
async function untouched<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    const { code, message, evidence, fix, retryable } = error;
    throw new EffectError("refused", code, message, {
      ...(evidence === undefined ? {} : { evidence }),
      ...(fix === undefined ? {} : { fix }),
      retryable,
    });
  }
}
