import { randomBytes } from "node:crypto";
import { entraApplicationRotator } from "../../../adapters/rotators/entra-application/rotator.ts";
import type { EntraConnection } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import type { EntraApplicationProvider } from "../../../core/documents/provider.ts";
import { CreError } from "../../../core/model/errors.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import type {
  BoundRotator,
  Fence,
  Issued,
  Mark,
  ObservedVersion,
  RotatorPorts,
} from "../../../core/ports/rotator.ts";
import type { EntraService } from "./entra-service.ts";
import type { StoredApplication, StoredPassword } from "./tenant.ts";

/** How the runner reaches the tenant. */
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

const ROTATION = "01936f00-0000-7000-8000-00000000aaaa";

export function markOf(attempt: string, epoch: number): Mark {
  return { rotation: ROTATION, attempt, epoch };
}

/** The fence of an effect on a version as it was just seen. */
export function fenceOn(version: ObservedVersion, epoch: number): Fence {
  return { expected: version.mark, next: { ...(version.mark ?? markOf("none", epoch)), epoch } };
}

/** A signal for calls that should be quick. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(20_000);
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

/** An application with the client secret that it had at first, and the rotator bound to it. */
export interface EntraOrders {
  readonly client: StoredApplication;
  readonly application: StoredApplication;
  readonly first: StoredPassword;
  readonly door: EntraDoor;
  readonly rotator: BoundRotator;
  /** The same credential in another process, so to speak: nothing in memory. */
  bind(change?: Partial<EntraDoor>): Promise<BoundRotator>;
  observe(): Promise<readonly ObservedVersion[]>;
  versionOf(keyId: string): Promise<ObservedVersion>;
  adopt(): Promise<void>;
  issue(attempt: string, epoch?: number): Promise<Issued>;
}

/** Makes an application of its own in the tenant, which a client of its own owns. */
export async function createEntraOrders(
  service: EntraService,
  now: () => number,
  change: Partial<EntraDoor> = {},
): Promise<EntraOrders> {
  const { client, door: given } = runnerClient(service, [
    "Application.ReadWrite.OwnedBy",
    "AuditLog.Read.All",
  ]);
  const application = service.addApplication();
  application.owners.add(client.appId);
  const first = service.addByHand(application, "made in the portal");
  const door: EntraDoor = { ...given, now, ...change };
  const bind: EntraOrders["bind"] = async (other = {}) => bindEntra(application.appId, { ...door, ...other });
  const rotator = await bind();
  const observe = async (): Promise<readonly ObservedVersion[]> => rotator.observe(soon());
  const versionOf = async (keyId: string): Promise<ObservedVersion> => {
    const found = (await observe()).find(({ handle }) => handle === keyId);
    if (found === undefined) throw new Error(`there is no ${keyId}`);
    return found;
  };
  return {
    client,
    application,
    first,
    door,
    rotator,
    bind,
    observe,
    versionOf,
    adopt: async () => rotator.adopt(await versionOf(first.keyId), markOf("adoption", 1), soon()),
    issue: async (attempt, epoch = 2) => {
      const issued = await rotator.issue?.(markOf(attempt, epoch), await observe(), soon());
      if (issued === undefined) throw new Error("it cannot issue");
      return issued;
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
        const name = "env" in reference ? reference.env : "file" in reference ? reference.file : "";
        const value = variables[name];
        if (value === undefined) throw new CreError("secret-missing", `${name} is not set`);
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
  return entraApplicationRotator.bind("directory-sync", spec, ports, soon());
}
