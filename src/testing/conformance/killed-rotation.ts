import { type ChildProcess, spawn } from "node:child_process";
import { inject } from "vitest";
import { EffectError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import { isOpen } from "../../core/rotation/transition.ts";
import type { WaveEstate } from "./estate.ts";
import { counting, type Moment, type OnPoint, sameMoment } from "./failpoints.ts";
import type { AnyTenant, Tenant } from "./tenant.ts";
import { BEGINNING, hoursAfter } from "./virtual-clock.ts";

export const START: Instant = BEGINNING;

/**
 * When the schedule runs: adoption, start, after grace and quiet, after the soak, after the longer soak of what was ended
 * without evidence, and more for what was put off. From some hour on a person gives their word, before the next run,
 * for what waits for evidence that nobody can see.
 */
export const HOURS = [0, 1, 60, 120, 180, 240, 300, 360];
const FIRST_WORD = 120;
const WORD_BEFORE = 30;
/** Longer than any kill takes; a runner that is still there is stuck. */
const KILL_MILLISECONDS = 50_000;

/** A moment of one scheduled run, and the credentials that come by. */
export interface Point extends Moment {
  readonly run: number;
  /** Names; for a push, which is of no credential, all of the estate. */
  readonly credentials: readonly string[];
}

/** Makes an estate like all others of its suite. */
export type MakeEstate<T extends AnyTenant = Tenant> = () => Promise<WaveEstate<T>>;

/**
 * Every moment around a line that touches the world, in a rotation that nobody disturbs, in order. The moment between
 * an effect and its push is one, whichever of the two it is named for: it appears once, under the effect.
 */
export async function discoverPoints(make: MakeEstate<AnyTenant>): Promise<readonly Point[]> {
  const estate = await make();
  const all = estate.tenants.map(({ plan }) => plan.name);
  const points: (Point & { readonly credentials: string[] })[] = [];
  try {
    await goThrough(estate, 0, HOURS.length, (run) =>
      counting((moment, credential) => {
        const known = points.find((point) => point.run === run && sameMoment(point, moment));
        if (known !== undefined && credential !== undefined) known.credentials.push(credential);
        else points.push({ ...moment, run, credentials: credential === undefined ? [...all] : [credential] });
      }),
    );
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

/** What became of one estate that was disturbed at most once in each of its scheduled runs. */
export interface Outcome<T extends AnyTenant = Tenant> {
  readonly points: readonly Point[];
  readonly printed: string;
  /** For each point: runs it took after the kill until nothing was left to recover. */
  readonly resumes: readonly number[];
  /** For each point: logins around it by credential; absent: nobody counted. */
  readonly logins?: readonly ReadonlyMap<string, number>[];
  readonly estate: WaveEstate<T>;
}

/**
 * Shares moments out among as few lives as can be: one of each scheduled run in a life. One of the first run has a life
 * of its own, for whoever takes the adoption up may go on with the rotation at once, and then nobody comes by later.
 */
export function livesOf<M extends { readonly run: number }>(
  moments: readonly M[],
): readonly (readonly M[])[] {
  const lives: M[][] = [];
  for (const moment of moments) {
    const free = lives.find(
      (life) => moment.run > 0 && life.every(({ run }) => run > 0 && run !== moment.run),
    );
    if (free === undefined) lives.push([moment]);
    else free.push(moment);
  }
  return lives;
}

/**
 * Kills the runner with SIGKILL at each of these points, one in a scheduled run, when every credential that comes by
 * there has arrived; then lets the schedule go on from fresh clones until everything is done.
 */
export async function killAt<T extends AnyTenant>(
  make: MakeEstate<T>,
  points: readonly Point[],
): Promise<Outcome<T>> {
  const estate = await make();
  const { printed, kills } = await killInEach(estate, points, async (at, point) =>
    runToKill(estate, at, point),
  );
  return {
    points,
    printed,
    resumes: kills.map(({ resumes }) => resumes),
    logins: kills.map(({ logins }) => logins),
    estate,
  };
}

/** A kill, the runs it took after it until nothing was left to recover, and the logins around it by credential. */
export interface Kill {
  readonly resumes: number;
  readonly logins: ReadonlyMap<string, number>;
}

/**
 * The schedule, of which `kill` lets the runs of these points die; after each of them later runs from fresh clones until
 * nothing of it is left to recover. Kills are in the order of the points; rejects when nobody came by one.
 */
export async function killInEach<P extends { readonly run: number }>(
  estate: WaveEstate<AnyTenant>,
  points: readonly P[],
  kill: (at: Instant, point: P) => Promise<string>,
): Promise<{ readonly printed: string; readonly kills: readonly Kill[] }> {
  const kills = new Map<P, Kill>();
  let printed = "";
  for (let run = 0; run < HOURS.length && !haveEnded(estate); run += 1) {
    const point = points.find((one) => one.run === run);
    if (point === undefined) {
      await goThrough(estate, run, run + 1);
      continue;
    }
    await wordBefore(estate, run);
    const before = loginsOf(estate);
    const at = hoursAfter(START, HOURS[run] ?? 0);
    printed += await kill(at, point);
    const resumes = await takeUp(estate, at);
    const logins = [...loginsOf(estate)].map(
      ([name, count]) => [name, count - (before.get(name) ?? 0)] as const,
    );
    kills.set(point, { resumes, logins: new Map(logins) });
  }
  return {
    printed,
    kills: points.map((point) => {
      const found = kills.get(point);
      if (found === undefined) throw new Error(`nobody came by ${JSON.stringify(point)}`);
      return found;
    }),
  };
}

function loginsOf({ tenants }: WaveEstate<AnyTenant>): ReadonlyMap<string, number> {
  return new Map(tenants.map(({ plan, consumer }) => [plan.name, consumer.tally.logins]));
}

/** Runs after one that died at `at`, until nothing of it is left to recover; how many there were. */
async function takeUp(estate: WaveEstate<AnyTenant>, at: Instant): Promise<number> {
  let resumes = 0;
  do {
    resumes += 1;
    // What the killed run had sent must have arrived by then.
    await estate.runAt(hoursAfter(at, resumes / 6));
  } while (needsRecovery(estate) && resumes < 5);
  return resumes;
}

/**
 * The effect happens to every credential that comes by, and its caller is told that it failed: a cut connection, a
 * time-out. Then the schedule goes on.
 */
export async function failAfter<T extends AnyTenant>(
  make: MakeEstate<T>,
  points: readonly Point[],
): Promise<Outcome<T>> {
  const estate = await make();
  await goThrough(estate, 0, HOURS.length, (run) =>
    counting((moment) => {
      if (!points.some((point) => run === point.run && sameMoment(point, moment))) return;
      throw new EffectError("unknown", "cut", "the answer was lost");
    }),
  );
  return { points, printed: "", resumes: points.map(() => 0), estate };
}

/** Whether every rotation is over: the adoption does not count. */
export function haveEnded(estate: WaveEstate<AnyTenant>): boolean {
  return estate.tenants.every((tenant) => {
    const rotation = tenant.status()?.rotation;
    return rotation !== undefined && rotation.recipe !== "adopt" && !isOpen(rotation);
  });
}

/** Scheduled runs up to `to` or the end of all rotations, with a person's word at its hour. */
export async function goThrough(
  estate: WaveEstate<AnyTenant>,
  from: number,
  to: number,
  watch?: (run: number) => OnPoint,
): Promise<void> {
  for (let run = from; run < to && !haveEnded(estate); run += 1) {
    await wordBefore(estate, run);
    await estate.runAt(hoursAfter(START, HOURS[run] ?? 0), watch?.(run));
  }
}

/** A person says `cre proceed` for every credential whose old version nobody may see: they have asked around. */
async function wordBefore(estate: WaveEstate<AnyTenant>, run: number): Promise<void> {
  const hours = HOURS[run] ?? 0;
  if (hours < FIRST_WORD) return;
  for (const tenant of estate.tenants) {
    const rotation = tenant.status()?.rotation;
    if (rotation?.wait?.why !== "evidence" || rotation.proceed !== undefined) continue;
    await estate.proceed(hoursAfter(START, hours - WORD_BEFORE), tenant.plan.name);
  }
}

/** A run died in it and no later run has taken it up yet. */
function needsRecovery(estate: WaveEstate<AnyTenant>): boolean {
  return estate.tenants.some((tenant) => {
    const rotation = tenant.status()?.rotation;
    return isOpen(rotation) && (rotation.phase === "intended" || rotation.lease !== undefined);
  });
}

async function runToKill(estate: WaveEstate<AnyTenant>, at: Instant, point: Point): Promise<string> {
  const arrivals = point.call === "push" ? 1 : point.credentials.length;
  const { call, side, nth } = point;
  return killedBy(estate, at, JSON.stringify({ moment: { call, side, nth }, arrivals }));
}

/** One kill of a whole wave, in which each of these credentials has arrived at a moment of its own. */
export async function killEachAt(
  estate: WaveEstate<AnyTenant>,
  at: Instant,
  moments: Readonly<Record<string, Moment>>,
): Promise<string> {
  return killedBy(estate, at, JSON.stringify({ moments, arrivals: Object.keys(moments).length }));
}

async function killedBy(estate: WaveEstate<AnyTenant>, at: Instant, order: string): Promise<string> {
  await estate.atRest();
  const { child, ended } = spawnRunner(estate, at, order);
  const stuck = setTimeout(() => child.kill("SIGTERM"), KILL_MILLISECONDS);
  const { printed, signal, code } = await ended;
  clearTimeout(stuck);
  if (signal === "SIGKILL") return printed;
  throw new Error(`the runner was to be killed at ${order}, but ended with ${code ?? signal}:\n${printed}`);
}

export interface Ended {
  readonly printed: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A runner in a process of its own, on a clock that starts at `at`; `order` says where it kills itself, `0` nowhere. */
export function spawnRunner(
  estate: WaveEstate<AnyTenant>,
  at: Instant,
  order: string,
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  estate.setClock(at);
  const { runToKill, env } = inject("builtRunners");
  const child = spawn(process.execPath, [runToKill, estate.clone(), at, order], {
    env: { ...estate.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      printed += text;
    });
  }
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code, signal) => done({ printed, code, signal }));
  });
  return { child, ended };
}
