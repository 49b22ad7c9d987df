import type { DueNow } from "../evaluate/due-now.ts";
import { addTo, type Instant, later } from "../model/instant.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Rotation, Status, VersionFact } from "../state/status.ts";

/** A due date that passed, or that a rotation met. */
export interface CountedDue {
  readonly dueAt: Instant;
  readonly policy: string;
  /** The provider's own end of what was in use. */
  readonly endsAt: Instant | undefined;
  metAt?: Instant;
  /** The rotation that met it; absent: nothing but a date that people or providers gave. */
  rotation?: string;
}

/** From one version to the next: what is due, and whether it is met. */
interface Cycle {
  readonly last: Instant;
  readonly endsAt: Instant | undefined;
  /** From when on what ends then is valid. */
  readonly since: Instant | undefined;
  readonly observed: boolean;
  due: DueNow["due"];
  isMet: boolean;
  /** Those of this cycle that count, in the order in which they were counted. */
  readonly counted: CountedDue[];
}

/** The life of one credential as a row of cycles. */
export interface Cycles {
  readonly counted: readonly CountedDue[];
  /** Of the present cycle, while it is not met. */
  readonly ahead: Omit<CountedDue, "metAt" | "rotation"> | undefined;
  /** By when the old version of a confirmed rotation is to be dead, by the rotation's id. */
  readonly deadlines: ReadonlyMap<string, Instant>;
  /** What is due is in force until this instant, exclusive: it counts if it passes before. */
  pass(until: Instant): void;
  /** What holds from an instant on; undefined: the credential is not registered. */
  turn(at: Instant, now: DueNow | undefined, status: Status | undefined): void;
}

/** The cycle that a rotation met, as long as that can be taken back. */
interface Met {
  readonly rotation: string;
  readonly cycle: Cycle;
  /** What was counted before it passed. */
  readonly early: CountedDue | undefined;
}

/** Beyond grace and quiet: as much as `validate` wants between the start of a rotation and its due date. */
const MARGIN_SECONDS = 48 * 3600;

export function dueCycles(): Cycles {
  return new CycleRow();
}

class CycleRow implements Cycles {
  counted: CountedDue[] = [];
  readonly deadlines = new Map<string, Instant>();
  #cycle: Cycle | undefined;
  #met: Met | undefined;

  get ahead(): Cycles["ahead"] {
    const cycle = this.#cycle;
    if (cycle?.due === undefined || cycle.isMet) return undefined;
    if (isCounted(cycle, cycle.due.dueAt)) return undefined;
    return { ...cycle.due, endsAt: cycle.endsAt };
  }

  pass(until: Instant): void {
    const due = this.ahead;
    if (due !== undefined && due.dueAt < until) this.#count({ ...due });
  }

  turn(at: Instant, now: DueNow | undefined, status: Status | undefined): void {
    const rotation = replacing(status?.rotation);
    if (this.#cycle === undefined && now !== undefined) this.#cycle = cycleOf(now);
    if (rotation !== undefined) this.#hear(rotation, now);
    const cycle = this.#cycle;
    if (now === undefined) {
      if (cycle !== undefined) cycle.due = undefined;
      return;
    }
    const begun = cycleOf(now);
    if (cycle === undefined) return;
    const way = wayFrom(cycle, begun);
    if (way === "same") {
      cycle.due = now.due;
      return;
    }
    // A new version that is there, but not proven in use, meets nothing yet.
    const isUnderWay = rotation !== undefined && isOpen(rotation) && rotation.confirmedAt === undefined;
    if (way === "on" && isUnderWay && !cycle.isMet) return;
    if (way === "on" && !cycle.isMet) this.#metByDate(cycle, begun, at);
    this.#cycle = way === "on" ? begun : { ...begun, isMet: cycle.isMet, counted: cycle.counted };
  }

  /** What the record says of the rotation: it met what is due, or that was taken back. */
  #hear(rotation: Rotation, now: DueNow | undefined): void {
    const { id, confirmedAt } = rotation;
    const met = this.#met;
    if (met?.rotation === id) {
      if (confirmedAt === undefined) this.#takeBack(met);
      return;
    }
    if (confirmedAt === undefined || this.deadlines.has(id)) return;
    const due = this.#cycle?.due?.dueAt;
    this.deadlines.set(id, deadlineOf(rotation, confirmedAt, due));
    const cycle = this.#cycle;
    if (cycle === undefined || cycle.isMet) return;
    // Where nothing was seen before it, the present cycle may be the one that it began.
    if (now !== undefined && cycle.last === now.facts.last && !isOldAlive(rotation, confirmedAt, now)) return;
    const { ahead } = this;
    for (const counted of cycle.counted) {
      counted.metAt = confirmedAt;
      counted.rotation = id;
    }
    const early = ahead === undefined ? undefined : { ...ahead, metAt: confirmedAt, rotation: id };
    if (early !== undefined) this.#count(early);
    cycle.isMet = true;
    this.#met = { rotation: id, cycle, early };
  }

  #takeBack({ rotation, cycle, early }: Met): void {
    for (const counted of cycle.counted) {
      delete counted.metAt;
      delete counted.rotation;
    }
    if (early !== undefined) {
      cycle.counted.splice(cycle.counted.indexOf(early), 1);
      this.counted = this.counted.filter((counted) => counted !== early);
    }
    cycle.isMet = false;
    this.deadlines.delete(rotation);
    this.#cycle = cycle;
    this.#met = undefined;
  }

  /** No rotation of this tool: the date of a person or a provider is all there is. */
  #metByDate(cycle: Cycle, { last, since, observed }: Cycle, at: Instant): void {
    const given = last > cycle.last ? last : since;
    const metAt = given !== undefined && given > cycle.last && given < at ? given : at;
    for (const counted of cycle.counted) counted.metAt = metAt;
    const { ahead } = this;
    // Where a provider now says what the document had said, nothing was rotated: the date was another one.
    const isCorrected = observed !== cycle.observed;
    if (ahead !== undefined && !isCorrected) this.#count({ ...ahead, metAt });
  }

  #count(due: CountedDue): void {
    this.counted.push(due);
    this.#cycle?.counted.push(due);
  }
}

function cycleOf({ facts, due }: DueNow): Cycle {
  const { last, end, observed } = facts;
  return { last, endsAt: end?.at, since: end?.since, observed, due, isMet: false, counted: [] };
}

/** A version from before the rotation lives, or people have not yet written down that there is a new one. */
function isOldAlive({ recipe, attempt }: Rotation, confirmedAt: Instant, { facts }: DueNow): boolean {
  const isOurs = (version: VersionFact): boolean =>
    version.mark !== undefined && version.mark.attempt === attempt?.id;
  if (facts.observed) return !facts.live.every(isOurs);
  return recipe === "value" && confirmedAt > facts.last;
}

function isCounted({ counted }: Cycle, dueAt: Instant): boolean {
  return counted.some((due) => due.dueAt === dueAt);
}

/** Whether the facts went on to a newer version, or back: what was taken for newer is not, or not any more. */
function wayFrom(before: Cycle, after: Cycle): "same" | "on" | "back" {
  if (after.last !== before.last) return after.last > before.last ? "on" : "back";
  if (after.endsAt === before.endsAt) return "same";
  if (after.endsAt === undefined || before.endsAt === undefined) return "back";
  return after.endsAt > before.endsAt ? "on" : "back";
}

/** A rotation that brings a new version. */
function replacing(rotation: Rotation | undefined): Rotation | undefined {
  return rotation?.recipe === "adopt" || rotation?.recipe === "retire" ? undefined : rotation;
}

/**
 * The due date, by which the old version must not live any more; if that is too near or past, what the rotation's own
 * policy makes it wait for. In an emergency nothing is waited for.
 */
function deadlineOf(
  { emergency, pinned }: Rotation,
  confirmedAt: Instant,
  due: Instant | undefined,
): Instant {
  const { gracePeriod, quietPeriod, emergency: urgent } = pinned.policy;
  if (emergency) return addTo(confirmedAt, urgent.confirmWithin);
  return later(addTo(confirmedAt, gracePeriod + quietPeriod + MARGIN_SECONDS), due);
}
