import { type GitStore, openGitStore } from "../../adapters/store/git-store.ts";
import type { SourceFile } from "../../adapters/store/source-files.ts";
import type { AuditEvent } from "../../core/audit/entry.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { PushOutcome, StateChange } from "../../core/ports/store.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import type { Status } from "../../core/state/status.ts";
import type { ScratchClone } from "./git-remote.ts";

/** A moment for tests that do not care which. */
export const NOON = "2026-11-23T12:00:00Z" as Instant;

/** Documents as a reader that looks at nothing but the settings' branch gives them. */
function documentsWith(branch?: string): Documents {
  const settings = {
    document: {
      apiVersion: "cre/v1" as const,
      kind: "Settings" as const,
      metadata: { name: "settings" },
      spec: branch === undefined ? {} : { state: { branch } },
    },
    file: "policies/settings.yaml",
    line: 1,
  };
  const none = { credentials: new Map(), connections: new Map(), policies: new Map() };
  return { ...none, exceptions: new Map(), snoozes: new Map(), holds: new Map(), settings };
}

/** The store of a clone, and what tests ask of it in one step. */
export interface StoreScenario {
  readonly store: GitStore;
  /** Files that the last read of documents was given. */
  readonly files: () => readonly SourceFile[];
  /** Fetches the tips. */
  readonly load: (signal?: AbortSignal) => Promise<StateFacts>;
  /** Publishes on these facts, as the run `run-1` where none is named. */
  readonly publish: (
    base: StateFacts,
    change: Partial<StateChange>,
    run?: string,
    signal?: AbortSignal,
  ) => Promise<PushOutcome>;
  /** Loads and publishes until it is accepted, as the runner does. Gives the number of rejections before. */
  readonly persist: (change: (base: StateFacts) => Partial<StateChange>, run?: string) => Promise<number>;
}

/** Opens the store of a clone. `branch` is what its settings say. */
export async function storeOf(
  clone: ScratchClone,
  options: {
    readonly branch?: string;
    readonly networkTimeout?: number;
    readonly warn?: (message: string) => void;
  } = {},
): Promise<StoreScenario> {
  const { branch, ...rest } = options;
  let files: readonly SourceFile[] = [];
  const store = await openGitStore({
    repo: clone.path,
    env: clone.env,
    readDocuments: (given) => {
      files = given;
      return { documents: documentsWith(branch), problems: [], warnings: [], count: given.length };
    },
    ...rest,
  });
  const never = new AbortController().signal;
  const scenario: StoreScenario = {
    store,
    files: () => files,
    async load(signal = never) {
      return await store.fetchState(await store.fetchInputs(signal), signal);
    },
    async publish(base, change, run = "run-1", signal = never) {
      const whole = { events: [noted()], subject: "run: nothing to do", trailers: [], ...change };
      return await store.publish(base, whole, { run, actor: "tester" }, NOON, signal);
    },
    async persist(change, run) {
      for (let rejections = 0; ; rejections++) {
        const base = await scenario.load();
        const { outcome } = await scenario.publish(base, change(base), run);
        if (outcome === "accepted") return rejections;
      }
    },
  };
  return scenario;
}

export function noted(facts: Partial<AuditEvent> = {}): AuditEvent {
  return { time: NOON, event: "run", outcome: "done", ...facts };
}

/** The smallest record of a credential. */
export function statusOf(credential: string, facts: Partial<Status> = {}): Status {
  return { schemaVersion: 1, credential, service: "orders", epoch: 0, versions: [], ...facts };
}
