import pLimit from "p-limit";
import { type Cut, type SeveredProxy, startSeveredProxy } from "../services/severed-proxy.ts";
import { createWave } from "./estate.ts";
import type { OnPoint } from "./failpoints.ts";
import { haveEnded, START } from "./killed-rotation.ts";
import { objectsOf } from "./proofs.ts";
import type { Tenant, TenantPlan, Way } from "./tenant.ts";
import { problemsOf } from "./verdict.ts";
import { hoursAfter } from "./virtual-clock.ts";

/** When the schedule runs: adoption, start, after grace and quiet, after the soak, at rest. */
export const CUT_HOURS = [0, 3, 60, 120, 180];
/** Each is followed by one that finds whole ways, after the first backoff. */
const AGAIN = 1.5;
/** For what was put off for longer. */
const LATE_HOURS = [240, 300];
/** Credentials in one repository, and how many such waves go side by side. */
const WAVE = 40;
const WAVES_AT_ONCE = 2;
const NOT_CUT = "was not cut";

/** A request of an undisturbed rotation, and the answer to it. */
export interface Request {
  /** Which scheduled run, and the how manieth request of it. */
  readonly run: number;
  readonly request: number;
  /** What the runner was about. */
  readonly call: string;
  readonly way: string;
  /** Bytes. */
  readonly answer: number;
}

export interface CutPoint {
  readonly at: Request;
  readonly cut: Cut;
}

/** What became of one cut, in a rotation that was cut once in each of its scheduled runs. */
export interface CutOutcome extends CutPoint {
  /** Of the whole rotation: it is known by `credential`. */
  readonly problems: readonly string[];
  readonly credential: string;
  /** What the record took the cut for, right after the run; undefined where the run made good for it by itself. */
  readonly taken: string | undefined;
}

type Plan = Omit<TenantPlan, "name" | "route">;

/** A credential all of whose ways lead through a proxy of its own, which knows what the runner is about. */
class Line {
  readonly proxy: SeveredProxy;
  readonly requests: Pick<Request, "call" | "way">[] = [];
  #call = "";

  constructor() {
    this.proxy = startSeveredProxy((way) => void this.requests.push({ call: this.#call, way }));
  }

  begin(call: string): void {
    this.#call = call;
  }

  plan(plan: Plan, name: string): TenantPlan {
    return { ...plan, name, route: async (way: Way, port) => this.proxy.lead(way, port) };
  }
}

/** Every request of a rotation that nobody disturbs, in order. */
export async function discoverRequests(plan: Plan): Promise<readonly Request[]> {
  const line = new Line();
  const estate = await createWave([line.plan(plan, nameOf(0))]);
  try {
    const found: Request[] = [];
    for (const [run, hours] of CUT_HOURS.entries()) {
      line.proxy.arm();
      line.requests.length = 0;
      await estate.runAt(hoursAfter(START, hours), onBegin([line]), { probes: true });
      found.push(
        ...line.proxy.exchanges().map(({ answer }, index) => ({
          run,
          request: index + 1,
          answer,
          call: line.requests[index]?.call ?? "",
          way: line.requests[index]?.way ?? "",
        })),
      );
    }
    return found;
  } finally {
    await estate.dispose();
    await line.proxy.close();
  }
}

/**
 * Every request of an effect is cut before, after, and in the middle of its answer; those of a question, which all end
 * alike, in one of these ways by turns.
 */
export function cutsAt(requests: readonly Request[], effects: readonly string[]): readonly CutPoint[] {
  return requests.flatMap((at, index): CutPoint[] => {
    const { request, answer } = at;
    const cuts: Cut[] = [
      { request, when: "before" },
      { request, when: "after" },
      ...(answer > 1 ? [{ request, when: "inside", bytes: answer >> 1 } as const] : []),
    ];
    const chosen = effects.includes(at.call) ? cuts : cuts.slice(index % cuts.length).slice(0, 1);
    return chosen.map((cut) => ({ at, cut }));
  });
}

export interface CutTally {
  readonly outcomes: readonly CutOutcome[];
  readonly rotations: number;
  readonly logins: number;
  readonly failures: number;
}

/**
 * Cuts everything: each rotation once in each of its scheduled runs, many rotations in a wave. Whatever a cut broke,
 * the next run finds whole ways.
 */
export async function cutAll(plan: Plan, points: readonly CutPoint[]): Promise<CutTally> {
  const first = await cutWaves(plan, rotationsOf(points));
  // How often a runner asks may depend on what it was cut from before, and on how busy the server is. A place that was
  // not come by is tried once more, in a rotation of which nothing else is cut.
  const missed = first.outcomes.filter((outcome) => isMissed(outcome));
  if (missed.length === 0) return first;
  const again = await cutWaves(
    plan,
    missed.map(({ at, cut }) => [{ at, cut }]),
  );
  const met = { ...first, outcomes: first.outcomes.filter((outcome) => !isMissed(outcome)) };
  return sumOf([met, again]);
}

function isMissed({ problems }: CutOutcome): boolean {
  return problems.join() === NOT_CUT;
}

function sumOf(tallies: readonly CutTally[]): CutTally {
  const sum = (of: (tally: CutTally) => number): number =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    outcomes: tallies.flatMap(({ outcomes }) => outcomes),
    rotations: sum((tally) => tally.rotations),
    logins: sum((tally) => tally.logins),
    failures: sum((tally) => tally.failures),
  };
}

async function cutWaves(plan: Plan, rotations: readonly (readonly CutPoint[])[]): Promise<CutTally> {
  const limit = pLimit(WAVES_AT_ONCE);
  const waves = Array.from({ length: Math.ceil(rotations.length / WAVE) }, (_, wave) =>
    rotations.slice(wave * WAVE, (wave + 1) * WAVE),
  );
  return sumOf(await Promise.all(waves.map(async (wave) => limit(cutWave, plan, wave))));
}

/** At most one cut of each run in each rotation. */
function rotationsOf(points: readonly CutPoint[]): CutPoint[][] {
  const rotations: CutPoint[][] = [];
  for (const point of points) {
    const free = rotations.find((rotation) => rotation.every(({ at }) => at.run !== point.at.run));
    if (free === undefined) rotations.push([point]);
    else free.push(point);
  }
  return rotations;
}

async function cutWave(plan: Plan, rotations: readonly (readonly CutPoint[])[]): Promise<CutTally> {
  const { postgres } = plan;
  const logFrom = postgres.logText().length;
  const lines = rotations.map(() => new Line());
  const estate = await createWave(lines.map((line, index) => line.plan(plan, nameOf(index))));
  const taken = new Map<CutPoint, string | undefined>();
  const runAt = async (hours: number, only?: ReadonlySet<string>): Promise<void> => {
    const options = { probes: true, ...(only === undefined ? {} : { only }) };
    await estate.runAt(hoursAfter(START, hours), onBegin(lines), options);
    await Promise.all(estate.tenants.map(async ({ consumer }) => consumer.sample()));
  };
  try {
    for (const [run, hours] of CUT_HOURS.entries()) {
      const cutting = rotations.map((cuts) => cuts.find(({ at }) => at.run === run));
      for (const [index, line] of lines.entries()) line.proxy.arm(cutting[index]?.cut);
      await runAt(hours);
      for (const [index, point] of cutting.entries()) {
        if (point === undefined || lines[index]?.proxy.isCut() !== true) continue;
        taken.set(point, estate.tenants[index]?.status()?.rotation?.failure?.code);
      }
      for (const line of lines) line.proxy.arm();
      // Only what was held up: the others would be ahead of the place of their next cut.
      const late = estate.tenants.filter((tenant) => isHeldUp(tenant)).map(({ plan: { name } }) => name);
      await runAt(hours + AGAIN, new Set(late));
    }
    for (const hours of LATE_HOURS) if (!haveEnded(estate)) await runAt(hours);
    const texts = {
      "objects of the remote": objectsOf(estate.remote),
      "the server's log": postgres.logText().slice(logFrom),
    };
    const outcomes: CutOutcome[] = [];
    for (const [index, tenant] of estate.tenants.entries()) {
      const problems = await problemsOf(tenant, { resumes: 0, texts });
      for (const point of rotations[index] ?? []) {
        const missed = taken.has(point) ? [] : [NOT_CUT];
        const credential = tenant.plan.name;
        outcomes.push({ ...point, credential, problems: [...missed, ...problems], taken: taken.get(point) });
      }
    }
    const tallies = estate.tenants.map(({ consumer }) => consumer.tally);
    return {
      outcomes,
      rotations: rotations.length,
      logins: tallies.reduce((sum, { logins }) => sum + logins, 0),
      failures: tallies.reduce((sum, { failures }) => sum + failures, 0),
    };
  } finally {
    await estate.dispose();
    await Promise.all(lines.map(async ({ proxy }) => proxy.close()));
  }
}

function isHeldUp(tenant: Tenant): boolean {
  const rotation = tenant.status()?.rotation;
  return rotation === undefined || rotation.wait?.why === "backoff" || rotation.phase === "intended";
}

function nameOf(index: number): string {
  return `orders-${index}`;
}

/** Tells each credential's line what the runner is about with it. */
function onBegin(lines: readonly Line[]): OnPoint {
  const byName = new Map(lines.map((line, index) => [nameOf(index), line]));
  return (call, side, credential) => {
    if (side === "before" && credential !== undefined) byName.get(credential)?.begin(call);
  };
}
