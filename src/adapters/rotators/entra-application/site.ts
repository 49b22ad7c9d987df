import type { EntraConnection } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import type { EntraApplicationProvider } from "../../../core/documents/provider.ts";
import { CreError } from "../../../core/model/errors.ts";
import { durationSeconds } from "../../../core/model/instant.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import { loopbackOrTls } from "../../clients/http/server-url.ts";

const GRAPH = "https://graph.microsoft.com";
const AUTHORITY = "https://login.microsoftonline.com";
/** How long a new client secret lives where neither the document nor the connection says so. */
const LIFETIME = "180d";

/** One application registration of a tenant, and how the runner reaches it. */
export interface Site {
  readonly credential: string;
  readonly identity: string;
  readonly applicationId: string;
  readonly connectionName: string;
  readonly connection: EntraConnection;
  /** Origin of Microsoft Graph. */
  readonly endpoint: URL;
  /** Where tokens of the tenant are asked for. */
  readonly tokenUrl: URL;
  /** Seconds that a new client secret lives. */
  readonly lifetime: number;
  /** Of the token that a new secret is proven with. */
  readonly scope: string;
  readonly ports: RotatorPorts;
}

export function siteOf(
  credential: string,
  identity: string,
  provider: EntraApplicationProvider,
  ports: RotatorPorts,
): Site {
  const { connection: name, applicationId } = provider;
  const { entra } = ports.connection(name);
  if (entra === undefined) {
    throw new CreError(
      "connection-kind",
      `${credential} rotates over ${name}, which is no entra connection`,
      {
        fix: "name a connection with `entra`",
      },
    );
  }
  const endpoint = addressOf(name, "endpoint", entra.endpoint ?? GRAPH);
  const authority = addressOf(name, "authority", entra.authority ?? AUTHORITY);
  const base = authority.pathname.replace(/\/+$/, "");
  return {
    credential,
    identity,
    applicationId,
    connectionName: name,
    connection: entra,
    endpoint,
    tokenUrl: new URL(`${base}/${encodeURIComponent(entra.tenant)}/oauth2/v2.0/token`, authority),
    lifetime: durationSeconds(provider.lifetime ?? entra.lifetime ?? LIFETIME),
    scope: provider.scope ?? scopeOf(endpoint),
    ports,
  };
}

/** What a token for Microsoft Graph is asked for by: all that the client was granted there. */
export function scopeOf(endpoint: URL): string {
  return `${endpoint.origin}/.default`;
}

/** The words for people: which application, through which connection. */
export function placeOf({ applicationId, connectionName }: Site): string {
  return `the application ${applicationId} of entra ${connectionName}`;
}

/** The parameters of a document that is bound to this rotator. */
export function providerOf(credential: CredentialSpec): EntraApplicationProvider {
  const provider = credential.provider?.["entra-application"];
  if (provider === undefined) throw new Error("bound to a credential of another provider");
  return provider;
}

/** Looked at once more where it is used: secrets go there. */
function addressOf(connection: string, field: string, text: string): URL {
  const url = loopbackOrTls(text);
  if (url !== undefined) return url;
  throw new CreError("entra-url", `the ${field} of the connection ${connection} is no address for secrets`, {
    fix: "write an https URL without a login in it; http only reaches this machine itself",
  });
}
