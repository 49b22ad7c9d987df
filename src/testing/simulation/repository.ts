import type { AuditEntry } from "../../core/audit/entry.ts";
import { seal } from "../../core/audit/seal.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import type {
  DocumentChange,
  Inputs,
  PushOutcome,
  RunIdentity,
  StateChange,
} from "../../core/ports/store.ts";
import { EMPTY_STATE, type StateFacts } from "../../core/state/facts.ts";
import type { Status } from "../../core/state/status.ts";
import { sha256 } from "../evaluation/world.ts";

/** A commit of people's documents. */
export interface DocumentsCommit {
  readonly inputs: Inputs & { readonly commit: string };
  readonly change: Omit<DocumentChange, "commit"> | undefined;
}

/** A commit of the state branch. */
export interface StateCommit {
  readonly id: string;
  readonly parent: StateCommit | undefined;
  readonly depth: number;
  readonly facts: StateFacts;
  readonly entries: readonly AuditEntry[];
  /** The newest commit of documents that the trail names. */
  readonly lastInputs: string | undefined;
}

/** The remote: two branches that only ever go forward by a push, and that people with the right can set back. */
export class Repository {
  readonly documents: DocumentsCommit[] = [];
  readonly #commits = new Map<string, StateCommit>();
  #tip: StateCommit | undefined;
  #count = 0;
  #wasReset = false;

  get tip(): StateCommit | undefined {
    return this.#tip;
  }

  /** Somebody set the state branch back at some time: what it had recorded is forgotten. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  get state(): StateFacts {
    return this.#tip?.facts ?? EMPTY_STATE;
  }

  get newest(): DocumentsCommit {
    const newest = this.documents.at(-1);
    if (newest === undefined) throw new Error("nobody has written documents yet");
    return newest;
  }

  /** People push documents; `invalid` ones are missing among them and told as problems. */
  merge(documents: Documents, invalid: number, change?: DocumentsCommit["change"]): void {
    this.#count += 1;
    const problem = {
      file: "registry/broken.yaml",
      line: 1,
      column: 1,
      code: "yaml",
      message: "cannot be read",
      fix: "mend it",
    };
    this.documents.push({
      change,
      inputs: {
        commit: `documents-${this.#count}`,
        documents,
        problems: Array.from({ length: invalid }, () => problem),
        warnings: [],
        count: documents.credentials.size + invalid,
        uncommitted: false,
      },
    });
  }

  /** One commit and one plain push: accepted only where it extends the tip. */
  push(base: StateFacts, change: StateChange, identity: RunIdentity): PushOutcome {
    if (base.commit !== this.#tip?.id) return { outcome: "rejected" };
    const entries = seal(change.events, base.auditHead, identity, sha256);
    this.#count += 1;
    const id = `state-${this.#count}`;
    const named = change.events.findLast(({ inputs }) => inputs !== undefined)?.inputs;
    this.#tip = {
      id,
      parent: this.#tip,
      depth: (this.#tip?.depth ?? 0) + 1,
      facts: after(base, change, entries, id),
      entries,
      lastInputs: named ?? this.#tip?.lastInputs,
    };
    this.#commits.set(id, this.#tip);
    return { outcome: "accepted", commit: id, entries };
  }

  /** Somebody with the right to do so sets the state branch back by some commits. */
  reset(commits: number): void {
    this.#wasReset = true;
    for (let left = commits; left > 0; left -= 1) this.#tip = this.#tip?.parent;
  }

  commit(id: string | undefined): StateCommit | undefined {
    return id === undefined ? undefined : this.#commits.get(id);
  }

  /** All commits of the state branch, oldest first. */
  history(): readonly StateCommit[] {
    const commits: StateCommit[] = [];
    for (let at = this.#tip; at !== undefined; at = at.parent) commits.push(at);
    return commits.toReversed();
  }
}

/** Whether a commit is in the history of another. */
export function isAncestor(commit: StateCommit, of: StateCommit | undefined): boolean {
  let at = of;
  while (at !== undefined && at.depth > commit.depth) at = at.parent;
  return at === commit;
}

function after(
  base: StateFacts,
  change: StateChange,
  entries: readonly AuditEntry[],
  commit: string,
): StateFacts {
  const statuses = new Map(base.statuses);
  for (const { service, credential } of change.staleStatuses ?? []) {
    if (statuses.get(credential)?.service === service) statuses.delete(credential);
  }
  for (const [name, status] of change.statuses ?? []) statuses.set(name, kept(status));
  const requests = new Map(base.requests);
  for (const [id, request] of change.requests ?? []) {
    if (request === null) requests.delete(id);
    else requests.set(id, request);
  }
  const head = entries.at(-1);
  const { rewoundFrom: _, ...rest } = base;
  return {
    ...rest,
    commit,
    statuses,
    requests,
    incidents: new Map([...base.incidents, ...(change.incidents ?? [])]),
    books: { ...base.books, ...change.books },
    holds: new Map([...base.holds, ...(change.holds ?? [])]),
    auditHead: head === undefined ? base.auditHead : { seq: head.seq, hash: head.hash, time: head.time },
  };
}

/** What a file keeps of a record: nothing that JSON cannot say, and nothing that its writer changes later. */
function kept(status: Status): Status {
  return structuredClone(status);
}

/** What people changed after one commit of documents up to another. */
export function changesBetween(
  repository: Repository,
  from: string | undefined,
  to: string,
): readonly DocumentChange[] {
  const commits = repository.documents.map(({ inputs }) => inputs.commit);
  const [first, last] = [from === undefined ? 0 : commits.indexOf(from) + 1, commits.indexOf(to)];
  return repository.documents
    .slice(first, last + 1)
    .flatMap(({ change, inputs }) => (change === undefined ? [] : [{ ...change, commit: inputs.commit }]));
}
