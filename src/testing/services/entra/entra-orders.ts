import { randomBytes } from "node:crypto";
import { entraApplicationRotator } from "../../../adapters/rotators/entra-application/rotator.ts";
import type { EntraConnection } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import type { EntraApplicationProvider } from "../../../core/documents/provider.ts";
import { CreError } from "../../../core/model/errors.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { BoundRotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import type { EntraService } from "./entra-service.ts";
import type { StoredApplication } from "./tenant.ts";

/** How a test reaches the tenant. */
export interface EntraDoor {
  /** Variables of the runner. */
  readonly variables: Readonly<Record<string, string>>;
  readonly connection: EntraConnection;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Hears of every wait; nothing waits in fact. */
  readonly onPause?: (seconds: number) => void;
  readonly onWarn?: (message: string) => void;
  readonly provider?: Partial<EntraApplicationProvider>;
}

/** A client for the runner in this tenant, with a secret and these permissions. */
export function runnerClient(
  service: EntraService,
  permissions: readonly string[],
): { readonly client: StoredApplication; readonly door: Pick<EntraDoor, "variables" | "connection"> } {
  const client = service.addApplication();
  for (const permission of permissions) client.granted.add(permission);
  const { secretText } = service.addByHand(client);
  return {
    client,
    door: {
      variables: { ENTRA_SECRET: secretText },
      connection: {
        tenant: service.tenant.id,
        clientId: client.appId,
        secret: { env: "ENTRA_SECRET" },
        endpoint: service.url,
        authority: service.url,
        signInActivity: true,
      },
    },
  };
}

/** The product's rotator for one application, bound as a process of its own binds it. */
export async function bindEntra(applicationId: string, door: EntraDoor): Promise<BoundRotator> {
  const { variables, connection, now, onPause, onWarn, provider } = door;
  const ports: RotatorPorts = {
    clock: { now: () => instantOf(now()) },
    random: { bytes: (length) => randomBytes(length), uuid: () => crypto.randomUUID() },
    secrets: {
      present: (reference) => "env" in reference && variables[reference.env] !== undefined,
      read: async (reference) => {
        const value = "env" in reference ? variables[reference.env] : undefined;
        if (value === undefined) throw new CreError("secret-missing", "the variable is not set");
        return new Secret(value);
      },
    },
    pause: async (seconds) => onPause?.(seconds),
    progress: { warn: (message) => onWarn?.(message) },
    connection: () => ({ entra: connection }),
    readFile: () => {
      throw new CreError("none", "Entra needs no file");
    },
    scanEndpoint: async () => {
      throw new CreError("none", "Entra needs no scan");
    },
    commands: {},
  };
  // `as`: the rotator reads nothing else of a document.
  const spec = {
    provider: { "entra-application": { connection: "company-entra", applicationId, ...provider } },
  } as unknown as CredentialSpec;
  return entraApplicationRotator.bind("directory-sync", spec, ports, AbortSignal.timeout(20_000));
}
