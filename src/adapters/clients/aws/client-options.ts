import type { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import type { AwsConnection, ConnectionSpec } from "../../../core/documents/connection.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { LocalSecretSource } from "../../../core/ports/runtime.ts";
import { awsCredentials } from "./credentials.ts";
import { keptLogin } from "./kept-login.ts";
import { REQUEST_LIMITS } from "./request-limits.ts";

/** What the constructor of every client of the SDK takes. */
export interface AwsClientOptions {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly maxAttempts: number;
  readonly requestHandler: typeof REQUEST_LIMITS;
}

export interface AwsLogin {
  readonly name: string;
  readonly connection: AwsConnection;
  readonly secrets: LocalSecretSource;
  /** The credential that is worked on, for the session's name. */
  readonly credential: string;
}

/** The `aws` part of a connection; a CreError where it is of another kind. */
export function awsOf(name: string, spec: ConnectionSpec | undefined): AwsConnection {
  if (spec?.aws !== undefined) return spec.aws;
  throw new CreError("connection-kind", `the connection ${name} is not of kind aws`, {
    fix: "name a connection with an `aws` block",
  });
}

/**
 * The login of clients that act as `role`, by default the connection's `assumeRole`. Several of one credential share it,
 * so that the role is assumed once and not by each of them; the session's name is the credential's, for CloudTrail.
 */
export function awsLogin(
  { connection, secrets, credential }: AwsLogin,
  role: string | undefined = connection.assumeRole,
): AwsCredentialIdentityProvider {
  return keptLogin(async () => awsCredentials(connection, secrets, role, credential));
}

/** Options of a client that is alone with its login. */
export async function awsClientOptions(
  login: AwsLogin,
  use: "question" | "effect",
  role?: string,
): Promise<AwsClientOptions> {
  return optionsAs(awsLogin(login, role), login.connection, use);
}

/**
 * Options of a client that signs in with these credentials.
 *
 * `maxAttempts`: an effect is sent once, because one that is sent again after a lost answer happens twice
 * (CreateAccessKey) and its outcome is asked by the probe; questions may be sent up to three times.
 */
export function optionsAs(
  credentials: AwsCredentialIdentityProvider,
  { region, endpoint }: AwsConnection,
  use: "question" | "effect",
): AwsClientOptions {
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    credentials,
    maxAttempts: use === "effect" ? 1 : 3,
    requestHandler: REQUEST_LIMITS,
  };
}
