import type { AuditEvent } from "../core/audit/entry.ts";
import { type Instant, parseInstant } from "../core/model/instant.ts";
import type { Inputs, StateChange } from "../core/ports/store.ts";
import { cannotRead } from "../core/reviews/target-standing.ts";
import { rememberVanished } from "../core/reviews/vanished.ts";
import type { Gap } from "../core/state/alert-book.ts";
import type { Books } from "../core/state/books.ts";
import type { StateFacts } from "../core/state/facts.ts";
import { type Joined, joinRecords } from "../core/state/rename.ts";
import { EMPTY_REVIEWS } from "../core/state/review-book.ts";
import { worthWriting } from "../core/state/same-facts.ts";
import type { Status } from "../core/state/status.ts";
import { peoplesChanges } from "./peoples-changes.ts";
import type { RunnerPorts } from "./ports.ts";
import { gapBefore, withGap } from "./publish/gap.ts";

/** What one push says, before it is put on a tip. */
export interface Draft {
  readonly statuses: ReadonlyMap<string, Status>;
  readonly events: readonly AuditEvent[];
  readonly subject: string;
  readonly trailers: StateChange["trailers"];
  readonly consumed?: readonly string[];
  readonly books?: Books;
}

/**
 * The state branch as this run knows it: the tip that its next commit goes on, and what every first commit of a run
 * carries besides (people's changes, records that follow a renamed document).
 */
export class Publication {
  readonly #ports: RunnerPorts;
  #tip: StateFacts;
  #joined: Joined;
  #documents: Inputs["documents"];
  #preface: readonly AuditEvent[] = [];
  #changes: readonly AuditEvent[] = [];
  pushes = 0;
  /** Time of the newest entry of the trail when this run began; undefined: there was none. */
  readonly before: Instant | undefined;
  /**
   * A time without runs that this one ended. It goes into the next commit, whatever that is about: from then on the
   * trail does not show it any more.
   */
  #gap: Gap | undefined;

  constructor(ports: RunnerPorts, tip: StateFacts, inputs: Inputs) {
    this.#ports = ports;
    this.#tip = tip;
    this.#joined = joinRecords(tip, inputs.documents);
    this.#documents = inputs.documents;
    this.before = parseInstant(tip.auditHead?.time ?? "");
    this.#gap = gapBefore(this.before, ports, inputs);
  }

  /** The records joined with the documents that name them. */
  get state(): StateFacts {
    return this.#joined.state;
  }

  /** Events that the next accepted commit begins with. */
  set preface(events: readonly AuditEvent[]) {
    this.#preface = events;
  }

  get preface(): readonly AuditEvent[] {
    return this.#preface;
  }

  /** Something goes into the next commit that belongs to no credential's rotation. */
  get hasPreface(): boolean {
    return this.#changes.length + this.#preface.length > 0;
  }

  /** Finds what people changed up to these documents that the tip's trail does not tell: the next commit begins with it. */
  async recallChanges(inputs: Inputs, signal: AbortSignal): Promise<void> {
    this.#changes = await peoplesChanges(this.#ports, this.#tip, inputs.commit, signal);
  }

  /** Records that only follow their document and need a commit of their own if nothing else is said. */
  get hasRenames(): boolean {
    return this.#joined.stale.size > 0;
  }

  /** Reads the tip again after a rejected push. */
  async refresh(inputs: Inputs, signal: AbortSignal): Promise<void> {
    this.#tip = await this.#ports.store.fetchState(inputs, signal);
    this.#joined = joinRecords(this.#tip, inputs.documents);
    this.#documents = inputs.documents;
    // Whoever was quicker may have told the same, or more.
    if (this.#changes.length > 0) await this.recallChanges(inputs, signal);
  }

  /** Takes newer documents into account, without a look at the remote. */
  rejoin(inputs: Inputs): void {
    this.#documents = inputs.documents;
    this.#joined = joinRecords(this.#tip, inputs.documents);
  }

  /** One commit and one push. False: the branch moved, nothing was written. */
  async push(draft: Draft, signal: AbortSignal): Promise<boolean> {
    const { store, identity, clock } = this.#ports;
    const statuses = new Map(draft.statuses);
    for (const name of this.#joined.stale.keys()) {
      const joined = this.#joined.state.statuses.get(name);
      if (joined !== undefined && !statuses.has(name)) statuses.set(name, joined);
    }
    const books = withGap(this.#withVanished(draft.books), this.#tip, this.#gap);
    const change: StateChange = {
      statuses,
      staleStatuses: [...this.#joined.stale.values()],
      ...(draft.consumed === undefined ? {} : { requests: new Map(draft.consumed.map((id) => [id, null])) }),
      ...(books === undefined ? {} : { books }),
      events: [...this.#changes, ...this.#preface, ...draft.events],
      subject: draft.subject,
      trailers: draft.trailers,
    };
    const outcome = await store.publish(this.#tip, change, identity, clock.now(), signal);
    if (outcome.outcome === "rejected") return false;
    this.pushes += 1;
    this.#changes = [];
    this.#preface = [];
    this.#gap = undefined;
    const written = books === undefined ? draft : { ...draft, books };
    this.#advance(outcome.commit, statuses, written, outcome.entries.at(-1));
    return true;
  }

  /** Documents that people removed are remembered by the commit whose trail tells so. A book that cannot be read stays. */
  #withVanished(books: Books | undefined): Books | undefined {
    if (this.#changes.length === 0 || cannotRead(this.#tip)) return books;
    const known = books?.reviews ?? this.#tip.books?.reviews;
    const vanished = rememberVanished(known?.vanished, this.#changes, this.#documents);
    if (vanished === known?.vanished || vanished === undefined) return books;
    return { ...books, reviews: { ...(known ?? EMPTY_REVIEWS), vanished } };
  }

  #advance(
    commit: string,
    written: ReadonlyMap<string, Status>,
    { consumed = [], books }: Pick<Draft, "consumed" | "books">,
    head: StateFacts["auditHead"],
  ): void {
    const statuses = new Map(this.#joined.state.statuses);
    for (const [name, status] of written) statuses.set(name, status);
    const requests = new Map(this.#tip.requests);
    for (const id of consumed) requests.delete(id);
    const auditHead =
      head === undefined ? this.#tip.auditHead : { seq: head.seq, hash: head.hash, time: head.time };
    this.#tip = {
      ...this.#tip,
      commit,
      statuses,
      requests,
      auditHead,
      books: { ...this.#tip.books, ...books },
    };
    this.#joined = { state: this.#tip, stale: new Map() };
  }

  /** Whether a record says anything that the tip does not. */
  isNews(status: Status): boolean {
    return worthWriting(this.#tip.statuses.get(status.credential), status);
  }
}
