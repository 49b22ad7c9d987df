import type { Documents } from "../../core/documents/kinds.ts";
import type { Random } from "../../core/ports/runtime.ts";
import type { Errand } from "../../runner/assign.ts";
import type { RunnerPorts } from "../../runner/ports.ts";
import { run } from "../../runner/run.ts";
import { sha256 } from "../evaluation/world.ts";
import { bindSite } from "./bound-site.ts";
import { Clone, type Disk } from "./clone.ts";
import type { Company } from "./company.ts";
import type { Dice } from "./dice.ts";
import type { Laws } from "./laws.ts";
import { Process, type Surroundings } from "./process.ts";

/** The machines on which runners and people's commands are processes. The first keeps its clone, the others start from none. */
const HOSTS = ["server", "ci-1", "ci-2"] as const;

/** Starts processes, and knows which of them live. */
export class Hosts {
  readonly #company: Company;
  readonly #laws: Laws;
  readonly #around: Surroundings;
  readonly #dice: Dice;
  readonly #disk: Disk = { seen: undefined };
  readonly #processes = new Map<string, Process>();

  constructor(company: Company, laws: Laws, around: Surroundings, dice: Dice) {
    this.#company = company;
    this.#laws = laws;
    this.#around = around;
    this.#dice = dice;
  }

  /** Nothing runs any more. */
  get idle(): boolean {
    return [...this.#processes.values()].every(({ gone }) => gone);
  }

  /** Names of processes that neither ended nor died. */
  get running(): readonly string[] {
    return [...this.#processes.values()].flatMap(({ name, gone }) => (gone ? [] : [name]));
  }

  /** Somebody has looked at a state branch that was set back, and goes on with what it holds now. */
  acceptReset(): void {
    this.#disk.seen = undefined;
  }

  /** One run, on a machine of its choice. Whatever goes wrong in it is its own affair; a bug is a breach. */
  start(errand: Errand, calm: boolean): void {
    const process = this.#process("run", calm ? 0 : this.#dice.int(61) - 30);
    const ports = this.ports(process);
    const { trace } = this.#around;
    const asked = errand.explicit === undefined ? "" : ` for ${errand.explicit.credential}`;
    trace.say(process.name, () => `starts on ${process.host}${asked}`);
    void run(ports, errand, process.signal).then(
      (report) => {
        process.end();
        trace.say(process.name, () => `ends with ${report.exit}: ${report.summary}`);
        if (report.exit !== 4) this.#laws.leftNothing(process);
        for (const { text } of report.lines) {
          trace.say(process.name, () => `  ${text}`);
          if (text.includes("please report it")) this.#laws.blame(`a bug: ${text}`);
        }
      },
      (error: unknown) => {
        process.end();
        const text = error instanceof Error ? `${error.name}: ${error.message}` : "an unknown value";
        trace.say(process.name, () => `fails: ${text}`);
        const expected =
          error instanceof Error && ["CreError", "AbortError", "TimeoutError"].includes(error.name);
        if (!expected) this.#laws.blame(`a run failed with ${text}`);
      },
    );
  }

  /** A process of a person, whose command goes through the same store. */
  person(): { readonly process: Process; readonly ports: RunnerPorts } {
    const process = this.#process("person", 0);
    return { process, ports: this.ports(process) };
  }

  #process(kind: string, skew: number): Process {
    const name = `${kind}-${this.#processes.size + 1}`;
    const process = new Process(name, this.#dice.pick(HOSTS), skew, this.#around);
    this.#processes.set(name, process);
    return process;
  }

  ports(process: Process): RunnerPorts {
    const { time } = this.#around;
    const disk = process.host === HOSTS[0] ? this.#disk : { seen: undefined };
    const store = new Clone(this.#company.repository, disk, process, {
      pushed: (change, base) => {
        this.#laws.pushed(change);
        const lives = (name: string): boolean => this.#processes.get(name)?.gone === false;
        this.#laws.keptLeases(process, change, base, lives);
      },
      acknowledged: (change) => this.#laws.acknowledged(process, change),
    });
    return {
      store,
      clock: { now: () => process.now() },
      random: this.#random(),
      sha256,
      liveness: {
        self: `${process.host}/${process.name}`,
        isDead: (holder) => {
          const [host, name = ""] = holder.split("/");
          return host === process.host && this.#processes.get(name)?.gone === true;
        },
      },
      progress: { step: () => undefined, warn: () => undefined },
      identity: { run: process.name, actor: "schedule" },
      capabilities: (documents) => this.#capabilities(documents),
      shape: (credential) => this.#company.site(credential.spec.provider?.postgresql?.database).shape,
      bind: async (credential) =>
        bindSite(
          this.#company.site(credential.spec.provider?.postgresql?.database),
          process,
          time,
          (sender, site, step, slot) => this.#laws.sent(sender, site, step, slot),
        ),
      monitor: () => ({ look: async () => [] }),
      tag: async () => undefined,
      timeLimit: (seconds) => process.timeLimit(seconds),
      pause: (seconds, signal) => process.pause(seconds, signal),
    };
  }

  #capabilities(_documents: Documents): ReturnType<RunnerPorts["capabilities"]> {
    return ({ document }) => {
      const site = this.#company.site(document.spec.provider?.postgresql?.database);
      const { recipe } = site.plan;
      return {
        able: true,
        recipe: recipe === "in-place-downtime" ? "in-place" : recipe,
        identity: `simulated/${site.id}`,
        shape: site.shape,
        triesPending: recipe === "in-place",
      };
    };
  }

  #random(): Random {
    return {
      bytes: (length) => Uint8Array.from({ length }, () => this.#dice.int(256)),
      uuid: () => this.#nextId(),
    };
  }

  #ids = 0;

  /** Readable, and never the same twice. */
  #nextId(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }
}
