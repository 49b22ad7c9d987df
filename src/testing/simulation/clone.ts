import { CreError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type {
  AuditSegment,
  DocumentChange,
  Inputs,
  PushOutcome,
  RunIdentity,
  StateChange,
  Store,
} from "../../core/ports/store.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import type { Process } from "./process.ts";
import { changesBetween, isAncestor, type Repository, type StateCommit } from "./repository.ts";

/** A folder on a host's disk: what it has seen of the state branch outlives the process. */
export interface Disk {
  seen: StateCommit | undefined;
}

/** Told of pushes: when one arrived, and when its process heard so. */
export interface PushWatch {
  pushed(change: StateChange, base: StateFacts): void;
  acknowledged(change: StateChange): void;
}

/** The store as one process has it: a clone of the remote, reached over a network that fails. */
export class Clone implements Store {
  readonly #remote: Repository;
  readonly #disk: Disk;
  readonly #process: Process;
  readonly #watch: PushWatch;

  constructor(remote: Repository, disk: Disk, process: Process, watch: PushWatch) {
    this.#remote = remote;
    this.#disk = disk;
    this.#process = process;
    this.#watch = watch;
  }

  async fetchInputs(signal: AbortSignal): Promise<Inputs> {
    return this.#process.call("fetch documents", "read", signal, () => this.#remote.newest.inputs);
  }

  async fetchState(_inputs: Inputs, signal: AbortSignal): Promise<StateFacts> {
    return this.#process.call("fetch state", "read", signal, () => {
      const { tip, state } = this.#remote;
      const { seen } = this.#disk;
      if (seen !== undefined && !isAncestor(seen, tip)) return { ...state, rewoundFrom: seen.id };
      this.#disk.seen = tip;
      return state;
    });
  }

  async publish(
    base: StateFacts,
    change: StateChange,
    identity: RunIdentity,
    _at: Instant,
    signal: AbortSignal,
  ): Promise<PushOutcome> {
    if (base.rewoundFrom !== undefined) throw new CreError("state-rewound", "the state branch was reset");
    const outcome = await this.#process.call(`push «${change.subject}»`, "push", signal, () => {
      const pushed = this.#remote.push(base, change, identity);
      if (pushed.outcome === "accepted") this.#watch.pushed(change, base);
      return pushed;
    });
    if (outcome.outcome === "rejected") return outcome;
    this.#disk.seen = this.#remote.commit(outcome.commit);
    this.#watch.acknowledged(change);
    return outcome;
  }

  async changesSince(last: string | undefined, commit: string): Promise<readonly DocumentChange[]> {
    return changesBetween(this.#remote, last, commit);
  }

  async inputsAt(): Promise<Inputs | undefined> {
    throw new Error("no simulated repository guards its targets");
  }

  async originsOf(): Promise<readonly undefined[]> {
    throw new Error("no simulated forge has reviews");
  }

  saidIn(): string | undefined {
    throw new Error("no simulated forge has reviews");
  }

  async lastInputs(state: StateFacts): Promise<string | undefined> {
    return this.#remote.commit(state.commit)?.lastInputs;
  }

  async readAudit(): Promise<readonly AuditSegment[]> {
    throw new Error("no runner reads the trail");
  }

  async readFile(): Promise<Uint8Array | undefined> {
    throw new Error("no simulated document names a file");
  }
}
