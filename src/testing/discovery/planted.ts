import type { Credential } from "../../core/documents/credential.ts";
import type { Instant } from "../../core/model/instant.ts";
import { emptyStatus } from "../../core/rotation/transition.ts";
import type { Status, VersionFact } from "../../core/state/status.ts";

/** What was put into services and documents, and so what a look at them must find; names and handles. */
export interface Planted {
  /** Documents as people write them. */
  readonly policies: string;
  readonly registry: string;
  /** The entry of `Settings.discovery`, in YAML. */
  readonly source: string;
  /** What the state branch says of registered credentials: their one version that works. */
  readonly recorded: ReadonlyMap<string, VersionFact>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly truth: Truth;
  /** Never to be seen anywhere. */
  readonly canaries: readonly string[];
  close(): Promise<void>;
}

/** The truth about one service. Credentials by name, everything else by handle. */
export interface Truth {
  readonly managed: readonly string[];
  readonly unmanaged: readonly string[];
  readonly ghosts: readonly string[];
  readonly drifted: readonly string[];
  readonly shared: readonly string[];
  /** Users, roles, endpoints, accounts: as many as there are. */
  readonly scanned: number;
  /** Credentials in places, each place counted. */
  readonly sightings: number;
}

/** Before everything that happens in these tests. */
const LONG_AGO = "2026-01-15T00:00:00Z" as Instant;

/** A version that has been in use since then. */
export function inUse(handle: string, more: Partial<VersionFact> = {}): VersionFact {
  return {
    handle,
    slot: handle,
    createdAt: LONG_AGO,
    live: true,
    promoted: true,
    origin: "adopted",
    declared: true,
    ...more,
  };
}

export function statusWith(credential: Credential, version: VersionFact): Status {
  return { ...emptyStatus(credential), adoptedAt: LONG_AGO, versions: [version] };
}

/** So many names with a number of three digits behind them. */
export function named(prefix: string, count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}-${String(from + at).padStart(3, "0")}`);
}
