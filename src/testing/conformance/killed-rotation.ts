import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { EffectError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import { isOpen } from "../../core/rotation/transition.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import { createEstate, type Estate, type Slots } from "./estate.ts";
import type { Side } from "./failpoints.ts";
import { hoursAfter } from "./virtual-clock.ts";

/** When the schedule runs: adoption, start, after grace and quiet, after the soak, and once more where proof came late. */
const START: Instant = "2026-11-25T06:00:00Z" as Instant;
const HOURS = [0, 1, 60, 120, 180];

export interface Point {
  /** Which scheduled run, and the how manieth call of it. */
  readonly run: number;
  readonly index: number;
  readonly call: string;
  readonly side: Side;
}

/**
 * Every moment around a line that touches the world, in a rotation that nobody disturbs, in order. The moment between
 * an effect and its push is one, whichever of the two it is named for: it appears once, under the effect.
 */
export async function discoverPoints(postgres: TestPostgres, slots: Slots): Promise<readonly Point[]> {
  const estate = await createEstate(postgres, slots);
  const points: Point[] = [];
  try {
    for (const [run, hours] of HOURS.entries()) {
      let index = 0;
      await estate.runAt(hoursAfter(START, hours), (call, side) => {
        index += 1;
        points.push({ run, index, call, side });
      });
    }
    return points.filter((point, index) => !isNamedTwice(point, points[index - 1], points[index + 1]));
  } finally {
    await estate.dispose();
  }
}

function isNamedTwice(point: Point, before: Point | undefined, after: Point | undefined): boolean {
  if (point.call !== "push") return false;
  const neighbour = point.side === "before" ? before : after;
  return neighbour !== undefined && neighbour.run === point.run && neighbour.call !== "push";
}

export interface Outcome {
  readonly point: Point;
  readonly printed: string;
  /** Runs it took after the kill until nothing was left to recover. */
  readonly resumes: number;
  readonly estate: Estate;
}

/** Kills the runner at one point with SIGKILL, then lets the schedule go on from fresh clones until everything is done. */
export async function killAt(postgres: TestPostgres, slots: Slots, point: Point): Promise<Outcome> {
  const estate = await createEstate(postgres, slots);
  for (const hours of HOURS.slice(0, point.run)) await estate.runAt(hoursAfter(START, hours));
  const at = hoursAfter(START, HOURS[point.run] ?? 0);
  const printed = await runToKill(estate, at, point.index);
  let resumes = 0;
  do {
    resumes += 1;
    await estate.runAt(at);
  } while (needsRecovery(estate) && resumes < 5);
  for (const hours of HOURS.slice(point.run + 1)) await estate.runAt(hoursAfter(START, hours));
  return { point, printed, resumes, estate };
}

/** The effect happens, and its caller is told that it failed: a cut connection, a time-out. Then the schedule goes on. */
export async function failAfter(postgres: TestPostgres, slots: Slots, point: Point): Promise<Outcome> {
  const estate = await createEstate(postgres, slots);
  for (const [run, hours] of HOURS.entries()) {
    let left = run === point.run ? point.index : Number.POSITIVE_INFINITY;
    await estate.runAt(hoursAfter(START, hours), () => {
      left -= 1;
      if (left === 0) throw new EffectError("unknown", "cut", "the answer was lost");
    });
  }
  return { point, printed: "", resumes: 0, estate };
}

/** A run died in it and no later run has taken it up yet. */
function needsRecovery(estate: Estate): boolean {
  const rotation = estate.status()?.rotation;
  return isOpen(rotation) && (rotation.phase === "intended" || rotation.lease !== undefined);
}

async function runToKill(estate: Estate, at: Instant, point: number): Promise<string> {
  estate.setClock(at);
  const script = fileURLToPath(new URL("run-to-kill.ts", import.meta.url));
  const child = spawn(process.execPath, [script, estate.clone(), at, String(point)], {
    env: estate.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      printed += text;
    });
  }
  const ended = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.on("close", (code, signal) => done({ code, signal }));
  });
  if (ended.signal !== "SIGKILL") {
    throw new Error(
      `the runner was to be killed at point ${point}, but ended with ${ended.code ?? ended.signal}:\n${printed}`,
    );
  }
  return printed;
}
