import {
  holdCommand,
  incidentCommand,
  releaseCommand,
  requestCommand,
  type Speaker,
} from "../../app/acting/person-commands.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import type { Instant } from "../../core/model/instant.ts";
import { isOpen } from "../../core/rotation/transition.ts";
import type { Request, StateFacts } from "../../core/state/facts.ts";
import type { Status } from "../../core/state/status.ts";
import { type Recorded, recordCommand } from "../../runner/record-command.ts";
import type { Company } from "./company.ts";
import type { Dice } from "./dice.ts";
import type { Hosts } from "./hosts.ts";
import type { Site } from "./site.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What people and strangers do to the company while runners are at work. */
export class People {
  readonly #company: Company;
  readonly #hosts: Hosts;
  readonly #dice: Dice;
  readonly #trace: Trace;
  readonly #time: VirtualTime;
  /** When each credential was last said to be compromised. */
  readonly incidents = new Map<string, Instant>();
  /** How often people did each thing. */
  readonly done = new Map<string, number>();

  constructor(company: Company, hosts: Hosts, dice: Dice, trace: Trace, time: VirtualTime) {
    this.#company = company;
    this.#hosts = hosts;
    this.#dice = dice;
    this.#trace = trace;
    this.#time = time;
  }

  /** Perhaps something happens. */
  happen(): void {
    const site = this.#dice.pick(this.#company.sites as [Site, ...Site[]]);
    const deed = this.#dice.pick(DEEDS);
    if (deed === "" || !this.#comesAbout(deed, site)) return;
    this.#trace.say("people", () => `${deed} ${site.id}`);
    this.done.set(deed, (this.done.get(deed) ?? 0) + 1);
    this.#do(deed, site);
  }

  /** What would drown everything else is rarer, and a slot is only taken over once. */
  #comesAbout(deed: (typeof DEEDS)[number], site: Site): boolean {
    if (deed === "reset") return this.#dice.once(4);
    return deed !== "stranger" || (this.#dice.once(6) && site.provider.foreign === undefined);
  }

  #do(deed: Exclude<(typeof DEEDS)[number], "">, site: Site): void {
    const { rules, repository } = this.#company;
    const paper = this.#company.paper(site);
    switch (deed) {
      case "hold":
        rules.held = rules.held === undefined ? this.#company.inDays(3) : undefined;
        break;
      case "freeze":
        rules.frozen = rules.frozen === undefined ? this.#company.inDays(2) : undefined;
        break;
      case "window":
        rules.window = !rules.window;
        break;
      case "delete":
        paper.presence = paper.presence === "there" ? "gone" : "there";
        break;
      case "break":
        paper.presence = paper.presence === "there" ? "invalid" : "there";
        break;
      case "rename":
        paper.formerNames = [...paper.formerNames, paper.name];
        paper.name = `${site.id}-key-${paper.formerNames.length}`;
        break;
      case "compromised":
        paper.compromised = this.#time.instant;
        this.incidents.set(site.id, this.#time.instant);
        break;
      case "revert":
        this.#company.revert();
        return;
      case "stray":
        site.stray = site.stray === undefined ? site.targets[0]?.current : undefined;
        return;
      case "eyes":
        if (site.provider.eyes === "none") return;
        site.provider.eyes = site.provider.eyes === "blind" ? site.plan.eyes : "blind";
        site.blindSince = site.provider.eyes === "blind" ? this.#time.now : undefined;
        return;
      case "stranger":
        site.provider.takeOver(site.provider.slots.at(-1)?.name ?? "a", this.#time.instant);
        site.views.wrote(undefined, this.#time.now);
        return;
      case "reset":
        this.#trace.say("people", () => "set the state branch back");
        repository.reset(1 + this.#dice.int(8));
        return;
      default:
        this.#command(deed, site);
        return;
    }
    this.#company.merge();
  }

  #command(deed: "incident" | "press" | "release" | Request["verb"], site: Site): void {
    const { name, presence } = this.#company.paper(site);
    if (presence !== "there") return;
    if (deed === "incident") {
      this.#say(
        (speaker, _state, documents) =>
          incidentCommand(
            { credential: name, reason: "in a log", revokeFirst: this.#dice.once(3), wait: false },
            speaker,
            documents,
          ),
        ({ at }) => this.incidents.set(site.id, at),
      );
    } else if (deed === "press") {
      const until = this.#company.inDays(2);
      this.#say((speaker, _state, documents) =>
        holdCommand({ credentials: [name], until, reason: "odd errors" }, speaker, documents),
      );
    } else if (deed === "release") {
      const [hold] = this.#company.repository.state.holds.keys();
      if (hold === undefined) return;
      this.#say((speaker, state) => releaseCommand({ id: hold, reason: "over" }, speaker, state));
    } else {
      this.ask(deed, site);
    }
  }

  /** A person's word about an open rotation, if it is true. */
  ask(verb: Request["verb"], site: Site): void {
    const { name } = this.#company.paper(site);
    if (!isTruthful(verb, site, this.#company.repository.state.statuses.get(name))) return;
    this.#say((speaker, state, documents) =>
      requestCommand({ verb, credential: name, reason: "looked at it" }, speaker, state, documents),
    );
  }

  #say(
    decide: (speaker: Speaker, state: StateFacts, documents: Documents) => Recorded,
    then: (speaker: Speaker) => void = () => undefined,
  ): void {
    const { process, ports } = this.#hosts.person();
    let speaker: Speaker = { by: "alice", at: process.now() };
    void recordCommand(
      ports,
      (state, { documents }) => {
        speaker = { by: "alice", at: process.now() };
        return decide(speaker, state, documents);
      },
      process.signal,
    ).then(
      ({ said, recorded }) => {
        process.end();
        if (recorded) then(speaker);
        this.#trace.say("people", () => said);
      },
      () => process.end(),
    );
  }

  /** The storm is over: everything that people had turned is as it was. */
  calm(): void {
    const { rules, papers, sites } = this.#company;
    rules.held = undefined;
    rules.frozen = undefined;
    rules.window = false;
    for (const paper of papers.values()) paper.presence = "there";
    for (const site of sites) site.stray = undefined;
    this.#company.merge();
  }

  /** In calm, a person does what a parked or waiting rotation says. */
  answer(site: Site): void {
    const { name } = this.#company.paper(site);
    const status = this.#company.repository.state.statuses.get(name);
    const verb = status === undefined ? undefined : helpfulVerb(status, site);
    if (verb !== undefined) this.ask(verb, site);
  }
}

const DEEDS = [
  "",
  "",
  "",
  "",
  "hold",
  "freeze",
  "window",
  "delete",
  "break",
  "rename",
  "revert",
  "compromised",
  "incident",
  "press",
  "release",
  "retry",
  "rollback",
  "proceed",
  "stray",
  "eyes",
  "stranger",
  "reset",
] as const;

function helpfulVerb(status: Status, site: Site): Request["verb"] | undefined {
  const { rotation } = status;
  if (status.behind !== undefined) return "retry";
  if (!isOpen(rotation)) return undefined;
  if (rotation.wait?.why === "evidence") return "proceed";
  if (rotation.parked === undefined) return undefined;
  if (rotation.parked.code !== "push-unknown") {
    return rotation.parked.commands.includes("proceed") ? "proceed" : "retry";
  }
  return isTruthful("proceed", site, status) ? "proceed" : "rollback";
}

/** Who speaks about a push in doubt has looked at the target. */
function isTruthful(verb: Request["verb"], site: Site, status: Status | undefined): boolean {
  const rotation = status?.rotation;
  if (rotation?.parked?.code !== "push-unknown" || verb === "retry") return true;
  const arrived = site.targets.every(({ stages, current }) => stages || current === rotation.attempt?.id);
  return arrived === (verb === "proceed");
}
