import type { Credential } from "../documents/credential.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import type { Policy } from "../documents/policy.ts";
import { type DueNow, dueNow, nextTurn } from "../evaluate/due-now.ts";
import { compareText } from "../evaluate/order.ts";
import type { Instant } from "../model/instant.ts";
import { EMPTY_STATE, type Incident, type StateFacts } from "../state/facts.ts";
import type { Status } from "../state/status.ts";
import { type CountedDue, type Cycles, dueCycles } from "./due-cycle.ts";

/** What came into force at one instant. */
export interface HistoryStep {
  readonly at: Instant;
  /** Absent: the documents stay what they were. */
  readonly documents?: Documents;
  /** Records that changed, by their paths; undefined: it is gone. */
  readonly records?: ReadonlyMap<string, Status | undefined>;
}

/** A due date that counts, of a credential under the name that it had last. */
export interface DueRecord extends Readonly<CountedDue> {
  readonly credential: string;
  /** Its document as it was last seen. */
  readonly source: Sourced<Credential>;
  /** It is not in the registry any more, or retired. */
  readonly gone: boolean;
}

/** What is known at one instant. */
export interface LedgerSum {
  /** Due dates that passed or that a rotation met, by due date and name. */
  readonly records: readonly DueRecord[];
  /** Due dates that lie ahead and that nothing met yet. */
  readonly ahead: readonly DueRecord[];
  /** By when the old version of a confirmed rotation is to be dead, by the rotation's id. */
  readonly deadlines: ReadonlyMap<string, Instant>;
}

/** Takes what came into force, one instant after the other, and says at any of them which due dates there were. */
export interface DueLedger {
  /** Not before an instant that it has seen. */
  take(step: HistoryStep): void;
  sumAt(instant: Instant): LedgerSum;
}

interface Series {
  source: Sourced<Credential>;
  readonly cycles: Cycles;
  status: Status | undefined;
  present: boolean;
  retired: boolean;
  /** When facts change next though nothing is written. */
  next: Instant | undefined;
}

/**
 * Due dates are pure functions of documents and records, so only what changed is evaluated again: one credential when
 * its document or its record changed or one of its versions ended, all when a policy changed.
 */
export function dueLedger(incidents: ReadonlyMap<string, Incident>): DueLedger {
  return new Ledger(incidents);
}

class Ledger implements DueLedger {
  readonly #incidents: readonly Incident[];
  #declared: { readonly at: string; readonly state: StateFacts } = { at: "", state: EMPTY_STATE };
  readonly #series = new Map<string, Series>();
  readonly #records = new Map<string, Status>();
  readonly #statuses = new Map<string, Status>();
  #credentials: Documents["credentials"] = new Map();
  #policies: readonly Policy[] = [];
  /** Who bears a former name now. */
  #bearers: ReadonlyMap<string, string> = new Map();

  constructor(incidents: ReadonlyMap<string, Incident>) {
    this.#incidents = [...incidents.values()];
  }

  take({ at, documents, records }: HistoryStep): void {
    const touched = new Set<string>();
    if (records !== undefined) this.#record(records, touched);
    if (documents !== undefined) this.#read(documents, touched, at);
    for (const name of touched) this.#touch(name, at);
  }

  sumAt(instant: Instant): LedgerSum {
    const records: DueRecord[] = [];
    const ahead: DueRecord[] = [];
    const deadlines = new Map<string, Instant>();
    for (const [credential, series] of this.#series) {
      this.#goOn(series, instant, true);
      const { source, cycles, present, retired } = series;
      const about = { credential, source, gone: !present || retired };
      for (const due of cycles.counted) records.push({ ...due, ...about });
      if (cycles.ahead !== undefined) {
        // What is due at this very second is overdue.
        (cycles.ahead.dueAt <= instant ? records : ahead).push({ ...cycles.ahead, ...about });
      }
      for (const [rotation, deadline] of cycles.deadlines) deadlines.set(rotation, deadline);
    }
    return { records: records.toSorted(byDueDate), ahead: ahead.toSorted(byDueDate), deadlines };
  }

  #record(records: ReadonlyMap<string, Status | undefined>, touched: Set<string>): void {
    for (const path of records.keys()) {
      const before = this.#records.get(path);
      if (before === undefined) continue;
      this.#records.delete(path);
      if (this.#statuses.get(before.credential) === before) this.#statuses.delete(before.credential);
      touched.add(this.#bearerOf(before.credential));
    }
    for (const [path, status] of records) {
      if (status === undefined) continue;
      this.#records.set(path, status);
      this.#statuses.set(status.credential, status);
      touched.add(this.#bearerOf(status.credential));
    }
  }

  #bearerOf(name: string): string {
    return this.#credentials.has(name) ? name : (this.#bearers.get(name) ?? name);
  }

  #read({ credentials, policies }: Documents, touched: Set<string>, at: Instant): void {
    const sorted = [...policies.values()]
      .map(({ document }) => document)
      .toSorted((a, b) => compareText(a.metadata.name, b.metadata.name));
    const isSame =
      sorted.length === this.#policies.length && sorted.every((policy, at) => policy === this.#policies[at]);
    for (const [name, { document }] of credentials) {
      if (!isSame || this.#credentials.get(name)?.document !== document) touched.add(name);
    }
    for (const name of this.#credentials.keys()) if (!credentials.has(name)) touched.add(name);
    // Up to now the policies of before were in force.
    for (const name of touched) this.#goOn(this.#series.get(name), at, false);
    this.#policies = sorted;
    const bearers = new Map<string, string>();
    for (const [name, source] of credentials) {
      for (const former of source.document.metadata.formerNames ?? []) {
        if (credentials.has(former)) continue;
        if (!bearers.has(former)) bearers.set(former, name);
        this.#rename(former, name);
      }
    }
    this.#credentials = credentials;
    this.#bearers = bearers;
  }

  /** Its life goes on under the new name. */
  #rename(former: string, name: string): void {
    const series = this.#series.get(former);
    if (series === undefined || this.#series.has(name)) return;
    this.#series.delete(former);
    this.#series.set(name, series);
  }

  #touch(name: string, at: Instant): void {
    const source = this.#credentials.get(name);
    let series = this.#series.get(name);
    if (series === undefined) {
      if (source === undefined) return;
      series = {
        source,
        cycles: dueCycles(),
        status: undefined,
        present: true,
        retired: false,
        next: undefined,
      };
      this.#series.set(name, series);
    }
    this.#goOn(series, at, false);
    series.present = source !== undefined;
    if (source !== undefined) series.source = source;
    // What its document no longer speaks of may still be on its way.
    series.status = source === undefined ? this.#statuses.get(name) : this.#statusOf(source.document);
    this.#turn(series, at);
  }

  /** Everything that happens by itself before an instant, or up to it. */
  #goOn(series: Series | undefined, until: Instant, inclusive: boolean): void {
    if (series === undefined) return;
    const isOver = (next: Instant): boolean => next < until || (inclusive && next === until);
    let { next } = series;
    while (next !== undefined && isOver(next)) {
      series.cycles.pass(next);
      this.#turn(series, next);
      next = series.next;
    }
    series.cycles.pass(until);
  }

  #turn(series: Series, at: Instant): void {
    const { source, status, cycles, present } = series;
    const now = present ? this.#dueOf(source.document, status, at) : undefined;
    series.retired = now?.retired ?? false;
    cycles.turn(at, now, status);
    series.next = present ? nextTurn(source.document, status, at) : undefined;
  }

  #dueOf(credential: Credential, status: Status | undefined, now: Instant): DueNow {
    return dueNow(credential, status, { policies: this.#policies, state: this.#declaredBy(now) }, now);
  }

  #declaredBy(now: Instant): StateFacts {
    if (this.#declared.at !== now) {
      const incidents = this.#incidents.filter(({ at }) => at <= now).map((one) => [one.id, one] as const);
      this.#declared = { at: now, state: { ...EMPTY_STATE, incidents: new Map(incidents) } };
    }
    return this.#declared.state;
  }

  /** The record under its name, or one of its former names, as `joinRecords` finds it. */
  #statusOf({ metadata }: Credential): Status | undefined {
    const own = this.#statuses.get(metadata.name);
    if (own !== undefined) return own;
    const former = (metadata.formerNames ?? []).find(
      (old) => !this.#credentials.has(old) && this.#statuses.has(old),
    );
    return former === undefined ? undefined : this.#statuses.get(former);
  }
}

function byDueDate(a: DueRecord, b: DueRecord): number {
  return compareText(a.dueAt, b.dueAt) || compareText(a.credential, b.credential);
}
