import type { AuditEntry, AuditEvent } from "../audit/entry.ts";
import type { Documents, Problem } from "../documents/kinds.ts";
import type { Instant } from "../model/instant.ts";
import type { DocumentPart, PartOrigin } from "../reviews/document-part.ts";
import type { Books } from "../state/books.ts";
import type { HoldFact, Incident, Request, StateFacts } from "../state/facts.ts";
import type { Status } from "../state/status.ts";

/** People's documents as read from one place. */
export interface Inputs {
  /** Commit they were read from; undefined for a work tree without commits. */
  readonly commit: string | undefined;
  readonly documents: Documents;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Number of documents read. */
  readonly count: number;
  /** Set when documents were read from a work tree that differs from the tip. */
  readonly uncommitted: boolean;
  /** Commits that parts of the documents are from: files that those name and `commit` has no more are theirs. */
  readonly formerCommits?: readonly string[];
}

/** One thing a person or the runner did to a document since the last recorded inputs. */
export interface DocumentChange {
  readonly change: "added" | "changed" | "removed" | "renamed";
  readonly kind: string;
  readonly name: string;
  readonly formerName?: string;
  readonly file: string;
  readonly commit: string;
  readonly author: string;
  readonly at: Instant;
  /** Of one that was removed: when it was to be retired, as it was written. */
  readonly retiredAt?: string;
}

/** What one push writes. `null` deletes. Everything is public. */
export interface StateChange {
  readonly statuses?: ReadonlyMap<string, Status>;
  /** Status files to delete because their credential was renamed or moved to another service. */
  readonly staleStatuses?: readonly { readonly service: string; readonly credential: string }[];
  readonly incidents?: ReadonlyMap<string, Incident>;
  readonly holds?: ReadonlyMap<string, HoldFact>;
  readonly requests?: ReadonlyMap<string, Request | null>;
  /** Each replaces what there was. */
  readonly books?: Books;
  /** Entries of this push, in order; sealed onto the chain of the tip they are pushed to. */
  readonly events: readonly AuditEvent[];
  /** First line of the commit, for people. */
  readonly subject: string;
  readonly trailers: readonly { readonly key: "Credential" | "Rotation" | "Step"; readonly value: string }[];
}

export interface RunIdentity {
  /** Id of this run, in trailers, leases and segments. */
  readonly run: string;
  /** Person or workflow. */
  readonly actor: string;
}

export type PushOutcome =
  | { readonly outcome: "accepted"; readonly commit: string; readonly entries: readonly AuditEntry[] }
  /** The branch moved: reload and decide again; nothing was written. */
  | { readonly outcome: "rejected" };

/**
 * Git as the store. Compare-and-swap by plain fast-forward pushes; nothing is ever forced.
 * `publish` settles an unknown push itself (fetch: is our commit an ancestor?) and rejects with a CreError only when
 * the remote definitely refuses (permissions, hooks) or stays unreachable.
 */
export interface Store {
  /** Fetches and reads people's documents from the tip of the default branch (never the work tree). */
  fetchInputs(signal: AbortSignal): Promise<Inputs>;
  /** Fetches and reads the machine's files from the tip of the state branch that the settings of `inputs` name. */
  fetchState(inputs: Inputs, signal: AbortSignal): Promise<StateFacts>;
  /** One commit on `base` and one push. Sealing of events happens here, on the chain that `base` ends with. */
  publish(
    base: StateFacts,
    change: StateChange,
    identity: RunIdentity,
    at: Instant,
    signal: AbortSignal,
  ): Promise<PushOutcome>;
  /** Document changes between the last inputs commit in the trail and `commit`. */
  changesSince(
    lastInputs: string | undefined,
    commit: string,
    signal: AbortSignal,
  ): Promise<readonly DocumentChange[]>;
  /** People's documents as an older commit of the default branch has them; undefined: it cannot be read any more. */
  inputsAt(commit: string, signal: AbortSignal): Promise<Inputs | undefined>;
  /**
   * For each part the commit of the default branch that made it say what it says in `commit`, whatever moved, renamed or
   * changed the rest of its document since; undefined: it cannot be found.
   */
  originsOf(
    parts: readonly DocumentPart[],
    commit: string,
    signal: AbortSignal,
  ): Promise<readonly (PartOrigin | undefined)[]>;
  /** What a part says in a text of its file, to be compared with its origin; undefined: the text has no such document. */
  saidIn(text: string, part: Pick<DocumentPart, "kind" | "name" | "fields">): string | undefined;
  /** The commit of the documents named by the newest audit entry that names one. */
  lastInputs(state: StateFacts): Promise<string | undefined>;
  /** The whole trail, in order, as parsed lines with their place. */
  readAudit(commit: string | undefined): Promise<readonly AuditSegment[]>;
  readFile(commit: string, path: string): Promise<Uint8Array | undefined>;
}

export interface AuditSegment {
  readonly path: string;
  /** Raw lines without the newline. */
  readonly lines: readonly string[];
  /** The file does not end with a newline: somebody cut it. */
  readonly unterminated?: boolean;
}

/** Says whether the process that `holder` names is dead; false when it lives or cannot be known from here. */
export interface Liveness {
  readonly self: string;
  isDead(holder: string): boolean;
  /** The run of a forge's scheduler in which a holder works, as `Forge.isRunOver` takes it; undefined: in none. */
  runOf?(holder: string): string | undefined;
}
