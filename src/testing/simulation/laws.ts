import { addTo, type Instant, secondsBetween } from "../../core/model/instant.ts";
import type { StateChange } from "../../core/ports/store.ts";
import { observedOf, retiring } from "../../core/rotation/transition.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import type { Rotation, Status, Step } from "../../core/state/status.ts";
import type { Company } from "./company.ts";
import type { Process } from "./process.ts";
import type { Site } from "./site.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A law of the engine was broken. */
export class Breach extends Error {}

/** Steps that do something else on their way: an abort revokes what it finds of its own. */
const ALSO: Readonly<Partial<Record<Step, readonly Step[]>>> = { revoke: ["abort"] };

/** Clocks of hosts may differ by so much; a moment that one saw may lie that far ahead on another. */
const CLOCKS_DIFFER_SECONDS = 60;

/** Who acts has looked no longer ago than this. */
const LOOKED_SECONDS = 600;

/** What the judge remembers of one credential. */
interface Memory {
  /** An emergency was told to kill first, so its consumers may be out until it has ended. */
  excused: boolean;
  /** The newest rotation that was merely due and reached its consumers, and when its version was made. */
  due: { readonly id: string; readonly at: Instant } | undefined;
  readonly rotations: Set<string>;
}

/** What must be true at every moment of every story. Each breach is an error that says what happened. */
export class Laws {
  readonly #company: Company;
  readonly #time: VirtualTime;
  readonly #memories = new Map<string, Memory>();
  /** Intents whose push a living process was told of, by process and site. */
  readonly #intents = new Map<string, Status>();
  #breach: Breach | undefined;

  constructor(company: Company, time: VirtualTime) {
    this.#company = company;
    this.#time = time;
    for (const { id } of company.sites) {
      this.#memories.set(id, { excused: false, due: undefined, rotations: new Set() });
    }
  }

  /** The first breach. Kept until the story looks at it: an error thrown into a runner would be taken for a failure. */
  get breach(): Breach | undefined {
    return this.#breach;
  }

  /** Rotations that were opened so far, without adoptions. */
  get sagas(): number {
    return [...this.#memories.values()].reduce((sum, { rotations }) => sum + rotations.size, 0);
  }

  blame(problem: string): void {
    this.#breach ??= new Breach(problem);
  }

  /** A push was acknowledged to a process that lives. */
  acknowledged(process: Process, { statuses = new Map() }: Pick<StateChange, "statuses">): void {
    for (const status of statuses.values()) {
      const { rotation } = status;
      if (rotation === undefined) continue;
      const site = siteOf(rotation, this.#company);
      const key = `${process.name} ${site.id}`;
      const intended = rotation.phase === "intended" && rotation.lease?.run === process.name;
      if (intended) this.#intents.set(key, status);
      else this.#intents.delete(key);
    }
  }

  /** The state branch went forward, whoever knows of it. */
  pushed({ statuses = new Map() }: Pick<StateChange, "statuses">): void {
    for (const { rotation } of statuses.values()) {
      if (rotation === undefined || rotation.recipe === "adopt") continue;
      const site = siteOf(rotation, this.#company);
      const memory = this.#memory(site);
      if (rotation.reason === "due" && rotation.promotedAt !== undefined) {
        memory.due = { id: rotation.id, at: rotation.attempt?.createdAt ?? rotation.promotedAt };
      }
      if (memory.rotations.has(rotation.id)) continue;
      memory.rotations.add(rotation.id);
      if (rotation.emergency && this.#killsFirst(rotation, site)) memory.excused = true;
    }
    for (const { rotation } of statuses.values()) {
      if (rotation?.emergency !== true) continue;
      const site = siteOf(rotation, this.#company);
      if (this.#killsFirst(rotation, site)) this.#memory(site).excused = true;
    }
  }

  /** Nobody writes into a record while a run that lives holds it. */
  keptLeases(
    { name }: Process,
    { statuses = new Map() }: Pick<StateChange, "statuses">,
    base: StateFacts,
    lives: (run: string) => boolean,
  ): void {
    for (const { credential } of statuses.values()) {
      const lease = base.statuses.get(credential)?.rotation?.lease;
      if (lease === undefined || lease.run === name || lease.until <= this.#time.instant) continue;
      if (lives(lease.run)) this.blame(`${name} wrote about ${credential} under the lease of ${lease.run}`);
    }
  }

  #killsFirst({ pinned, step, attempt }: Rotation, site: Site): boolean {
    const early = attempt === undefined && (step === "revoke" || step === "deactivate");
    // Nobody can say what a blind target holds, and both slots are full: an emergency drops the version in doubt.
    if (step === "abort" && site.plan.pushing > 0) return true;
    return pinned.policy.emergency.order === "revoke-first" || early || site.inPlace;
  }

  /** What is due once is made anew once. */
  #notTwice({ id, openedAt }: Rotation, memory: Memory): void {
    const { due } = memory;
    if (due === undefined || due.id === id) return;
    const apart = secondsBetween(due.at, openedAt);
    if (apart < (this.#company.lifetimeDays * 86_400) / 4) {
      this.blame(`due again ${apart} s after it was due: ${due.id} and ${id}`);
    }
  }

  /** A process is about to send an effect. */
  sent(process: Process, site: Site, step: Step, slot: string | undefined): void {
    const intent = this.#intents.get(`${process.name} ${site.id}`);
    const rotation = intent?.rotation;
    if (intent === undefined || rotation === undefined) {
      this.blame(`${process.name} sends ${step} to ${site.id} without an intent that was acknowledged`);
      return;
    }
    if (rotation.step !== step && !(ALSO[step] ?? []).includes(rotation.step)) {
      this.blame(`${process.name} sends ${step} to ${site.id}, but its intent is ${rotation.step}`);
    }
    if (rotation.lease === undefined || rotation.lease.until <= process.now()) {
      this.blame(`${process.name} sends ${step} to ${site.id} after its lease has ended`);
    }
    const epoch = slot === undefined ? 0 : (site.provider.slot(slot).mark?.epoch ?? 0);
    // An emergency does not look first: it is the provider that refuses it. An adoption marks its own marks again.
    const looked = !rotation.emergency && step !== "adopt";
    if (looked && epoch > intent.epoch && site.touchedAt < this.#time.now - LOOKED_SECONDS) {
      this.blame(`${process.name} sends ${step} to ${site.id}, which is ahead of its record`);
    }
    if (
      step === "promote" &&
      site.plan.recipe === "signed" &&
      !site.isSigned(rotation.reference ?? "", this.#time.now)
    ) {
      this.blame(`${site.id}: promoted before its certificate was there`);
    }
    if (rotation.reason === "due" && (step === "issue" || step === "apply")) {
      this.#notTwice(rotation, this.#memory(site));
    }
    if (step !== rotation.step || slot === undefined) return;
    if (step === "deactivate" || step === "revoke") this.#evidence(intent, rotation, step, site);
  }

  /** A run has come to its own end: what it held is free, and what it knows is on record. */
  leftNothing({ name }: Process): void {
    const { state, wasReset } = this.#company.repository;
    if (wasReset) return;
    for (const { credential, rotation } of state.statuses.values()) {
      if (rotation?.lease?.run === name) this.blame(`${name} ended and left its lease on ${credential}`);
    }
  }

  /** Something in the world is different now. */
  changed(): void {
    for (const site of this.#company.sites) {
      const { foreign, slots } = site.provider;
      if (foreign !== undefined) {
        if (!slots.some(({ secret, live }) => secret === foreign && live)) {
          this.blame(`a stranger's version at ${site.id} was touched`);
        }
        continue;
      }
      this.#consumersAreServed(site);
    }
  }

  #consumersAreServed(site: Site): void {
    const memory = this.#memory(site);
    const served = site.targets.every((target) => {
      const known = site.inPlace ? [target.current, target.pending] : [target.current];
      return known.some((secret) => site.provider.isLive(secret));
    });
    if (served) return;
    if (memory.excused || site.plan.recipe === "in-place-downtime") return;
    // Nobody can tell that a target which only takes has what the record has forgotten.
    if (this.#company.repository.wasReset && site.plan.pushing > 0) return;
    const out = site.targets.find(
      (target) => ![target.current, target.pending].some((secret) => site.provider.isLive(secret)),
    );
    this.blame(`${out?.label ?? site.id} knows no version that works`);
  }

  /** Time and evidence, or a person's word, stand in the record before anything is ended. */
  #evidence(status: Status, rotation: Rotation, step: "deactivate" | "revoke", site: Site): void {
    const { policy } = rotation.pinned;
    if (rotation.emergency) return;
    const { plan, provider } = site;
    const ending = retiring(status).filter((fact) => fact.promoted || fact.origin === "adopted");
    const dead = rotation.deactivatedAt === undefined && ending.every((fact) => !isLive(fact, site));
    // One that somebody else ended, or that ended in what the record has forgotten, has nothing to wait for.
    if (ending.length === 0 || dead) return;
    if (rotation.recipe !== "adopt" && !this.#past(rotation.confirmedAt, policy.gracePeriod)) {
      this.blame(`${step} at ${site.id} before grace was over`);
    }
    if (step === "revoke" && plan.canDeactivate && rotation.deactivatedAt === undefined) {
      this.blame(`${site.id} revoked without a deactivation that could be taken back`);
    }
    if (rotation.proceed !== undefined) return;
    if (step === "revoke" && plan.canDeactivate) {
      this.#soaked(rotation, site);
      return;
    }
    if (rotation.recipe === "adopt" && provider.eyes === "sampled") {
      if (rotation.silentSince === undefined) this.blame(`${site.id}: deactivated without a look`);
    } else if (provider.eyes === "sampled" || provider.eyes === "remembers") {
      if (!this.#past(rotation.silentSince, policy.quietPeriod)) {
        this.blame(`${step} at ${site.id} before quiet was over`);
      }
    } else if ((site.blindSince ?? this.#time.now) < this.#time.now - LOOKED_SECONDS) {
      this.blame(`${step} at ${site.id} although nobody could see whether it is used`);
    } else if (provider.eyes === "none" && !plan.canDeactivate) {
      this.blame(`${site.id}: ended for good without any evidence`);
    }
    this.#nobodyIsThere(ending, step, site, policy.quietPeriod);
  }

  #soaked(rotation: Rotation, site: Site): void {
    const { soakPeriod } = rotation.pinned.policy;
    if (!this.#past(rotation.deactivatedAt, soakPeriod)) {
      this.blame(`${site.id} revoked before its soak was over`);
    }
    const weak = rotation.silentSince === undefined || rotation.confirmedBy === "none";
    if (weak && !this.#past(rotation.deactivatedAt, 2 * soakPeriod)) {
      this.blame(`${site.id} revoked without evidence and without a doubled soak`);
    }
  }

  #past(since: Instant | undefined, seconds: number): boolean {
    return since !== undefined && addTo(since, seconds - CLOCKS_DIFFER_SECONDS) <= this.#time.instant;
  }

  #nobodyIsThere(
    ending: readonly Status["versions"][number][],
    step: Step,
    site: Site,
    quietSeconds: number,
  ): void {
    if (site.provider.eyes !== "sampled" && site.provider.eyes !== "remembers") return;
    const sessions = site.sessions();
    for (const fact of ending) {
      const version = observedOf(fact, site.provider.observe());
      const slot = site.provider.slots.find(({ name }) => name === version?.slot);
      const idle = site.provider.eyes === "remembers" && this.#past(slot?.lastUsed, quietSeconds);
      if (slot?.secret !== undefined && sessions.has(slot.secret) && !idle) {
        this.blame(`${step} of a version of ${site.id} that is in use`);
      }
    }
  }

  #memory(site: Site): Memory {
    const memory = this.#memories.get(site.id);
    if (memory === undefined) throw new Error(`no memory of ${site.id}`);
    return memory;
  }

  /** One credential in the calm after the story: what lives is what its consumers use, and nothing burnt. */
  ended(site: Site, incident: Instant | undefined): void {
    const { provider, targets } = site;
    if (provider.foreign !== undefined) return;
    const blind = this.#company.repository.wasReset && site.plan.pushing > 0;
    for (const target of targets) {
      if (blind || provider.isLive(target.current)) continue;
      this.blame(`${target.label} is left without a version that works`);
    }
    const live = provider.slots.filter((slot) => slot.live);
    if (live.length !== 1) this.blame(`${live.length} versions of ${site.id} can log in after the end`);
    const burnt = live.some(({ createdAt }) => incident !== undefined && (createdAt ?? incident) <= incident);
    if (burnt) this.blame(`a burnt version of ${site.id} outlived its emergency`);
  }
}

function isLive(fact: Status["versions"][number], { provider }: Site): boolean {
  return observedOf(fact, provider.observe())?.live === true;
}

function siteOf({ pinned }: Rotation, company: Company): Site {
  return company.site(pinned.credential.spec.provider?.postgresql?.database);
}
