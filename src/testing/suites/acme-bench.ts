import { generateKeyPairSync } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { createAcmeRotator } from "../../adapters/rotators/acme/rotator.ts";
import type { ResolveCaa } from "../../adapters/rotators/acme/site.ts";
import { systemRandom } from "../../adapters/runtime/random.ts";
import type { ScanEndpoint } from "../../core/certificates/endpoint.ts";
import type { AcmeConnection, ConnectionSpec } from "../../core/documents/connection.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import type { AcmeProvider } from "../../core/documents/provider.ts";
import { CreError } from "../../core/model/errors.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { BoundRotator, Issued, Mark, Rotator } from "../../core/ports/rotator.ts";
import type { VersionFact } from "../../core/state/status.ts";
import type { AcmeService } from "../services/acme/acme-service.ts";

export interface AcmeOptions {
  readonly provider?: Partial<AcmeProvider>;
  readonly connection?: Partial<AcmeConnection>;
  /** Variables of the runner beside the account's key. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly connections?: Readonly<Record<string, ConnectionSpec>>;
  readonly commands?: Readonly<Record<string, readonly string[]>>;
  readonly document?: Partial<CredentialSpec>;
  readonly scan?: ScanEndpoint;
  readonly accountKey?: string;
  readonly patience?: number;
  readonly resolveCaa?: ResolveCaa;
  /** Seconds since 1970. */
  readonly clock?: () => number;
  readonly warn?: (text: string) => void;
  /** Seconds that the rotator waited each time. */
  readonly onPause?: (seconds: number) => void;
  readonly rotator?: Rotator;
}

export const NAMES = ["orders.example.test", "www.orders.example.test"];

/** A new account key, as PEM. */
export function accountKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
}

/** The product's acme rotator of `orders-tls` at this CA; by default the runner itself answers over HTTP. */
export async function bindAcme(service: AcmeService, options: AcmeOptions = {}): Promise<BoundRotator> {
  const {
    clock = () => Date.now() / 1000,
    patience = 30,
    resolveCaa = async () => undefined,
    scan = async () => [],
  } = options;
  const acme: AcmeConnection = {
    directory: service.directory,
    accountKey: { env: "ACME_ACCOUNT_KEY" },
    ca: "certs/acme.pem",
    termsOfServiceAgreed: true,
    ...options.connection,
  };
  const provider: AcmeProvider = {
    connection: "ca",
    names: NAMES,
    challenge: { "http-01": { listen: `127.0.0.1:${service.httpPort}` } },
    ...options.provider,
  };
  const now = { now: () => instantOf(clock()) };
  const variables: Readonly<Record<string, string>> = {
    ACME_ACCOUNT_KEY: options.accountKey ?? sharedKey(service),
    ...options.secrets,
  };
  const rotator = options.rotator ?? createAcmeRotator({ patience, resolveCaa });
  return rotator.bind(
    "orders-tls",
    // `as`: the rotator takes nothing else from it.
    { provider: { acme: provider }, ...options.document } as CredentialSpec,
    {
      clock: now,
      random: systemRandom(now),
      secrets: {
        present: (reference) => "env" in reference && variables[reference.env] !== undefined,
        read: async (reference) => new Secret(("env" in reference && variables[reference.env]) || ""),
      },
      pause: async (seconds, signal) => {
        options.onPause?.(seconds);
        await setTimeout(20, undefined, { signal }).catch(() => undefined);
      },
      commands: options.commands ?? {},
      scanEndpoint: scan,
      progress: { warn: (text) => options.warn?.(text) },
      connection: (name) => {
        const found = name === "ca" ? { acme } : options.connections?.[name];
        if (found === undefined) throw new CreError("connection-missing", name);
        return found;
      },
      readFile: () => service.ca,
    },
    AbortSignal.timeout(20_000),
  );
}

const KEYS = new WeakMap<AcmeService, string>();

/** One account for all that is bound to a CA without another. */
function sharedKey(service: AcmeService): string {
  const key = KEYS.get(service) ?? accountKey();
  KEYS.set(service, key);
  return key;
}

/** Orders and collects, as the engine does. */
export async function order(rotator: BoundRotator, mark: Mark, signal: AbortSignal): Promise<Issued> {
  const reference = await rotator.request?.(mark, undefined, signal);
  const issued = await rotator.issue?.(mark, [], signal, reference);
  if (issued === undefined) throw new Error("this rotator takes no orders");
  return issued;
}

/** What the record says of a version once it was issued. */
export function factOf(issued: Issued, mark: Mark, promoted: boolean): VersionFact {
  const { handle, slot, createdAt, expiresAt } = issued;
  return {
    handle,
    slot,
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    live: true,
    promoted,
    origin: "issued",
    mark: { ...mark },
  };
}
