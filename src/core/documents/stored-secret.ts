import { Type } from "typebox";
import { closed, closedUnion, LOCAL_SECRET, Name, type SecretRef, text } from "./common.ts";

/** A secret of the runner's that lies in a store, reached through a connection of kind `aws`. */
export type StoredSecret =
  | { "aws-secrets-manager": { connection: string; secretId: string; key?: string } }
  | { "aws-ssm": { connection: string; name: string } };

/** Where a connection takes its secret from; never the secret itself. */
export type ConnectionSecretRef = SecretRef | StoredSecret;

const STORES = ["aws-secrets-manager", "aws-ssm"] as const;

export const ConnectionSecretRef = Type.Unsafe<ConnectionSecretRef>(
  closedUnion(
    {
      ...LOCAL_SECRET,
      "aws-secrets-manager": Type.Optional(
        closed({
          connection: Name,
          secretId: text("Name or ARN.", 2048),
          key: Type.Optional(text("Key of the JSON object that the secret holds.", 200)),
        }),
      ),
      "aws-ssm": Type.Optional(closed({ connection: Name, name: text("Name of a SecureString.", 1011) })),
    },
    ["env", "file", ...STORES],
    "Where the runner finds the secret; never the secret itself.",
  ),
);

/** Whether a reference is to a store, and not to a variable or a file of the runner. */
export function isStored(reference: ConnectionSecretRef): reference is StoredSecret {
  return STORES.some((store) => Object.hasOwn(reference, store));
}

/** Name of the connection through which a stored secret is read. */
export function storeOf(reference: StoredSecret): string {
  return "aws-ssm" in reference
    ? reference["aws-ssm"].connection
    : reference["aws-secrets-manager"].connection;
}

/** The stored secrets that a part of a document refers to, with where they stand in it. */
export function storedSecretsIn(
  value: unknown,
  path: readonly string[] = [],
): readonly { readonly reference: StoredSecret; readonly path: readonly string[] }[] {
  if (typeof value !== "object" || value === null) return [];
  // `as`: only connections are given, and there an object with such a key is a reference by its schema.
  if (isStored(value as ConnectionSecretRef)) return [{ reference: value as StoredSecret, path }];
  return Object.entries(value).flatMap(([key, part]) => storedSecretsIn(part, [...path, key]));
}
