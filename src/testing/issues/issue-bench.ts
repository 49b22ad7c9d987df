import { askForDay } from "../../app/acting/ask-for-day.ts";
import type { Documents, Sourced } from "../../core/documents/kinds.ts";
import type { IssueScope } from "../../core/issues/issues-input.ts";
import type { Forge } from "../../core/ports/forge.ts";
import type { IssueBook } from "../../core/state/issue-book.ts";
import type { People } from "../../runner/ports.ts";
import { keepIssues } from "../../runner/publish/issue-desk.ts";
import type { ReportLine } from "../../runner/run-report.ts";
import type { World } from "../../runner/world.ts";
import { documents, evaluateAt, type Records, records, sha256 } from "../evaluation/world.ts";
import { type MemoryForge, memoryForge } from "./memory-forge.ts";

/** Runs one after the other over documents, against one forge, with the book that each leaves to the next. */
export interface IssueBench {
  readonly forge: MemoryForge;
  book: IssueBook;
  now: string;
  all: readonly Sourced[];
  snoozes: Documents["snoozes"];
  state: Records;
  /** One run; gives its lines. Where it dies, the book stays as it was. */
  run(scope?: IssueScope): Promise<readonly ReportLine[]>;
  /** What the newest run asked the forge to change. */
  readonly writes: readonly string[];
}

export function issueBench(now: string, ...all: readonly Sourced[]): IssueBench {
  const forge = memoryForge();
  let before = 0;
  const bench: IssueBench = {
    forge,
    book: { schemaVersion: 1 },
    now,
    all,
    snoozes: new Map(),
    state: {},
    get writes() {
      return forge.writes.slice(before);
    },
    run: async (scope = { of: "everything" }) => {
      before = forge.writes.length;
      const { book, lines } = await keepIssues(
        worldOf(bench),
        peopleAt(forge),
        forge,
        { scope, book: bench.book },
        new AbortController().signal,
      );
      // A dead process writes nothing down.
      if (forge.killedIn !== 0) bench.book = book;
      forge.killedIn = undefined;
      return lines;
    },
  };
  return bench;
}

/** People who meet at a forge and nowhere else. */
export function peopleAt(forge: Forge | undefined): People {
  return { askForDay, forge: async () => forge, channel: nobody, close: async () => undefined };
}

async function nobody(): Promise<never> {
  throw new Error("issues ask no channel");
}

/** The text that stands for every file of documents. */
function fileOf(all: readonly Sourced[], path: string): Uint8Array {
  const texts = all
    .filter(({ file }) => file === path)
    .map(({ document }) => JSON.stringify(document, null, 2));
  return new TextEncoder().encode(texts.join("\n---\n"));
}

/** Only what issues look at. */
/** The world of a run as far as issues look at it. */
export function worldOf({
  now,
  all,
  snoozes,
  state,
}: Pick<IssueBench, "now" | "all" | "snoozes" | "state">): World {
  const commit = "c".repeat(40);
  const inputs = {
    commit,
    documents: { ...documents(...all), snoozes },
    problems: [],
    warnings: [],
    count: all.length,
    uncommitted: false,
  };
  const world = {
    state: records(state),
    evaluation: evaluateAt(now, all, state),
    inputs,
    ports: {
      sha256,
      timeLimit: () => new AbortController().signal,
      store: {
        fetchInputs: async () => inputs,
        readFile: async (_: string, path: string) => fileOf(all, path),
      },
    },
  };
  // `as`: a run has more ports than issues use.
  return world as unknown as World;
}
