import pLimit from "p-limit";
import { createEstate, type WaveEstate } from "../estate.ts";
import {
  goThrough,
  HOURS,
  haveEnded,
  killEachAt,
  killInEach,
  livesOf,
  START,
  spawnRunner,
} from "../killed-rotation.ts";
import { objectsOf } from "../proofs.ts";
import { hoursAfter } from "../virtual-clock.ts";
import type { Hear, Interruption, OpenProvider } from "./overlap-provider.ts";
import { type OverlapTenant, settleOverlap } from "./overlap-tenant.ts";
import { problemsOf } from "./overlap-verdict.ts";

/** Each has a repository, a provider and a consumer of its own. */
const AT_ONCE = 3;
/** Milliseconds that an effect may take where a provider is to hang: longer than any takes that does not. */
const PATIENCE = 5_000;
const NAME = "orders-key";
/** The scheduled run that makes the new key. */
const ROTATION = 1;

/** A request that changes something at the provider, as one scheduled run comes by: the how manieth of its kind. */
export interface ProviderMoment {
  readonly run: number;
  readonly write: string;
  readonly side: "before" | "after";
  readonly nth: number;
}

/** What happens at that moment: the runner dies, or it lives and its answer is none. */
export type Disturbance = "kill" | Interruption;

export interface OverlapRow extends ProviderMoment {
  readonly disturbance: Disturbance;
  readonly outcome: string;
  readonly logins: number;
  readonly failures: number;
  readonly resumes: number;
}

async function makeOverlapEstate(open: OpenProvider): Promise<WaveEstate<OverlapTenant>> {
  return createEstate([settleOverlap(NAME, open)]);
}

function soleTenant({ tenants }: WaveEstate<OverlapTenant>): OverlapTenant {
  const [tenant] = tenants;
  if (tenant === undefined) throw new Error("an estate without a credential");
  return tenant;
}

/** Counts the writes of one run; `act` hears of each with its number. */
function counted(act: (moment: Omit<ProviderMoment, "run">) => Interruption | undefined): Hear {
  const counts = new Map<string, number>();
  return (write, side) => {
    const key = `${write} ${side}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return act({ write, side, nth });
  };
}

/**
 * Every moment of a rotation that nobody disturbs, in order. Rejects when that does not end well. What was refused
 * changed nothing: only a right was asked for, and so was with everything before it in that run.
 */
export async function discoverMoments(open: OpenProvider): Promise<readonly ProviderMoment[]> {
  const estate = await makeOverlapEstate(open);
  const tenant = soleTenant(estate);
  const moments: ProviderMoment[] = [];
  try {
    for (let run = 0; run < HOURS.length && !haveEnded(estate); run += 1) {
      tenant.provider.listen(counted((moment) => void moments.push({ run, ...moment })));
      await goThrough(estate, run, run + 1);
    }
    const problems = await problemsOf(tenant, 0, {});
    if (problems.length > 0) throw new Error(`undisturbed, and yet: ${problems.join("; ")}`);
    return moments.filter(
      (moment, at) =>
        !moments.some((other, later) => later >= at && other.run === moment.run && isRefused(other, moments)),
    );
  } finally {
    await estate.dispose();
  }
}

function isRefused(moment: ProviderMoment, all: readonly ProviderMoment[]): boolean {
  const { run, write, nth } = moment;
  return !all.some(
    (other) => other.side === "after" && other.run === run && other.write === write && other.nth === nth,
  );
}

/**
 * Of the moments those at which the world differs: after one request is before the next, except that both sides of
 * `mains` are kept.
 */
export function momentsToKillAt(
  moments: readonly ProviderMoment[],
  mains: readonly string[],
): readonly ProviderMoment[] {
  return moments.filter(({ run, side, write }, at) => {
    const before = moments[at - 1];
    return side === "after" || mains.includes(write) || before === undefined || before.run !== run;
  });
}

export interface Case {
  readonly moment: ProviderMoment;
  readonly disturbance: Disturbance;
}

/**
 * Kills the runner at each moment and judges what became of the rotation. One rotation goes through several kills, one
 * in each of its scheduled runs; several rotations go side by side.
 */
export async function judgeKills(
  open: OpenProvider,
  moments: readonly ProviderMoment[],
): Promise<readonly OverlapRow[]> {
  const limit = pLimit(AT_ONCE);
  return (
    await Promise.all(livesOf(moments).map(async (life) => limit(async () => judgeMetLife(open, life))))
  ).flat();
}

/** A run that was to be killed did not come by its moment: nothing is known of that kill, good or bad. */
class MomentMissed extends Error {}

/**
 * Once more where a moment was missed: on a busy machine a step may be put off to the next scheduled run. What a kill
 * that did happen led to is judged as it is.
 */
async function judgeMetLife(
  open: OpenProvider,
  life: readonly ProviderMoment[],
): Promise<readonly OverlapRow[]> {
  try {
    return await judgeLife(open, life);
  } catch (error) {
    if (error instanceof MomentMissed) return judgeLife(open, life);
    throw error;
  }
}

/** One rotation whose runner is killed in some of its scheduled runs. */
async function judgeLife(
  open: OpenProvider,
  life: readonly ProviderMoment[],
): Promise<readonly OverlapRow[]> {
  const estate = await makeOverlapEstate(open);
  const tenant = soleTenant(estate);
  try {
    const { printed, kills } = await killInEach(estate, life, async (at, moment) =>
      runKilledAt(estate, at, moment),
    );
    const rows: OverlapRow[] = [];
    for (const [at, moment] of life.entries()) {
      const { resumes = 0, logins } = kills[at] ?? {};
      const row = await judge(estate, tenant, { moment, disturbance: "kill" }, printed, resumes);
      rows.push({ ...row, logins: logins?.get(NAME) ?? 0 });
    }
    return rows;
  } finally {
    await estate.dispose();
  }
}

/** Kills the runner of two rotations at once, before and after it hands their keys to the consumers. */
export async function judgeDeliveries(open: OpenProvider): Promise<readonly OverlapRow[]> {
  return (
    await Promise.all((["stage", "promote"] as const).map(async (call) => judgeDelivery(open, call)))
  ).flat();
}

async function judgeDelivery(open: OpenProvider, call: "stage" | "promote"): Promise<readonly OverlapRow[]> {
  const sides = new Map([
    [`${NAME}-before`, "before"],
    [`${NAME}-after`, "after"],
  ] as const);
  const estate = await createEstate([...sides.keys()].map((name) => settleOverlap(name, open)));
  try {
    const moments = Object.fromEntries([...sides].map(([name, side]) => [name, { call, side, nth: 1 }]));
    const { printed, kills } = await killInEach(estate, [{ run: ROTATION }], async (at) =>
      killEachAt(estate, at, moments),
    );
    const [{ resumes, logins } = { resumes: 0, logins: new Map<string, number>() }] = kills;
    const rows: OverlapRow[] = [];
    for (const tenant of estate.tenants) {
      const { name } = tenant.plan;
      const side = [...sides].find(([one]) => one === name)?.[1] ?? "after";
      const moment = { run: ROTATION, write: `deliver (${call})`, side, nth: 1 };
      const row = await judge(estate, tenant, { moment, disturbance: "kill" }, printed, resumes);
      rows.push({ ...row, logins: logins.get(name) ?? 0 });
    }
    return rows;
  } finally {
    await estate.dispose();
  }
}

/**
 * One wave with a credential for each case, which loses its answer at its moment: the runner lives, and so must all
 * others of the wave. Then the schedule goes on.
 */
export async function judgeInterruptions(
  open: OpenProvider,
  cases: readonly Case[],
): Promise<readonly OverlapRow[]> {
  const estate = await createEstate(cases.map((_, at) => settleOverlap(`${NAME}-${at}`, open, 400)));
  const due = new Map(estate.tenants.map((tenant, at) => [tenant, cases[at]]));
  const said: string[] = [];
  try {
    for (let run = 0; run < HOURS.length && !haveEnded(estate); run += 1) {
      for (const [tenant, one] of due) tenant.provider.listen(one && interruption(one, run, due, tenant));
      const report = await estate.runAt(hoursAfter(START, HOURS[run] ?? 0), undefined, {
        timeLimit: PATIENCE,
      });
      said.push(...report.lines.map(({ text }) => text));
    }
    for (const one of due.values()) {
      if (one === undefined) continue;
      throw new Error(`nothing was interrupted at ${JSON.stringify(one)}:\n${said.join("\n")}`);
    }
    const rows: OverlapRow[] = [];
    for (const [at, tenant] of estate.tenants.entries()) {
      const one = cases[at];
      if (one !== undefined) rows.push(await judge(estate, tenant, one, said.join("\n"), 0));
    }
    return rows;
  } finally {
    await estate.dispose();
  }
}

/** Interrupts once, at the moment of the case, if this run is the one. */
function interruption(
  { moment, disturbance }: Case,
  run: number,
  due: Map<OverlapTenant, Case | undefined>,
  tenant: OverlapTenant,
): Hear | undefined {
  if (moment.run !== run || disturbance === "kill") return undefined;
  return counted((now) => {
    if (due.get(tenant) === undefined || !isSame(now, moment)) return undefined;
    due.set(tenant, undefined);
    return disturbance;
  });
}

async function judge(
  estate: WaveEstate<OverlapTenant>,
  tenant: OverlapTenant,
  { moment, disturbance }: Case,
  printed: string,
  resumes: number,
): Promise<OverlapRow> {
  const texts = {
    "what the disturbed run printed": printed,
    "objects of the remote": objectsOf(estate.remote),
  };
  const problems = await problemsOf(tenant, resumes, texts);
  const { logins, failures } = tenant.consumer.tally;
  const outcome = problems.length === 0 ? "rotated" : problems.join("; ");
  return { ...moment, disturbance, outcome, logins, failures, resumes };
}

/** The provider sends SIGKILL to the runner that asks it; whether it does what was asked is what `side` says. */
async function runKilledAt(
  estate: WaveEstate<OverlapTenant>,
  at: Parameters<typeof spawnRunner>[1],
  moment: ProviderMoment,
): Promise<string> {
  await estate.atRest();
  const { child, ended } = spawnRunner(estate, at, "0");
  const { provider } = soleTenant(estate);
  provider.listen(
    counted((now) => {
      if (!isSame(now, moment)) return undefined;
      child.kill("SIGKILL");
      return "lost";
    }),
  );
  const { printed, signal, code } = await ended;
  provider.listen(undefined);
  if (signal === "SIGKILL") return printed;
  throw new MomentMissed(
    `the runner was to be killed at ${JSON.stringify(moment)}, but ended with ${code}:\n${printed}`,
  );
}

function isSame(a: Omit<ProviderMoment, "run">, b: Omit<ProviderMoment, "run">): boolean {
  return a.write === b.write && a.side === b.side && a.nth === b.nth;
}
