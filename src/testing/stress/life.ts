import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { openGitStore } from "../../adapters/store/git-store.ts";
import { openPorts } from "../../app/acting/open-ports.ts";
import type { Instant } from "../../core/model/instant.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import { createWave, type Estate } from "../conformance/estate.ts";
import { withFailpoints } from "../conformance/failpoints.ts";
import type { Slots } from "../conformance/tenant.ts";
import { clockFrom } from "../conformance/virtual-clock.ts";
import { gitSurroundings } from "../services/git-remote.ts";
import type { TestPostgres } from "../services/postgresql.ts";

/** When the schedule runs: adoption, start, after grace and quiet, after the soak. */
export const START = "2026-11-25T06:00:00Z" as Instant;
export const HOURS = [0, 1, 60, 120];

/** Milliseconds between two logins of the consumer: often enough to see trouble, seldom enough to leave time for others. */
const SAMPLE_EVERY = 500;

/** One credential with its consumer and its documents in a remote of its own. */
export async function createStressEstate(postgres: TestPostgres, slots: Slots): Promise<Estate> {
  const plan = { name: "orders-db", service: "orders-api", postgres, slots, sampleEvery: SAMPLE_EVERY };
  const wave = await createWave([plan]);
  const [tenant] = wave.tenants;
  if (tenant === undefined) throw new Error("no tenant");
  return { ...wave, ...tenant };
}

/** The effects of one life from adoption (of both roles) to the end of the first version. */
export const WHOLE_LIFE = { adopt: 2, issue: 1, stage: 1, promote: 1, deactivate: 1, revoke: 1 };

/** Counts effects as they are tried, whichever run tries them. */
export class EffectCount {
  readonly #calls = new Map<string, number>();

  add(call: string): void {
    if (call !== "push") this.#calls.set(call, (this.#calls.get(call) ?? 0) + 1);
  }

  /** Tried effects by name. */
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#calls);
  }

  get total(): number {
    return [...this.#calls.values()].reduce((sum, calls) => sum + calls, 0);
  }
}

export interface RunOptions {
  readonly count?: EffectCount;
  /** Milliseconds for one exchange with the remote. */
  readonly networkTimeout?: number;
  /** Called before every push of the runner and before every effect. */
  readonly before?: (call: string) => void | Promise<void>;
  /** Called once, between the first reads of the two branches. */
  readonly betweenReads?: () => Promise<void>;
}

/** One scheduled run of an estate in this process, in a clone of the caller's choice. */
export async function runIn(
  estate: Estate,
  repo: string,
  at: Instant,
  { count, networkTimeout = 60_000, before, betweenReads }: RunOptions = {},
): Promise<RunReport> {
  estate.setClock(at);
  const { signal } = new AbortController();
  const { env } = estate;
  const progress = { step: () => undefined, warn: () => undefined };
  const ports = await openPorts({ repo, progress, signal, env, actor: "stress" }, { clock: clockFrom(at) });
  const store = await openGitStore({ repo, env, readDocuments, networkTimeout });
  let between = betweenReads;
  const fetchState: typeof store.fetchState = async (...args) => {
    const act = between;
    between = undefined;
    await act?.();
    return store.fetchState(...args);
  };
  const watchedStore = new Proxy(store, {
    get: (target, key) => {
      if (key === "fetchState") return fetchState;
      const member: unknown = Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const watched = withFailpoints({ ...ports, store: watchedStore }, async (call, side) => {
    if (side === "after") return;
    count?.add(call);
    await before?.(call);
  });
  return run(watched, {}, signal);
}

/** A clone of the estate's repository, made with these options of `git clone`. */
export async function cloneFrom(
  estate: Estate,
  url: string,
  name: string,
  ...options: readonly string[]
): Promise<string> {
  const target = join(estate.root, name);
  // Not synchronous: this process may be the server.
  await promisify(execFile)("git", ["clone", "--quiet", ...options, url, target], {
    env: gitSurroundings(estate.root),
  });
  return target;
}
