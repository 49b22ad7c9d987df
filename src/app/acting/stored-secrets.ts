import { readSecretsManagerSecret } from "../../adapters/secret-stores/aws-secrets-manager.ts";
import { readParameterSecret } from "../../adapters/secret-stores/aws-ssm.ts";
import type { AwsConnection, ConnectionSpec } from "../../core/documents/connection.ts";
import { isStored, type StoredSecret, storeOf } from "../../core/documents/stored-secret.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Secret } from "../../core/model/secret.ts";
import type { LocalSecretSource, SecretSource } from "../../core/ports/runtime.ts";

/** How long a store may take to answer. */
const LIMIT_SECONDS = 30;

export interface Stores {
  readonly connection: (name: string) => ConnectionSpec;
  /** Told of each secret that was read, to keep it out of what people see. */
  readonly keepOut: (secret: Secret) => void;
}

/**
 * Secrets of this host, and those of connections that lie in a store, each read once for as long as this source lives.
 * A store is signed in to with what this host has, never with a secret of another store.
 */
export function withStores(local: LocalSecretSource, { connection, keepOut }: Stores): SecretSource {
  const read = new Map<string, Promise<Secret>>();
  return {
    read: async (reference) => {
      if (!isStored(reference)) return local.read(reference);
      const key = JSON.stringify(reference);
      const known = read.get(key) ?? readStored(reference, connection(storeOf(reference)), local);
      read.set(key, known);
      try {
        const secret = await known;
        keepOut(secret);
        return secret;
      } catch (error) {
        // Asked again the next time: a store that was busy is not busy for ever.
        if (read.get(key) === known) read.delete(key);
        throw error;
      }
    },
    present: (reference) => isStored(reference) || local.present(reference),
  };
}

async function readStored(
  reference: StoredSecret,
  spec: ConnectionSpec,
  secrets: LocalSecretSource,
): Promise<Secret> {
  const connectionName = storeOf(reference);
  const from = { connectionName, connection: awsOf(connectionName, spec), secrets };
  const signal = AbortSignal.timeout(LIMIT_SECONDS * 1000);
  if ("aws-ssm" in reference) {
    return readParameterSecret({ ...from, name: reference["aws-ssm"].name }, signal);
  }
  const { secretId, key } = reference["aws-secrets-manager"];
  return readSecretsManagerSecret({ ...from, secretId, ...(key === undefined ? {} : { key }) }, signal);
}

function awsOf(name: string, { aws }: ConnectionSpec): AwsConnection {
  if (aws !== undefined) return aws;
  throw new CreError(
    "connection-kind",
    `the connection ${name} is not of kind aws, and a secret lies there`,
    {
      fix: "name a connection with an `aws` block",
    },
  );
}
