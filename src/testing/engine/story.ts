import { addTo } from "../../core/model/instant.ts";
import { emergencyCourse, emergencyPolicy } from "../../core/rotation/emergency.ts";
import { answer } from "../../core/rotation/request.ts";
import { escalated, isOpen, open } from "../../core/rotation/transition.ts";
import type { Request } from "../../core/state/facts.ts";
import type { EffectivePolicy, RecipeName, Status } from "../../core/state/status.ts";
import { CREDENTIAL, Estate, type Plan } from "./estate.ts";
import { Laws } from "./laws.ts";
import { Crash, RunOnce } from "./run-once.ts";
import { Tape } from "./tape.ts";

const DAY = 86_400;

const POLICY: EffectivePolicy = {
  rotate: true,
  gracePeriod: DAY,
  quietPeriod: 3 * DAY,
  soakPeriod: 2 * DAY,
  emergency: { order: "replace-first", confirmWithin: 900 },
};

/** Runs of a calm world after which everything has to have come to an end. */
const CALM_RUNS = 60;
/** With a stranger in a slot nothing needs to end, only to leave it alone. */
const STRANGER_RUNS = 5;

/**
 * One story: a credential is adopted and rotated while the tape brings crashes, refusals, doubt, holds, incidents,
 * commands and strangers; then the world is calm, and everything has to end. Rejects when a law is broken.
 */
export class Story {
  readonly #estate: Estate;
  readonly #tape: Tape;
  readonly #laws: Laws;
  #runs = 0;
  #lastOpened: string | undefined;

  constructor(plan: Plan, numbers: readonly number[]) {
    this.#estate = new Estate(plan);
    this.#tape = new Tape(numbers);
    this.#laws = new Laws(this.#estate);
  }

  /** Tells the story to its end. Rejects with the broken law and what led to it. */
  tell(): void {
    try {
      this.#tell();
    } catch (error) {
      const law = error instanceof Error ? error.message : "an unknown value";
      throw new Error(`${law}\n${this.#laws.log.join("\n")}`, { cause: error });
    }
  }

  #tell(): void {
    while (!this.#tape.calm) {
      this.#happen();
      this.#run(undefined);
    }
    this.#calm();
    let rotated = this.#rotatedSinceCalm();
    const most = this.#estate.provider.foreign === undefined ? CALM_RUNS : STRANGER_RUNS;
    for (let run = 0; run < most; run += 1) {
      this.#estate.pass(run % 3 === 0 ? 3600 : DAY);
      for (const target of this.#estate.targets) target.reload();
      this.#run(this.#personsWord());
      rotated = this.#rotatedSinceCalm();
      if (rotated && !isOpen(this.#estate.pushed.rotation)) break;
    }
    this.#laws.ended(rotated);
  }

  #calm(): void {
    this.#estate.hold = false;
    this.#estate.closedWindow = false;
    this.#estate.documentGone = false;
    this.#estate.stray = undefined;
    this.#lastOpened = this.#estate.pushed.rotation?.id;
  }

  /** A whole rotation was opened and closed after the tape had ended. */
  #rotatedSinceCalm(): boolean {
    const { rotation } = this.#estate.pushed;
    return rotation?.outcome === "done" && rotation.id !== this.#lastOpened && rotation.recipe !== "adopt";
  }

  #happen(): void {
    const { provider, targets } = this.#estate;
    this.#estate.pass(this.#tape.pick([3600, 3600, 6 * 3600, DAY, 4 * DAY, 9 * DAY]));
    for (const target of targets) if (!this.#tape.once(2)) target.reload();
    const event = this.#tape.pick([
      "",
      "",
      "",
      "hold",
      "window",
      "gone",
      "stray",
      "eyes",
      "incident",
      "stranger",
    ]);
    if (event !== "") this.#laws.say(() => `== ${event}`);
    switch (event) {
      case "hold":
        this.#estate.hold = !this.#estate.hold;
        break;
      case "window":
        this.#estate.closedWindow = !this.#estate.closedWindow;
        break;
      case "gone":
        this.#estate.documentGone = !this.#estate.documentGone;
        break;
      case "stray":
        this.#estate.stray = this.#estate.stray === undefined ? targets[0]?.current : undefined;
        break;
      case "eyes":
        if (provider.eyes === "blind") provider.eyes = this.#estate.plan.eyes;
        else if (provider.eyes !== "none") provider.eyes = "blind";
        break;
      case "incident":
        this.#estate.incident = this.#estate.now;
        break;
      case "stranger":
        if (this.#tape.once(3)) provider.takeOver(provider.slots.at(-1)?.name ?? "a", this.#estate.now);
        break;
      default:
        break;
    }
  }

  /** In calm, a person does what a parked or waiting rotation says. */
  #personsWord(): Request["verb"] | undefined {
    const { rotation } = this.#estate.pushed;
    if (!isOpen(rotation)) return undefined;
    if (rotation.wait?.why === "evidence") return "proceed";
    if (rotation.parked === undefined) return undefined;
    if (rotation.parked.code !== "push-unknown") {
      return rotation.parked.commands.includes("proceed") ? "proceed" : "retry";
    }
    return this.#isTruthful("proceed") ? "proceed" : "rollback";
  }

  #run(word: Request["verb"] | undefined): void {
    this.#runs += 1;
    const name = `run${this.#runs}`;
    const random = this.#tape.once(6)
      ? this.#tape.pick(["retry", "rollback", "proceed"] as const)
      : undefined;
    const begun = this.#begin(name, word ?? random);
    const { rotation } = begun ?? {};
    this.#laws.say(
      () =>
        `${name} ${word ?? random ?? ""} ${rotation?.recipe} ${rotation?.emergency ? "emergency " : ""}${rotation?.step} ${rotation?.phase}`,
    );
    if (begun === undefined) return;
    try {
      new RunOnce(this.#estate, this.#tape, this.#laws, name, {
        status: begun,
        explicit: word !== undefined,
      }).go();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.#laws.say(() => "dies");
    }
    this.#laws.changed(this.#estate.pushed);
  }

  #begin(name: string, verb: Request["verb"] | undefined): Status | undefined {
    const status = this.#asked(verb);
    const emergency = this.#emergency(status, name);
    if (emergency !== undefined) return emergency;
    if (isOpen(status.rotation)) return status;
    if (this.#estate.hold || this.#estate.closedWindow || this.#estate.documentGone) return undefined;
    if (status.adoptedAt === undefined) return this.#open(status, name, "adopt", false, false);
    return this.#open(status, name, this.#estate.plan.recipe, false, false);
  }

  #asked(verb: Request["verb"] | undefined): Status {
    const { pushed, now } = this.#estate;
    if (verb === undefined || !this.#isTruthful(verb)) return pushed;
    const request: Request = {
      schemaVersion: 1,
      id: "request-1",
      verb,
      credential: pushed.credential,
      at: now,
      by: "alice",
      reason: "looked at it",
    };
    const answered = answer(pushed, request, now);
    return answered.accepted ? answered.status : pushed;
  }

  /** Who speaks about a push in doubt has looked at the target. */
  #isTruthful(verb: Request["verb"]): boolean {
    const { pushed, targets } = this.#estate;
    if (pushed.rotation?.parked?.code !== "push-unknown" || verb === "retry") return true;
    const arrived = targets.every(
      ({ stages, current }) => stages || current === pushed.rotation?.attempt?.id,
    );
    return arrived === (verb === "proceed");
  }

  #emergency(status: Status, name: string): Status | undefined {
    const { incident, inPlace, plan } = this.#estate;
    if (incident === undefined) return undefined;
    const burnt = status.versions.some((version) => version.live && version.createdAt <= incident);
    if (!burnt && status.adoptedAt !== undefined) return undefined;
    if (status.adoptedAt === undefined && !isOpen(status.rotation)) {
      return this.#open(status, name, "adopt", true, false);
    }
    const compromise = { at: incident, because: "incident", revokeFirst: plan.revokeFirst };
    const found = emergencyCourse(status, compromise, inPlace ? 1 : 2);
    if (found.kind === "none") return undefined;
    if (found.kind === "escalate") return escalated(status, "incident");
    return this.#open(status, name, plan.recipe, true, found.clearFirst);
  }

  #open(status: Status, name: string, recipe: RecipeName, emergency: boolean, clearFirst: boolean): Status {
    const { plan, now } = this.#estate;
    const grace = plan.longGrace ? 5 * DAY : DAY;
    const policy = emergencyPolicy({ ...POLICY, gracePeriod: grace }, emergency && plan.revokeFirst);
    const shape = { staging: plan.staging, pushing: plan.pushing };
    return open(
      status,
      {
        id: `rotation-${name}`,
        recipe,
        reason: emergency ? "compromised" : "due",
        because: emergency ? "incident" : "passwords",
        emergency,
        credential: CREDENTIAL,
        policy,
        commit: "c0ffee",
        identity: "simulated",
        shape,
        clearFirst,
      },
      addTo(now, 0),
    );
  }
}
