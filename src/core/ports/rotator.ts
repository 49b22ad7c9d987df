import type { TSchema } from "typebox";
import type { ScanEndpoint } from "../certificates/endpoint.ts";
import type { ConnectionSpec } from "../documents/connection.ts";
import type { CredentialSpec } from "../documents/credential.ts";
import type { Instant } from "../model/instant.ts";
import type { SecretParts } from "../model/secret.ts";
import type { VersionFact } from "../state/status.ts";
import type { Clock, Pause, Progress, Random, SecretSource } from "./runtime.ts";

/** Names one issued secret everywhere: marks, idempotency keys, receipts. New secret ⇔ new attempt. */
export interface Mark {
  readonly rotation: string;
  readonly attempt: string;
  /** The credential's lease counter at the moment of the effect. */
  readonly epoch: number;
}

/** One generation of a credential as the provider shows it now. */
export interface ObservedVersion {
  /** Public identifier, stable for the life of the version. Never a secret. */
  readonly handle: string;
  /** The provider's slot it occupies (a role name, `1`/`2`); two versions never share one at a time. */
  readonly slot: string;
  /** Able to authenticate now: enabled at the provider and before its own end. */
  readonly live: boolean;
  /** A deactivated version could be made live again without a new secret. */
  readonly reactivatable: boolean;
  readonly createdAt?: Instant;
  readonly expiresAt?: Instant;
  /** Our mark on it, if any. */
  readonly mark?: Mark;
  /** From when on it is valid, where that differs from when it was made (a certificate's `notBefore`). */
  readonly notBefore?: Instant;
  /** When the provider wants it renewed (RFC 9773). */
  readonly renewal?: { readonly start: Instant; readonly end: Instant };
  /** Places of this credential that could not be brought to this version and were left behind, by the document's leave. */
  readonly missingAt?: readonly string[];
  /** What people should see beside the handle when they must decide (last use, sessions). Never a secret. */
  readonly note?: string;
}

export interface Issued {
  readonly handle: string;
  readonly slot: string;
  readonly createdAt: Instant;
  readonly expiresAt?: Instant;
  readonly parts: SecretParts;
  /** Recipe signed: what has to be signed. Public, and goes on record. */
  readonly reference?: string;
}

/** Whether what was to be signed came back. `parts` are public; `waiting` says where it has to be put. */
export type Collected =
  | {
      readonly kind: "ready";
      readonly parts: SecretParts;
      readonly notBefore: Instant;
      readonly expiresAt: Instant;
      readonly detail: string;
    }
  | { readonly kind: "waiting"; readonly detail: string };

/**
 * `used`: somebody other than our probes used it at or after `since`. `silent`: the provider could have told and shows
 * no use; `sampled` when it only shows the present. `unknown`: no rights or no facility to see; only ever a reason to wait.
 */
export type UseEvidence =
  | { readonly kind: "used"; readonly at: Instant; readonly detail: string }
  | { readonly kind: "silent"; readonly sampled: boolean; readonly detail: string }
  | { readonly kind: "unknown"; readonly detail: string };

/** One printed line of proof per place. */
export interface Evidence {
  readonly place: string;
  readonly dead: boolean;
  readonly detail: string;
}

/** What an effect on an existing version needs to prove that it may act. */
export interface Fence {
  /** The mark that must be on the version now; a different one is EffectError `refused`, code `foreign-mark`. */
  readonly expected: Mark | undefined;
  /** The mark that the effect leaves behind (same rotation and attempt, current epoch). */
  readonly next: Mark;
}

/**
 * A provider account bound to one credential. Every method takes a signal and rejects with EffectError (effects) or
 * CreError (reads); effects on UNKNOWN leave it to `observe` to tell. No method logs or throws secret text.
 */
export interface BoundRotator {
  /** `provider/place/object`: equal for two documents if and only if they would touch the same thing. */
  readonly identity: string;
  /** Everything that can be known before an effect: rights, quota, names, both slots. No writes. */
  preflight(signal: AbortSignal): Promise<void>;
  /**
   * What lives at the provider now, with marks; deactivated versions included, revoked ones not. The truth recovery
   * trusts. `recorded` is for providers that list nothing (certificates): they tell what became of those, and never
   * take the record's word for whose something is before they act on it.
   */
  observe(signal: AbortSignal, recorded?: readonly VersionFact[]): Promise<readonly ObservedVersion[]>;
  /** Marks a version that was there before us. Idempotent for the same mark. */
  adopt(version: ObservedVersion, mark: Mark, signal: AbortSignal): Promise<void>;
  /**
   * Recipe ordered: places the order that `issue` collects, and gives its public reference, which is committed before
   * anything is collected. `former` is the reference of an earlier attempt of this rotation: an order that is still
   * open there is used again.
   */
  request?(mark: Mark, former: string | undefined, signal: AbortSignal): Promise<string>;
  /**
   * Makes one new version beside the old one (recipes overlap, ordered and alternate; absent in place). `occupied` are
   * the versions the record knows. Refused when the free slot is in use, or carries a mark as new as `mark` or newer.
   * `reference` is what `request` gave.
   */
  issue?(
    mark: Mark,
    occupied: readonly ObservedVersion[],
    signal: AbortSignal,
    reference?: string,
  ): Promise<Issued>;
  /** In place: a candidate in memory, no effect. */
  generate?(mark: Mark, current: ObservedVersion, signal: AbortSignal): Promise<Issued>;
  /** In place: puts the candidate in force. Fenced on the current mark. */
  apply?(issued: Issued, fence: Fence, signal: AbortSignal): Promise<void>;
  /**
   * Recipe signed: what came back for the reference that `issue` gave. Read-only, asked by any later run; the targets
   * get its parts with the promotion.
   */
  collect?(reference: string, signal: AbortSignal): Promise<Collected>;
  /** Signs in with the new version at the real service on every path consumers take. Read-only. */
  verify(issued: Issued, signal: AbortSignal): Promise<void>;
  inUse?(version: ObservedVersion, since: Instant, signal: AbortSignal): Promise<UseEvidence>;
  /**
   * For providers that see every place which a new version has to come to: `used` once it is in use at all of them,
   * else `silent` or `unknown` with where it is not. Without its `used` nothing is proven, whatever the targets of the
   * deliveries say. (`inUse` of an old version says `used` while any place still has it.)
   */
  inUseEverywhere?(version: ObservedVersion, signal: AbortSignal): Promise<UseEvidence>;
  /** Reversible. Idempotent: already deactivated is success. */
  deactivate?(version: ObservedVersion, fence: Fence, signal: AbortSignal): Promise<void>;
  reactivate?(version: ObservedVersion, fence: Fence, signal: AbortSignal): Promise<void>;
  /** Idempotent: an absent version is success. Also removes orphans. */
  revoke(version: ObservedVersion, fence: Fence, signal: AbortSignal): Promise<void>;
  /** After an incident: ends what the version minted (sessions, tokens), and says per place what is dead. Idempotent. */
  contain?(version: ObservedVersion, since: Instant, signal: AbortSignal): Promise<readonly Evidence[]>;
  close(): Promise<void>;
}

export interface RotatorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: SecretSource;
  readonly pause: Pause;
  /** For what a person should know and that stops nothing. Never a secret. */
  readonly progress: Pick<Progress, "warn">;
  /** Connections by name, already checked against `allow`. */
  connection(name: string): ConnectionSpec;
  /** Text of a file that a document names, of the documents' own commit; a CreError if it is not there. */
  readFile(path: string): string;
  /** Looks at what is served, within what the settings let be scanned. */
  readonly scanEndpoint: ScanEndpoint;
  /** `Settings.commands`: executable and arguments by name. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
}

/**
 * `ordered` is `overlap` with an order that is placed, and on record, before the version is collected. `signed` is
 * `overlap` whose targets get a key first and, days later, the certificate that somebody made for it.
 */
export type Recipe = "overlap" | "ordered" | "signed" | "alternate" | "in-place";

/** What the catalogue holds: one per `provider` key. */
export interface Rotator {
  /** The `provider` key that selects it. */
  readonly type: string;
  readonly parameters: TSchema;
  /** Which recipe a document asks for. */
  recipe(credential: CredentialSpec): Recipe;
  /** The public identity, from the document and connections alone, without network. */
  identity(credential: CredentialSpec, connection: (name: string) => ConnectionSpec | undefined): string;
  /** Provider objects the document names, bounded by the connection's `allow.objects`. */
  objects(credential: CredentialSpec): readonly string[];
  /** Connections the document names for this provider. */
  connections(credential: CredentialSpec): readonly string[];
  /** Names of the parts a new version publishes. */
  readonly parts: readonly string[];
  /** May ask the provider what it can do, which the signal ends; changes nothing. */
  bind(
    name: string,
    credential: CredentialSpec,
    ports: RotatorPorts,
    signal: AbortSignal,
  ): Promise<BoundRotator>;
}
