import type { DeclaredSource } from "../core/discovery/declared-sources.ts";
import type { Credential } from "../core/documents/credential.ts";
import type { Documents } from "../core/documents/kinds.ts";
import type { SecretParts } from "../core/model/secret.ts";
import type { Capabilities } from "../core/plan/capability.ts";
import type { CertificateMonitor } from "../core/ports/certificate-monitor.ts";
import type { Channel } from "../core/ports/channel.ts";
import type { BoundDelivery } from "../core/ports/delivery.ts";
import type { SourcePart } from "../core/ports/discovery.ts";
import type { Forge } from "../core/ports/forge.ts";
import type { BoundRotator } from "../core/ports/rotator.ts";
import type { Clock, Pause, Progress, Random, Sha256 } from "../core/ports/runtime.ts";
import type { Inputs, Liveness, RunIdentity, Store } from "../core/ports/store.ts";
import type { DeliveryShape } from "../core/rotation/recipe.ts";
import type { AbsentSecret } from "../core/state/alert-book.ts";

/** A credential's provider account and targets, ready for use. A credential rotated by hand has no rotator. */
export interface Bound {
  readonly rotator: BoundRotator | undefined;
  readonly deliveries: readonly BoundDelivery[];
  close(): Promise<void>;
}

/** Where people are told, and what they said. Nothing is asked or opened before it is needed. */
export interface People {
  /** undefined: the settings name none. Rejects with a CreError when it cannot be used. */
  forge(): Promise<Forge | undefined>;
  /** A channel of the settings by its name. Rejects with a CreError when it cannot be used. */
  channel(name: string): Promise<Channel>;
  /** What the repository is called where no forge says it. */
  readonly place?: string;
  /** Zone of this runner; absent: none. */
  readonly zone?: string;
  /** References to secrets that this runner lacks, of the settings and of the connections it may use. */
  absentSecrets?(): readonly AbsentSecret[];
  /** Tells the watcher outside that the enforcer is alive; absent: the settings name none. Rejects with a CreError. */
  heartbeat?(signal: AbortSignal): Promise<void>;
  /**
   * A file of documents in which that of a credential asks people for the day of its rotation; every other byte is as
   * it was. Absent: this runner proposes nothing. Throws a CreError where the file cannot be edited so.
   */
  askForDay?(this: void, file: Uint8Array, credential: Credential): string;
  close(): Promise<void>;
}

/** Sources of discovery that documents declare, opened one by one. Read-only. */
export interface SourceDesk {
  /** Why this runner leaves a source to others; undefined: it can look at it. */
  elsewhere(source: DeclaredSource): string | undefined;
  /** Its parts. Rejects with a CreError that names what is missing, never its value. */
  open(source: DeclaredSource): Promise<readonly SourcePart[]>;
  /** The registered credential that a source means by this identity. */
  nameOf(identity: string): string | undefined;
}

/** Everything a run touches outside of its memory. */
export interface RunnerPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly liveness: Liveness;
  readonly progress: Progress;
  readonly identity: RunIdentity;
  /** What this runner can do with the credentials of these documents. */
  capabilities(documents: Documents): Capabilities;
  /** How many targets of a document stage and how many only push; known without network. */
  shape(credential: Credential): DeliveryShape;
  /**
   * Binds a credential to its provider and targets with the connections of these inputs. Reads the runner's own
   * secrets; rejects with a CreError that names a missing one, never its value.
   */
  bind(credential: Credential, inputs: Inputs, signal: AbortSignal): Promise<Bound>;
  /** Looks at what certificates show where they are served, with the settings of these inputs. */
  monitor(inputs: Inputs): CertificateMonitor;
  /** The sources that the settings of these inputs declare; absent: this runner looks at none. */
  sources?(inputs: Inputs): SourceDesk;
  /** Keyed tag of a new version's secret, or undefined where the settings name no key. */
  tag(
    credential: string,
    attempt: string,
    parts: SecretParts,
    documents: Documents,
  ): Promise<string | undefined>;
  /** The ways to people that the settings of these inputs name; absent: this runner tells nobody. */
  people?(inputs: Inputs): People;
  /** A signal that aborts after so many seconds. */
  timeLimit(seconds: number): AbortSignal;
  /** Resolves after so many seconds, or at once when the signal aborts. */
  readonly pause: Pause;
}
