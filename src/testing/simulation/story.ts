import { isOpen } from "../../core/rotation/transition.ts";
import type { Rotation, Status } from "../../core/state/status.ts";
import { Company } from "./company.ts";
import { Dice } from "./dice.ts";
import { Hosts } from "./hosts.ts";
import { Breach, Laws } from "./laws.ts";
import { People } from "./people.ts";
import type { Site } from "./site.ts";
import { Trace } from "./trace.ts";
import { trailBreach } from "./trail-law.ts";
import { VirtualTime } from "./virtual-time.ts";
import { Weather } from "./weather.ts";

const START = Date.UTC(2026, 0, 1) / 1000;
const [HOUR, DAY] = [3600, 86_400];

/** How often the schedule comes round in a storm. */
const STORM_TICKS = 40;
/** And in the calm after which everything has to have come to an end. */
const CALM_TICKS = 90;

/** Many times what happens in a story whose runs come to their ends. */
const MOST_HAPPENINGS = 100_000;

/** How a story went. */
export interface Ending {
  readonly seed: number;
  /** Rotations that were opened. */
  readonly sagas: number;
  /** How often what went wrong, and what people did. */
  readonly troubles: ReadonlyMap<string, number>;
  readonly breach: string | undefined;
  /** What led to the breach, or all of it. */
  readonly trace: string;
}

/** Tells one story: a few credentials, a storm, a calm. The same seed tells the same story. */
export async function tell(seed: number, keep = 150): Promise<Ending> {
  const story = new Story(seed, keep);
  const breach = await story.tell();
  return { seed, sagas: story.sagas, troubles: story.troubles, breach: breach?.message, trace: story.trace };
}

class Story {
  readonly #dice: Dice;
  readonly #time = new VirtualTime(START);
  readonly #trace: Trace;
  readonly #weather: Weather;
  readonly #company: Company;
  readonly #laws: Laws;
  readonly #hosts: Hosts;
  readonly #people: People;
  /** Sites with a whole rotation behind them since the calm began. */
  readonly #done = new Set<string>();
  readonly #lastOpened = new Map<string, string | undefined>();

  constructor(seed: number, keep: number) {
    this.#dice = new Dice(seed);
    this.#trace = new Trace(this.#time, keep);
    this.#weather = new Weather(this.#dice.fork());
    this.#company = new Company(this.#dice.fork(), this.#time);
    this.#laws = new Laws(this.#company, this.#time);
    const around = {
      time: this.#time,
      dice: this.#dice.fork(),
      weather: this.#weather,
      trace: this.#trace,
      changed: () => this.#laws.changed(),
    };
    this.#hosts = new Hosts(this.#company, this.#laws, around, this.#dice.fork());
    this.#people = new People(this.#company, this.#hosts, this.#dice.fork(), this.#trace, this.#time);
    for (const { id, plan } of this.#company.sites) this.#trace.say(id, () => JSON.stringify(plan));
  }

  get sagas(): number {
    return this.#laws.sagas;
  }

  get troubles(): ReadonlyMap<string, number> {
    const people = [...this.#people.done].map(([deed, times]): [string, number] => [
      `people: ${deed}`,
      times,
    ]);
    return new Map([...this.#weather.made, ...people]);
  }

  get trace(): string {
    return this.#trace.text;
  }

  async tell(): Promise<Breach | undefined> {
    try {
      await this.#storm();
      await this.#calm();
    } catch (error) {
      if (error instanceof Breach) return error;
      throw error;
    }
    return undefined;
  }

  async #storm(): Promise<void> {
    for (let tick = 0; tick < STORM_TICKS; tick += 1) {
      // Where a schedule is missed, the next run comes later.
      await this.#pass(this.#dice.pick([HOUR, 3 * HOUR, 6 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 3 * DAY]));
      this.#company.live(this.#dice);
      this.#people.happen();
      const runners = this.#dice.pick([1, 1, 1, 2, 3]);
      for (let runner = 0; runner < runners; runner += 1) {
        const explicit = this.#dice.once(8) ? this.#dice.pick(this.#company.sites as [Site]) : undefined;
        this.#hosts.start(
          explicit === undefined
            ? {}
            : { explicit: { credential: this.#company.paper(explicit).name, by: "alice" } },
          false,
        );
        await this.#pass(this.#dice.int(20));
      }
      if (this.#dice.once(3)) {
        await this.#pass(this.#dice.int(60));
        this.#people.happen();
      }
    }
  }

  async #calm(): Promise<void> {
    this.#trace.say("story", () => "calm");
    this.#weather.calm = true;
    for (let days = 0; days < 10 && !this.#hosts.idle; days += 1) await this.#pass(DAY);
    if (!this.#hosts.idle) this.#laws.blame(`${this.#hosts.running.join(", ")} never came to an end`);
    this.#people.calm();
    this.#hosts.acceptReset();
    for (const site of this.#company.sites) this.#lastOpened.set(site.id, this.#rotationOf(site)?.id);
    for (let tick = 0; tick < CALM_TICKS && this.#done.size < this.#company.sites.length; tick += 1) {
      await this.#pass(tick % 3 === 0 ? HOUR : DAY / 2);
      this.#company.live(undefined);
      for (const site of this.#company.sites) this.#people.answer(site);
      await this.#pass(60);
      this.#hosts.start({}, true);
      await this.#pass(HOUR);
      for (const site of this.#company.sites) this.#note(site);
    }
    for (const site of this.#company.sites) this.#judge(site);
    const broken = trailBreach(this.#company.repository);
    if (broken !== undefined) this.#laws.blame(broken);
    this.#throwBreach();
  }

  /** Its record, also under a name that documents have left meanwhile. */
  #statusOf(site: Site): Status | undefined {
    const { statuses } = this.#company.repository.state;
    const identity = `simulated/${site.id}`;
    const named = statuses.get(this.#company.paper(site).name);
    return named ?? [...statuses.values()].find((status) => status.identity === identity);
  }

  #rotationOf(site: Site): Rotation | undefined {
    return this.#statusOf(site)?.rotation;
  }

  /** A whole rotation was opened and closed after the storm. */
  #note(site: Site): void {
    const rotation = this.#rotationOf(site);
    const whole = rotation?.outcome === "done" && rotation.recipe !== "adopt";
    if (whole && rotation.id !== this.#lastOpened.get(site.id)) this.#done.add(site.id);
    else if (site.provider.foreign !== undefined || this.#restsWithItsReason(site)) this.#done.add(site.id);
  }

  #judge(site: Site): void {
    if (site.provider.foreign !== undefined) return;
    const rotation = this.#rotationOf(site);
    if (this.#restsWithItsReason(site)) return;
    if (!this.#done.has(site.id)) {
      this.#laws.blame(
        `${site.id}: no rotation came to an end in calm: ${rotation?.recipe} ${rotation?.step} ` +
          `${rotation?.outcome} ${JSON.stringify(rotation?.wait)} ${JSON.stringify(rotation?.parked)}`,
      );
    } else if (!isOpen(rotation)) {
      // What was forgotten with the records, such as an incident, nobody can act on.
      this.#laws.ended(
        site,
        this.#company.repository.wasReset ? undefined : this.#people.incidents.get(site.id),
      );
    }
  }

  /** After somebody made the machine forget, what is parked waits for people who look: that is an end, too. */
  #restsWithItsReason(site: Site): boolean {
    const status = this.#statusOf(site);
    return (
      this.#company.repository.wasReset &&
      (status?.behind !== undefined || status?.rotation?.outcome === "parked")
    );
  }

  async #pass(seconds: number): Promise<void> {
    await this.#time.runUntil(this.#time.now + seconds, MOST_HAPPENINGS);
    if (this.#time.happened > MOST_HAPPENINGS) this.#laws.blame("something goes on and on without an end");
    this.#throwBreach();
  }

  #throwBreach(): void {
    if (this.#laws.breach !== undefined) throw this.#laws.breach;
  }
}
