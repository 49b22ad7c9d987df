import type { Sourced } from "../../core/documents/kinds.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import { CreError, EffectError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import { type Channel, type Message, PARTLY_TOLD, type Recipient } from "../../core/ports/channel.ts";
import type { Forge } from "../../core/ports/forge.ts";
import type { StateChange, Store } from "../../core/ports/store.ts";
import type { AlertBook } from "../../core/state/alert-book.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import type { Errand } from "../../runner/assign.ts";
import type { People, RunnerPorts } from "../../runner/ports.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import { at, documents, settings, sha256 } from "../evaluation/world.ts";
import { changesBetween, Repository } from "../simulation/repository.ts";

/** A message as it came, with whom it was for. */
export interface Received {
  readonly to: string;
  readonly message: Message;
}

/** How a channel answers: takes it, for some of its recipients, refuses it for now, for good, or leaves it open. */
export type Mood = "takes" | "partly" | "refuses" | "never" | "unknown";

/** A repository with people who are told, in memory: whole runs happen here, on a clock that is set. */
export class Office {
  readonly repository = new Repository();
  readonly received: Received[] = [];
  /** By channel, or by `channel address`. */
  readonly moods = new Map<string, Mood>();
  /** Messages that are sent and whose record then cannot be pushed: as if the run was killed in between. */
  killsAfterSending = 0;
  beats = 0;
  /** Answers of the forge; undefined: there is none. */
  forge: Pick<Forge, "schedules" | "tokenExpiry"> | undefined;
  absent: readonly { readonly reference: string; readonly usedBy: string }[] = [];
  /** Makes the book of alerts unreadable. */
  unreadable = false;
  #now: Instant;
  #runs = 0;
  #dead = false;

  constructor(now: string, spec: SettingsSpec, ...all: readonly Sourced[]) {
    this.#now = at(now);
    this.write(spec, ...all);
  }

  /** People merge these documents. */
  write(spec: SettingsSpec, ...all: readonly Sourced[]): void {
    this.repository.merge(documents(settings(spec), ...all), 0);
  }

  get book(): AlertBook {
    return this.repository.state.books?.alerts ?? { schemaVersion: 1 };
  }

  /** Another run, or a person, writes to the state branch. */
  push(change: Partial<StateChange>): void {
    const event = { time: this.#now, event: "note" };
    const whole = { events: [event], subject: "somebody", trailers: [], ...change };
    this.repository.push(this.repository.state, whole, { run: "other", actor: "alice" });
  }

  /** One run at an instant; gives what was received, as `to: occasion code credential …`. */
  async runAt(now: string, errand: Errand = {}): Promise<RunReport & { readonly told: readonly string[] }> {
    this.#now = at(now);
    this.#runs += 1;
    this.#dead = false;
    const first = this.received.length;
    const report = await run(this.#ports(), errand, new AbortController().signal);
    return { ...report, told: this.received.slice(first).map(toldText) };
  }

  #ports(): RunnerPorts {
    const now = (): Instant => this.#now;
    return {
      store: this.#store(),
      clock: { now },
      random: {
        bytes: (length) => new Uint8Array(length),
        uuid: () => "00000000-0000-7000-8000-000000000000",
      },
      sha256,
      liveness: { self: "here", isDead: () => false },
      progress: { step: () => undefined, warn: () => undefined },
      identity: { run: `run-${this.#runs}`, actor: "scheduler" },
      capabilities: () => () => ({ able: false, why: "unsupported", reason: "nothing rotates here" }),
      shape: () => ({ staging: 0, pushing: 0 }),
      bind: async () => {
        throw new CreError("unbound", "nothing rotates here");
      },
      monitor: () => ({ look: async () => [] }),
      people: () => this.#people(),
      tag: async () => undefined,
      timeLimit: () => new AbortController().signal,
      pause: async () => undefined,
    };
  }

  #people(): People {
    return {
      place: "credentials",
      forge: async () => (this.forge === undefined ? undefined : deafForge(this.forge)),
      channel: async (name) => this.#channel(name),
      absentSecrets: () => this.absent,
      heartbeat: async () => {
        this.beats += 1;
      },
      close: async () => undefined,
    };
  }

  /** Channels with `mail` or `chat` in their name reach owners in that way. */
  #channel(name: string): Channel {
    return {
      label: name,
      reaches: ({ mail, slack }) =>
        (mail !== undefined && name.includes("mail")) || (slack !== undefined && name.includes("chat")),
      send: async (message, recipient) => {
        const mood = this.moods.get(addressed(name, recipient)) ?? this.moods.get(name) ?? "takes";
        if (mood === "unknown") throw new EffectError("unknown", "time-out", `${name} did not answer`);
        if (mood === "refuses" || mood === "never") {
          throw new EffectError("refused", "no", `${name} refused`, {
            retryable: mood === "refuses",
            fix: "look there",
          });
        }
        this.received.push({ to: addressed(name, recipient), message });
        if (mood === "partly") throw new EffectError("unknown", PARTLY_TOLD, `${name} refused one of two`);
        if (this.killsAfterSending > 0) {
          this.killsAfterSending -= 1;
          this.#dead = true;
        }
      },
      close: async () => undefined,
    };
  }

  #store(): Store {
    const { repository } = this;
    return {
      fetchInputs: async () => repository.newest.inputs,
      fetchState: async () => this.#state(),
      publish: async (base, change, identity) => {
        if (this.#dead) throw new CreError("killed", "the run is dead");
        return repository.push(base, change, identity);
      },
      changesSince: async (last, commit) => changesBetween(repository, last, commit),
      lastInputs: async ({ commit }) => repository.commit(commit)?.lastInputs,
      readAudit: async () => [],
      readFile: async () => undefined,
      inputsAt: unasked,
      originsOf: unasked,
      saidIn: () => undefined,
    };
  }

  #state(): StateFacts {
    const { state } = this.repository;
    if (!this.unreadable) return state;
    return {
      ...state,
      books: {},
      unreadable: [{ path: "registry/status/_alerts.json", problem: "not JSON" }],
    };
  }
}

async function unasked(): Promise<never> {
  throw new Error("nobody asks for that here");
}

async function deaf(): Promise<never> {
  throw new EffectError("refused", "deaf", "the forge does not answer");
}

/** A forge that answers about its schedules and its token, and to nothing else. */
function deafForge(answers: Pick<Forge, "schedules" | "tokenExpiry">): Forge {
  return {
    label: "forge.test/acme/credentials",
    login: deaf,
    fileUrl: (path) => `https://forge.test/${path}`,
    issues: deaf,
    createIssue: deaf,
    updateIssue: deaf,
    comment: deaf,
    keepComment: deaf,
    changeOf: deaf,
    fileAt: deaf,
    propose: deaf,
    isRunOver: deaf,
    dispatch: deaf,
    ...answers,
  };
}

function addressed(name: string, recipient: Recipient | undefined): string {
  return [name, recipient?.mail, recipient?.slack].filter(Boolean).join(" ");
}

function toldText({ to, message }: Received): string {
  const alerts = message.alerts.map(
    ({ occasion, code, credential }) => `${occasion} ${code} ${credential ?? "-"}`,
  );
  return `${to} ${message.kind}: ${alerts.join(", ")}`;
}
