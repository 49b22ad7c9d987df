import type { AwsConnection } from "../../core/documents/connection.ts";
import { CreError } from "../../core/model/errors.ts";
import { Secret } from "../../core/model/secret.ts";
import type { LocalSecretSource } from "../../core/ports/runtime.ts";
import { awsClientOptions } from "../clients/aws/client-options.ts";
import { send } from "../clients/aws/sending.ts";

/** A parameter of the Parameter Store that a connection takes as its own secret. */
export interface StoredInParameter {
  readonly connectionName: string;
  readonly connection: AwsConnection;
  readonly secrets: LocalSecretSource;
  readonly name: string;
}

/**
 * Reads the newest value of a SecureString. Rejects with a CreError that names the parameter, never its value: no
 * right, no such parameter, one that is kept in plain text.
 */
export async function readParameterSecret(from: StoredInParameter, signal: AbortSignal): Promise<Secret> {
  const { connectionName, connection, secrets, name } = from;
  const place = `parameter ${name} of aws ${connectionName} (${connection.region})`;
  const { SSM } = await import("@aws-sdk/client-ssm");
  const client = new SSM(
    await awsClientOptions(
      { name: connectionName, connection, secrets, credential: connectionName },
      "question",
    ),
  );
  try {
    const { Parameter: parameter } = await send(
      Promise.resolve(client),
      { place, action: "ssm:GetParameter" },
      signal,
      async (ready, options) => ready.getParameter({ Name: name, WithDecryption: true }, options),
    );
    if (parameter?.Type !== "SecureString" || parameter.Value === undefined) {
      throw new CreError("stored-secret-unusable", `${place} cannot be used`, {
        evidence: "it is no SecureString, so its value lies there unencrypted",
        fix: "store it as a SecureString, and replace the secret: whoever could list parameters may have read it",
      });
    }
    return new Secret(parameter.Value);
  } finally {
    client.destroy();
  }
}
