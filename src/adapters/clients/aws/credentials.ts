import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@aws-sdk/types";
import type { AwsConnection } from "../../../core/documents/connection.ts";
import type { LocalSecretSource } from "../../../core/ports/runtime.ts";
import { REQUEST_LIMITS } from "./request-limits.ts";

/** How long an assumed role lives, in seconds: the shortest that STS gives, and longer than any step. */
const SESSION_SECONDS = 900;

/**
 * The runner's own login at AWS: the connection's profile, else the variables `AWS_ACCESS_KEY_ID` and so on, else a web
 * identity token (OIDC), else what the SDK's own chain finds (configuration files, containers, instances). With `role`
 * that login assumes it, so that each call carries the session name `cre-NAME` into CloudTrail.
 */
export async function awsCredentials(
  connection: AwsConnection,
  secrets: LocalSecretSource,
  role: string | undefined,
  credential: string,
): Promise<AwsCredentialIdentityProvider> {
  const login = await ownLogin(connection, secrets, credential);
  if (role === undefined) return login;
  const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  return fromTemporaryCredentials({
    masterCredentials: login,
    params: {
      RoleArn: role,
      RoleSessionName: sessionName(credential),
      DurationSeconds: SESSION_SECONDS,
      ...(connection.externalId === undefined ? {} : { ExternalId: connection.externalId }),
    },
    clientConfig: placeOf(connection),
  });
}

/** The login before any role is assumed, which is the one that must not be rotated by its own work. */
export async function ownLogin(
  connection: AwsConnection,
  secrets: LocalSecretSource,
  credential: string,
): Promise<AwsCredentialIdentityProvider> {
  const { profile } = connection;
  const providers = await import("@aws-sdk/credential-providers");
  if (profile !== undefined) return providers.fromIni({ profile, clientConfig: placeOf(connection) });
  const given = (name: string): boolean => secrets.present({ env: name });
  const read = async (name: string): Promise<string> => (await secrets.read({ env: name })).reveal();
  if (given("AWS_ACCESS_KEY_ID") && given("AWS_SECRET_ACCESS_KEY")) {
    const identity: AwsCredentialIdentity = {
      accessKeyId: await read("AWS_ACCESS_KEY_ID"),
      secretAccessKey: await read("AWS_SECRET_ACCESS_KEY"),
      ...(given("AWS_SESSION_TOKEN") ? { sessionToken: await read("AWS_SESSION_TOKEN") } : {}),
    };
    return async () => identity;
  }
  if (given("AWS_WEB_IDENTITY_TOKEN_FILE") && given("AWS_ROLE_ARN")) {
    return providers.fromTokenFile({
      webIdentityTokenFile: await read("AWS_WEB_IDENTITY_TOKEN_FILE"),
      roleArn: await read("AWS_ROLE_ARN"),
      roleSessionName: sessionName(credential),
      clientConfig: placeOf(connection),
    });
  }
  return providers.fromNodeProviderChain({ clientConfig: placeOf(connection) });
}

/** Where STS is asked, and how long it may take. */
function placeOf({ region, endpoint }: AwsConnection): {
  region: string;
  endpoint?: string;
  requestHandler: typeof REQUEST_LIMITS;
} {
  return { region, ...(endpoint === undefined ? {} : { endpoint }), requestHandler: REQUEST_LIMITS };
}

/** 2 to 64 characters of `[\w+=,.@-]` (API reference of AssumeRole); names of credentials are such. */
function sessionName(credential: string): string {
  return `cre-${credential}`.slice(0, 64);
}
