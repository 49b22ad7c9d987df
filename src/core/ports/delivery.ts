import type { ConnectionSpec } from "../documents/connection.ts";
import type { CredentialSpec, DeliverEntry } from "../documents/credential.ts";
import type { Instant } from "../model/instant.ts";
import type { SecretParts } from "../model/secret.ts";
import type { Clock, Pause, SecretSource } from "./runtime.ts";

/** What a delivery is told about the version it carries. Nothing here is secret. */
export interface Consignment {
  readonly credential: string;
  readonly rotation: string;
  readonly attempt: string;
  readonly handle: string;
  readonly issuedAt: Instant;
  /** The parts at hand are not all there will be: the others come with the promotion. */
  readonly unfinished?: true;
}

/** Attempt ids that the target holds now; a missing key means none. */
export interface Held {
  readonly current?: string;
  readonly pending?: string;
  /**
   * It can be seen that what is there is no attempt as it was delivered: somebody else wrote since, or a push ended
   * half way. There is no `current` then, and parts of an attempt may be in use nevertheless.
   */
  readonly unclear?: true;
}

/**
 * One target of one credential. Effects reject with EffectError; all are idempotent for the same attempt.
 * A delivery either stages (`stage`, `promote`, `abort`) or only pushes (`push`), never both.
 */
export interface BoundDelivery {
  /** For people and the audit trail: kind and target, no secret, no credentials in URLs. */
  readonly label: string;
  /** The consumer (a principal of `access`) whose target this is, if the document says. */
  readonly consumer: string | undefined;
  /** `holds()` is answered by the consumer itself, so `current` is proof that the consumer switched. */
  readonly confirms: boolean;
  /** The consumer tries pending when current is refused: in-place rotation may use it. */
  readonly triesPending: boolean;
  preflight(signal: AbortSignal): Promise<void>;
  /** Puts the parts beside the current ones, used by nobody. Replaces an older pending one. */
  stage?(consignment: Consignment, parts: SecretParts, signal: AbortSignal): Promise<void>;
  /**
   * Makes the staged attempt current. Carries no secret, so any later run can send it again: `certificate` are public
   * parts that came to be after the stage, for deliveries that `complete`.
   */
  promote?(consignment: Consignment, signal: AbortSignal, certificate?: SecretParts): Promise<void>;
  /** `stage` takes parts of which a template needs more, and `promote` completes them. */
  readonly completes?: true;
  /** Drops a staged attempt; an unknown attempt is success; aborting the current one is refused. */
  abort?(consignment: Consignment, signal: AbortSignal): Promise<void>;
  push?(consignment: Consignment, parts: SecretParts, signal: AbortSignal): Promise<void>;
  /** What the target holds; `unknown` where it cannot be read. */
  holds(signal: AbortSignal): Promise<Held | "unknown">;
}

export interface DeliveryPorts {
  readonly clock: Clock;
  readonly secrets: SecretSource;
  readonly pause: Pause;
  connection(name: string): ConnectionSpec;
  /** `Settings.paths`: absolute folders below which env-file may write. */
  readonly paths: readonly string[];
  /** `Settings.commands`: executable and arguments by name. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
  readFile(path: string): string;
}

/** What the catalogue holds: one per `deliver` kind. */
export interface Delivery {
  /** The `deliver` key that selects it. */
  readonly kind: string;
  /** Connections the entry names. */
  connections(entry: DeliverEntry): readonly string[];
  /** Whether it can stage; decided by the kind and the entry alone, without network. */
  stages(entry: DeliverEntry): boolean;
  bind(
    name: string,
    credential: CredentialSpec,
    entry: DeliverEntry,
    ports: DeliveryPorts,
  ): Promise<BoundDelivery>;
}
