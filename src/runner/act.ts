import pLimit from "p-limit";
import { SETTINGS_DEFAULTS } from "../core/documents/settings.ts";
import { isOpen, release } from "../core/rotation/transition.ts";
import { sameFacts } from "../core/state/same-facts.ts";
import { begin, courses, type Errand, follow, takeRequests } from "./assign.ts";
import { tryEffect } from "./effects.ts";
import type { Publication } from "./publication.ts";
import { goOnAfterAdoption, urgentActs } from "./replan.ts";
import type { ReportLine } from "./run-report.ts";
import { closeBound, followDocument, forget, hasOldSights, type Saga } from "./saga.ts";
import { breakOff, type Settled, settle } from "./settle.ts";
import { rotationEvent, say } from "./trail.ts";
import { lookAtTargets } from "./usable.ts";
import { draftOf, intentOf, type Planned } from "./wave-draft.ts";
import type { World } from "./world.ts";

/** How long an interrupted run waits for effects in flight, and for its last push. */
const LAST_WORDS_SECONDS = 1;
const LAST_PUSH_SECONDS = 4;
/** An emergency that waits for its proof looks again this often. */
const POLL_SECONDS = 2;

/**
 * Carries the chosen rotations forward in waves: all of them up to their next effect, one push with the results so
 * far and the intents to come, then the effects side by side. One that fails never stops the others. Nothing is
 * touched before the push of its intent was acknowledged.
 */
export class Act {
  readonly #world: World;
  readonly #publication: Publication;
  readonly #errand: Errand;
  readonly #signal: AbortSignal;
  readonly #sagas = new Map<string, Saga>();
  /** Chosen by the first plan; others come in only by an emergency. */
  readonly #chosen = new Set<string>();
  readonly #queue: string[] = [];
  #consumed: readonly string[] = [];
  readonly #lines: ReportLine[] = [];
  #failed = false;

  constructor(world: World, publication: Publication, errand: Errand, signal: AbortSignal) {
    this.#world = world;
    this.#publication = publication;
    this.#errand = errand;
    this.#signal = signal;
  }

  /** What happened, for people. */
  get lines(): readonly ReportLine[] {
    return [...this.#lines, ...[...this.#sagas.values()].flatMap(({ lines }) => lines)];
  }

  /** Some credential needs a person, failed in this run, or waits for another try after it failed. */
  get needsPerson(): boolean {
    if (this.#failed) return true;
    return [...this.#sagas.values()].some((saga) => {
      const { rotation } = saga.status;
      const waits = isOpen(rotation) && (rotation.outcome === "parked" || rotation.wait?.why === "backoff");
      return saga.failures > 0 || waits;
    });
  }

  /** Does everything that can be done in this run. Rejects only when the store fails. */
  async run(): Promise<void> {
    try {
      this.#assign();
      while (!this.#signal.aborted && (await this.#wave())) this.#admit();
    } finally {
      if (this.#signal.aborted) await this.#lastWords();
      await Promise.all([...this.#sagas.values()].map(closeBound));
    }
  }

  #assign(): void {
    const answers = takeRequests(this.#world, this.#errand);
    this.#consumed = answers.consumed;
    this.#lines.push(...answers.lines);
    this.#publication.preface = [...this.#publication.preface, ...answers.events];
    for (const saga of answers.sagas) {
      this.#chosen.add(saga.name);
      this.#sagas.set(saga.name, saga);
    }
    for (const { item, act } of courses(this.#world, this.#errand)) {
      if (act === undefined || this.#chosen.has(item.credential)) continue;
      this.#chosen.add(item.credential);
      this.#queue.push(item.credential);
    }
    this.#admit();
  }

  /** Fills the wave from the queue, with what the plan says now. */
  #admit(): void {
    if (this.#queue.length === 0) return;
    const wave = this.#limits().wave ?? SETTINGS_DEFAULTS.wave;
    const acts = new Map(courses(this.#world, this.#errand).map(({ item, act }) => [item.credential, act]));
    while (this.#queue.length > 0 && this.#active().length < wave) {
      const name = this.#queue.shift() ?? "";
      const act = acts.get(name);
      if (act !== undefined && !this.#sagas.has(name)) {
        this.#sagas.set(name, begin(name, act, this.#world, this.#errand));
      }
    }
  }

  #active(): Saga[] {
    return [...this.#sagas.values()].filter(({ finished }) => !finished);
  }

  #limits() {
    return this.#world.inputs.documents.settings?.document.spec.limits ?? {};
  }

  /** One wave; false when nothing is left to do. */
  async #wave(): Promise<boolean> {
    const settled = await this.#settleAll();
    if (this.#signal.aborted || (await this.#documentsMoved())) return true;
    const planned = new Map(
      [...settled].flatMap(([saga, end]): [Saga, Planned][] => (end.kind === "effect" ? [[saga, end]] : [])),
    );
    this.#lookAgain(planned);
    if (!(await this.#publish(planned))) {
      await this.#stateMoved();
      return true;
    }
    await this.#effects(planned);
    goOnAfterAdoption(this.#world, this.#publication, this.#errand, this.#active());
    const polling = [...settled].flatMap(([saga, { kind }]) => (kind === "poll" ? [saga] : []));
    if (planned.size === 0 && polling.length > 0) {
      await this.#world.ports.pause(POLL_SECONDS, this.#signal);
      for (const saga of polling) forget(saga);
      if (!this.#signal.aborted) await this.#stateMoved();
    }
    // What the last effects left behind is pushed, too: a failure, a record that is parked now.
    return this.#active().length > 0 || this.#queue.length > 0 || this.#unsaid().length > 0;
  }

  /** What was decided on sights from too long ago (a stopped run, a long wave) is asked again in the next wave. */
  #lookAgain(planned: Map<Saga, Planned>): void {
    const now = this.#world.ports.clock.now();
    for (const saga of [...planned.keys()].filter((one) => hasOldSights(one, now))) {
      forget(saga);
      planned.delete(saga);
    }
  }

  async #settleAll(): Promise<ReadonlyMap<Saga, Settled>> {
    const settled = new Map<Saga, Settled>();
    await this.#sideBySide(this.#active(), async (saga) => {
      settled.set(saga, await settle(saga, this.#world, this.#signal));
    });
    return settled;
  }

  /** A bug in one saga stays in it. */
  async #sideBySide(sagas: readonly Saga[], work: (saga: Saga) => Promise<void>): Promise<void> {
    const limit = pLimit(this.#limits().concurrency ?? SETTINGS_DEFAULTS.concurrency);
    const guarded = async (saga: Saga): Promise<void> =>
      work(saga).catch((error: unknown) => breakOff(saga, error, this.#world.ports.clock.now()));
    await Promise.all(sagas.map((saga) => limit(guarded, saga)));
  }

  /** The default branch is read again before every intent; when it moved, everything is decided again. */
  async #documentsMoved(): Promise<boolean> {
    const fresh = await this.#world.ports.store.fetchInputs(this.#signal);
    if (fresh.commit === this.#world.inputs.commit) return false;
    this.#world.inputs = fresh;
    this.#publication.rejoin(fresh);
    await this.#followDocuments();
    this.#replan();
    return true;
  }

  /**
   * Renamed documents take their open rotations with them, and what has no record yet gets none without its document:
   * two records of one credential must not come to be.
   */
  async #followDocuments(): Promise<void> {
    await lookAtTargets(this.#world, this.#publication.state, this.#signal);
    const { documents } = this.#world.inputs;
    for (const [name, saga] of new Map(this.#sagas)) {
      followDocument(saga, documents);
      this.#sagas.delete(name);
      if (saga.tip === undefined && !documents.credentials.has(saga.name)) this.#drop(saga);
      else this.#sagas.set(saga.name, saga);
    }
  }

  /** After a rejected push: results stay, intents are decided again, records that others moved are left to them. */
  async #stateMoved(): Promise<void> {
    const { ports } = this.#world;
    // Those at rest, too: what they have not pushed was decided on a record that may be history by now.
    const unsaid = new Set(this.#unsaid());
    this.#world.inputs = await ports.store.fetchInputs(this.#signal);
    await this.#publication.refresh(this.#world.inputs, this.#signal);
    await this.#followDocuments();
    for (const saga of this.#sagas.values()) {
      const tip = this.#publication.state.statuses.get(saga.name);
      if (sameFacts(tip, saga.tip)) continue;
      const { run } = ports.identity;
      if (saga.tip?.rotation?.lease?.run !== run) {
        // Nothing unsaid of ours is durable: what the other run did is where this one starts from.
        if (unsaid.has(saga)) saga.lines = [];
        if (unsaid.has(saga) || !saga.finished) this.#queue.push(saga.name);
        this.#drop(saga);
      } else if (tip?.rotation?.lease?.run !== run) {
        this.#fenced(saga);
      }
    }
    this.#replan();
  }

  #fenced(saga: Saga): void {
    const { clock } = this.#world.ports;
    const event = rotationEvent(saga.status, "rotation.fenced", clock.now(), { outcome: "failed" });
    this.#publication.preface = [...this.#publication.preface, event];
    say(saga, "error", "another run has taken over; this one stops");
    this.#failed = true;
    this.#drop(saga);
  }

  #drop(saga: Saga): void {
    this.#lines.push(...saga.lines);
    this.#sagas.delete(saga.name);
    void closeBound(saga);
  }

  /** Emergencies and escalations that appeared meanwhile, on records that include what is not pushed yet. */
  #replan(): void {
    const urgent = urgentActs(this.#world, this.#publication, this.#errand, this.#sagas);
    for (const [name, act] of urgent) {
      const saga = this.#sagas.get(name);
      if (saga !== undefined) {
        saga.finished = false;
        follow(saga, act, this.#world);
      } else if (!this.#queue.includes(name)) {
        this.#queue.unshift(name);
      }
    }
  }

  /** Sagas with something to say: a result, a changed record. */
  #unsaid(): Saga[] {
    return [...this.#sagas.values()].filter(
      (saga) => saga.events.length > 0 || this.#publication.isNews(saga.status),
    );
  }

  /** Results and intents in one push. True: acknowledged, or nothing was to be said. */
  async #publish(planned: ReadonlyMap<Saga, Planned>): Promise<boolean> {
    const intended = new Map([...planned].map(([saga, plan]) => [saga, intentOf(saga, plan, this.#world)]));
    const speaking = [...new Set([...this.#unsaid(), ...planned.keys()])];
    if (speaking.length === 0 && this.#consumed.length === 0) return true;
    const draft = draftOf(speaking, intended, this.#consumed, this.#world.ports.clock.now());
    if (!(await this.#publication.push(draft, this.#signal))) return false;
    this.#world.ports.progress.step(draft.subject);
    this.#consumed = [];
    this.#world.state = this.#publication.state;
    for (const saga of speaking) {
      saga.events = [];
      saga.status = intended.get(saga) ?? saga.status;
      saga.ourIntent = intended.has(saga);
      saga.tip = saga.status;
    }
    return true;
  }

  async #effects(planned: ReadonlyMap<Saga, Planned>): Promise<void> {
    if (planned.size === 0) return;
    const work = this.#sideBySide([...planned.keys()], async (saga) => {
      const step = planned.get(saga)?.step;
      if (step !== undefined && !this.#signal.aborted) await tryEffect(saga, step, this.#world, this.#signal);
    });
    await Promise.race([work, this.#interrupted()]);
  }

  /** Resolves a little after the run was interrupted: effects in flight get a moment, the rest is recovered later. */
  async #interrupted(): Promise<void> {
    await new Promise<void>((done) => {
      if (this.#signal.aborted) done();
      else this.#signal.addEventListener("abort", () => done(), { once: true });
    });
    const { ports } = this.#world;
    await ports.pause(LAST_WORDS_SECONDS, ports.timeLimit(LAST_WORDS_SECONDS + 1));
  }

  /** Results of an interrupted run are pushed; intents whose effect is in doubt stay as they are. */
  async #lastWords(): Promise<void> {
    const speaking = this.#unsaid();
    if (speaking.length === 0) return;
    for (const saga of speaking) {
      const { rotation } = saga.status;
      if (isOpen(rotation) && rotation.phase === "ready") saga.status = release(saga.status);
    }
    const draft = draftOf(speaking, new Map(), this.#consumed, this.#world.ports.clock.now());
    await this.#publication.push(
      { ...draft, subject: `interrupted: ${draft.subject}` },
      this.#world.ports.timeLimit(LAST_PUSH_SECONDS),
    );
  }
}
