import type { Endpoint } from "../../../core/certificates/endpoint.ts";
import type { AcmeProvider } from "../../../core/documents/provider.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import type { VersionFact } from "../../../core/state/status.ts";
import type { Ca } from "./ca.ts";
import type { ChallengeWay } from "./challenges/way.ts";

/** Looks up which CAs a name allows; undefined where that cannot be known. */
export type ResolveCaa = (name: string, signal: AbortSignal) => Promise<readonly Caa[] | undefined>;

export interface Caa {
  /** The property (`issue`, `issuewild`, …) and its value as it stands in the record. */
  readonly tag: string;
  readonly value: string;
}

/** One certificate at one CA, and everything that is needed to order it. */
export interface Site {
  readonly credential: string;
  readonly provider: AcmeProvider;
  /** In lower case, without repetition. */
  readonly names: readonly string[];
  readonly endpoints: readonly Endpoint[];
  /** What the document says of the certificate before us. */
  readonly declared: { readonly handle?: string; readonly expiresAt?: string };
  readonly ca: Ca;
  readonly way: ChallengeWay;
  readonly ports: RotatorPorts;
  readonly resolveCaa: ResolveCaa;
  /** Seconds that an effect may take before it ends itself. */
  readonly patience: number;
  /** What the record said when it was last compared, by handle. */
  readonly recorded: Map<string, VersionFact>;
}
