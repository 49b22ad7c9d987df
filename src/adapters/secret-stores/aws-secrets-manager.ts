import type { AwsConnection } from "../../core/documents/connection.ts";
import { CreError } from "../../core/model/errors.ts";
import { Secret } from "../../core/model/secret.ts";
import type { LocalSecretSource } from "../../core/ports/runtime.ts";
import { awsClientOptions } from "../clients/aws/client-options.ts";
import { send } from "../clients/aws/sending.ts";

/** A secret of AWS Secrets Manager that a connection takes as its own. */
export interface StoredInSecretsManager {
  readonly connectionName: string;
  readonly connection: AwsConnection;
  readonly secrets: LocalSecretSource;
  readonly secretId: string;
  /** Key of the JSON object that the secret holds; absent: the whole text. */
  readonly key?: string;
}

/**
 * Reads the version that is AWSCURRENT. Rejects with a CreError that names the secret and the key, never a value: no
 * right, no such secret, a binary one, no such key, a value that is no text.
 */
export async function readSecretsManagerSecret(
  from: StoredInSecretsManager,
  signal: AbortSignal,
): Promise<Secret> {
  const { connectionName: name, connection, secrets, secretId, key } = from;
  const place = `secret ${secretId} of aws ${name} (${connection.region})`;
  const { SecretsManager } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManager(
    await awsClientOptions({ name, connection, secrets, credential: name }, "question"),
  );
  try {
    const { SecretString: text } = await send(
      Promise.resolve(client),
      { place, action: "secretsmanager:GetSecretValue" },
      signal,
      async (ready, options) =>
        ready.getSecretValue({ SecretId: secretId, VersionStage: "AWSCURRENT" }, options),
    );
    if (text === undefined) throw unusable(place, "it is binary");
    return new Secret(key === undefined ? text : memberOf(text, key, place));
  } finally {
    client.destroy();
  }
}

function memberOf(text: string, key: string, place: string): string {
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw unusable(place, `it is no JSON object, so it has no key ${JSON.stringify(key)}`);
  }
  const member = new Map<string, unknown>(Object.entries(value)).get(key);
  if (member === undefined) throw unusable(place, `it has no key ${JSON.stringify(key)}`);
  if (typeof member !== "string") throw unusable(place, `its key ${JSON.stringify(key)} is no text`);
  return member;
}

/** Undefined for what is no JSON: the parser's message quotes the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(place: string, evidence: string): CreError {
  return new CreError("stored-secret-unusable", `${place} cannot be used`, {
    evidence,
    fix: "check the reference in the connection, and what the secret holds",
  });
}
