import { CreError } from "../../core/model/errors.ts";
import { type Estate, git } from "../conformance/estate.ts";
import { hoursAfter } from "../conformance/virtual-clock.ts";
import { type GitHttpRemote, type PushFault, startGitHttpRemote } from "../services/git-http.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import { cloneFrom, createStressEstate, EffectCount, HOURS, runIn, START } from "./life.ts";

/** What became of one life of a credential whose remote misbehaved. */
export interface Outcome {
  /** Effects tried so far, after each scheduled run. */
  readonly effects: readonly Readonly<Record<string, number>>[];
  /** Commits of the state branch. */
  readonly commits: number;
  /** Pushes that reached the remote, and how many of them were disturbed. */
  readonly pushes: number;
  readonly disturbed: number;
  /** Exit code of each scheduled run, or the code of the error that it ended with. */
  readonly exits: readonly (number | string)[];
  readonly rotation: string | undefined;
  /** Attempts that a promote is on record for. */
  readonly promoted: number;
  readonly failedLogins: number;
  readonly milliseconds: number;
}

export interface Disturbance {
  /** What happens to a push: the how manieth of all, and in which scheduled run. */
  readonly push: (push: number, run: number) => PushFault | undefined;
  /** Hours of the schedule; default: a whole life. */
  readonly hours?: readonly number[];
  /** The remote answers nothing any more once this push was served, until the next scheduled run. */
  readonly downAfter?: number;
  readonly networkTimeout?: number;
}

/** Pushes that are disturbed the first time they are sent, and accepted when they are sent again. */
export function firstTries(fault: PushFault): (push: number) => PushFault | undefined {
  return (push) => (push % 2 === 1 ? fault : undefined);
}

/** One credential from adoption to the end of its first version, every run from a fresh clone over HTTP. */
export async function lifeThrough(postgres: TestPostgres, disturbance: Disturbance): Promise<Outcome> {
  const started = performance.now();
  const estate = await createStressEstate(postgres, "two roles");
  git(estate.remote, "config", "http.receivepack", "true");
  const http = await startGitHttpRemote(estate.remote);
  const count = new EffectCount();
  let disturbed = 0;
  const exits: (number | string)[] = [];
  const effects: Readonly<Record<string, number>>[] = [];
  http.onPush = (push) => {
    if (push === disturbance.downAfter) {
      http.down = true;
      disturbed += 1;
      return "cut";
    }
    const fault = disturbance.push(push, exits.length);
    if (fault !== undefined) disturbed += 1;
    return fault;
  };
  try {
    for (const hours of disturbance.hours ?? HOURS) {
      http.down = false;
      exits.push(await exitOf(estate, http, hours, count, disturbance.networkTimeout));
      effects.push(count.all);
    }
    return {
      effects,
      commits: Number(git(estate.remote, "rev-list", "--count", "cre/state")),
      pushes: http.pushes,
      disturbed,
      exits,
      rotation: estate.status()?.rotation?.outcome,
      promoted: promotedAttempts(estate),
      failedLogins: estate.consumer.tally.failures,
      milliseconds: Math.round(performance.now() - started),
    };
  } finally {
    await http.close();
    await estate.dispose();
  }
}

async function exitOf(
  estate: Estate,
  http: GitHttpRemote,
  hours: number,
  count: EffectCount,
  networkTimeout: number | undefined,
): Promise<number | string> {
  const clone = await cloneFrom(estate, http.url, `runner-${hours}`);
  try {
    const options = { count, ...(networkTimeout === undefined ? {} : { networkTimeout }) };
    return (await runIn(estate, clone, hoursAfter(START, hours), options)).exit;
  } catch (error) {
    if (error instanceof CreError) return error.code;
    throw error;
  }
}

/** How many different new versions were meant to come into use, by the trail. */
function promotedAttempts({ remote }: Estate): number {
  const lines = git(remote, "grep", "-h", '"step":"promote"', "cre/state", "--", "audit").trim().split("\n");
  return new Set(lines.map((line) => /"attempt":"([^"]+)"/.exec(line)?.[1])).size;
}

export function always(fault: PushFault): () => PushFault {
  return () => fault;
}
