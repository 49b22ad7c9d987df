import type { ConnectionSpec } from "../documents/connection.ts";
import type { Documents } from "../documents/kinds.ts";
import type { Instant } from "../model/instant.ts";
import type { Clock, Pause, Progress, SecretSource } from "./runtime.ts";

/** What a source can show. */
export const SIGHTING_KINDS = [
  "aws-access-key",
  "postgresql-login",
  "tls-certificate",
  "ssh-key",
  "kubernetes-tls",
  "github-secret",
] as const;
export type SightingKind = (typeof SIGHTING_KINDS)[number];

/** Something a source says of whom it belongs to; a guess until a person says so. */
export interface OwnerHint {
  /** Where it was read: `tag Owner`, `comment`, `CODEOWNERS`, `label app`. */
  readonly source: string;
  /** Other people's text: bounded by the source, encoded by whoever shows it. */
  readonly text: string;
}

/** One credential as a source shows it now. Public facts only: never a secret, a verifier, a private key or a hash of one. */
export interface Sighting {
  readonly kind: SightingKind;
  /**
   * Public identifier, in the form in which the rotator of this kind names a version: an access key id, a fingerprint, a
   * role. Secrets of GitHub and Kubernetes show no version: theirs is the place itself, and says nothing of drift.
   */
  readonly handle: string;
  /** Where it was seen, for people and for telling two places apart: `123456789012/deploy`, `web-1:/home/app/.ssh/authorized_keys:3`, `db:5432`. */
  readonly place: string;
  /** `identityOf` of the registered credential that means this place or object; absent: no document does. */
  readonly identity?: string;
  /** Able to authenticate now. */
  readonly live: boolean;
  readonly createdAt?: Instant;
  /** When its secret was last set, where the source tells that apart from its creation. */
  readonly changedAt?: Instant;
  readonly expiresAt?: Instant;
  readonly lastUsedAt?: Instant;
  /** More public facts, by a name that people read: `key type`, `comment`, `superuser`. */
  readonly detail: Readonly<Record<string, string>>;
  readonly ownerHints: readonly OwnerHint[];
  /** What is wrong with it whoever owns it, as one sentence each: an md5 verifier, a short RSA key. */
  readonly concerns: readonly string[];
}

/** How a look at one part ended. */
export interface ScanEnd {
  /** Whatever exists in the part, from the cursor on, was seen. Only then is absence evidence. */
  readonly complete: boolean;
  /** How many things were looked at: users, roles, endpoints, files. */
  readonly scanned: number;
  /**
   * `identityOf` of each registered credential that would have been seen if it existed: one of these (equal, not similar)
   * that neither this look sighted nor those that it goes on from is a ghost. A part that is incomplete as a whole covers
   * what it did see whole.
   */
  readonly covered: readonly string[];
  /**
   * What could not be seen, with what to do; never a secret. An incomplete look has one at least; a complete one may have
   * some about facts that are missing, such as a last use.
   */
  readonly problems: readonly string[];
  /** Where a later look goes on, if this one ended before the end; absent: from the beginning. */
  readonly cursor?: string;
}

/** One account, server, cluster or list of endpoints, opened for a look. Read-only: it changes nothing anywhere. */
export interface SourcePart {
  /** For people, unique within the source: `123456789012`, `orders-cluster`, `web-1`. */
  readonly name: string;
  /**
   * Shows what there is, one after the other, within the bounds of the source. Never rejects for what the place says or
   * refuses: that is in the end, and what was seen before counts. Rejects when the signal aborts. `enough` is asked between
   * requests: once it says so, the look ends with a cursor.
   */
  scan(
    cursor: string | undefined,
    show: (sighting: Sighting) => void,
    signal: AbortSignal,
    enough?: () => boolean,
  ): Promise<ScanEnd>;
  close(): Promise<void>;
}

/** What a source may use. */
export interface DiscoveryPorts {
  readonly clock: Clock;
  readonly secrets: SecretSource;
  readonly pause: Pause;
  readonly progress: Progress;
  /** Of the repository: known_hosts files, CA bundles, files that name hosts. */
  readonly documents: Documents;
  connection(name: string): ConnectionSpec;
  /** The rotator's identity of a registered credential; of one without a rotator `document NAME`. */
  identityOf(credential: string): string;
  readFile(path: string): string;
  /** Paths of all files that git tracks, sorted. */
  trackedFiles(): readonly string[];
}

/** What the catalogue holds: one per kind key of `Settings.discovery`. `Entry` is what stands under that key. */
export interface DiscoverySource<Entry = unknown> {
  /** The key that selects it. */
  readonly kind: string;
  /** Connections that the entry names. */
  connections(entry: Entry): readonly string[];
  /** Patterns (`*` stands for anything) of files that git tracks and that it reads; absent: none. */
  files?(entry: Entry): readonly string[];
  /** Its parts, without any request; rejects with a CreError when a secret or file of the entry is missing. */
  open(entry: Entry, ports: DiscoveryPorts): Promise<readonly SourcePart[]>;
}
