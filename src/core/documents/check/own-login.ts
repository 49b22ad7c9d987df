import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { shown } from "./shown.ts";

/** The realm of Keycloak's own administrators, and of a connection that names none. */
const MASTER = "master";

/** No credential is the client that the runner itself signs in as: it would lock itself out in mid-rotation. */
export function checkOwnLogins(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [ownClientFaults]);
}

function ownClientFaults(source: Sourced<Credential>, { documents }: CheckInput): readonly Fault[] {
  const { provider } = source.document.spec;
  const entra = provider?.["entra-application"];
  const keycloak = provider?.["keycloak-client"];
  const spec = (name: string) => documents.connections.get(name)?.document.spec;
  if (entra !== undefined) {
    const { clientId } = spec(entra.connection)?.entra ?? {};
    if (clientId?.toLowerCase() !== entra.applicationId.toLowerCase()) return [];
    return [ownClient(source, "entra-application", "applicationId", entra.connection)];
  }
  if (keycloak !== undefined) {
    const { clientId, realm = MASTER } = spec(keycloak.connection)?.keycloak ?? {};
    if (clientId !== keycloak.clientId || realm !== keycloak.realm) return [];
    return [ownClient(source, "keycloak-client", "clientId", keycloak.connection)];
  }
  return [];
}

function ownClient(source: Sourced<Credential>, provider: string, field: string, connection: string): Fault {
  return {
    source,
    path: ["spec", "provider", provider, field],
    code: "rotates-own-login",
    message: `the connection ${shown(connection)} signs in as this client: the runner would replace the login that it works with`,
    fix: "let this credential be rotated through a connection that signs in as another client",
  };
}
