import { isOpen } from "../../../core/rotation/transition.ts";
import { createEstate, type WaveEstate } from "../estate.ts";
import { HOURS, haveEnded, START } from "../killed-rotation.ts";
import { objectsOf } from "../proofs.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { startRounds } from "./rounds.ts";
import type { Phase, SharedServices, Target, Trouble } from "./target.ts";
import { rowOf, type TargetRow } from "./targets-table.ts";
import { settleTargets, type TargetKind, type TargetsTenant, targetOf } from "./targets-tenant.ts";
import { problemsOf } from "./targets-verdict.ts";

/** Milliseconds that an effect may take where a target is to hang: longer than any takes that does not. */
const PATIENCE = 5_000;
const WORDS: Readonly<Record<Trouble, string>> = {
  refused: "refused",
  error: "error answered",
  lost: "connection closed before it happened",
  lostAfter: "connection closed after it happened",
  hangAfter: "no answer in time after it happened",
};
/** The scheduled run that makes the new key. */
export const ROTATION = 1;

/** A failure of one target of a credential that has these. */
export interface TargetCase {
  readonly kinds: readonly TargetKind[];
  readonly kind: TargetKind;
  readonly phase: Phase;
  readonly trouble: Trouble;
}

/**
 * One wave with a credential for each case. One target of each fails throughout the run that makes the new key; then
 * the schedule goes on, and a person says `retry` to what is parked.
 */
export async function judgeTroubles(
  cases: readonly TargetCase[],
  shared: SharedServices,
): Promise<readonly TargetRow[]> {
  const estate = await createEstate(
    cases.map(({ kinds }, at) => settleTargets(`orders-${at}`, kinds, shared)),
  );
  const rounds = startRounds(estate.tenants);
  const said: string[] = [];
  const lefts = new Map<TargetsTenant, string>();
  try {
    for (let run = 0; run < HOURS.length && !haveEnded(estate); run += 1) {
      const at = hoursAfter(START, HOURS[run] ?? 0);
      for (const { status, plan } of estate.tenants) {
        if (status()?.rotation?.outcome === "parked") await estate.retry(at, plan.name);
      }
      if (run === ROTATION) {
        eachCase(estate, cases, ({ phase, trouble }, target) => target.disturb({ phase, trouble }));
      }
      const report = await estate.runAt(at, undefined, { timeLimit: PATIENCE });
      said.push(...report.lines.map(({ text }) => text));
      if (run !== ROTATION) continue;
      eachCase(estate, cases, (_, target) => target.disturb(undefined));
      for (const [index, tenant] of estate.tenants.entries()) {
        lefts.set(tenant, await leftBehind(tenant, cases[index]));
        await tenant.sample();
      }
    }
    await rounds.stop();
    const texts = {
      "what the runs printed": said.join("\n"),
      "objects of the remote": objectsOf(estate.remote),
    };
    const rows: TargetRow[] = [];
    for (const [index, tenant] of estate.tenants.entries()) {
      const one = cases[index];
      if (one === undefined) continue;
      const problems = [...(await problemsOf(tenant, 0, texts))];
      const target = targetOf(tenant, one.kind);
      if (target.disturbed() === 0) problems.push("nothing was disturbed");
      const { phase, trouble } = one;
      const moment = { kind: target.kind, phase, what: WORDS[trouble] };
      rows.push(rowOf(tenant, moment, lefts.get(tenant) ?? "", problems));
    }
    return rows;
  } finally {
    await rounds.stop();
    await estate.dispose();
  }
}

function eachCase(
  { tenants }: WaveEstate<TargetsTenant>,
  cases: readonly TargetCase[],
  act: (one: TargetCase, target: Target) => void,
): void {
  for (const [index, tenant] of tenants.entries()) {
    const one = cases[index];
    if (one !== undefined) act(one, targetOf(tenant, one.kind));
  }
}

/** What the record says, and after it what does not go with it. */
async function leftBehind(tenant: TargetsTenant, one: TargetCase | undefined): Promise<string> {
  const rotation = tenant.status()?.rotation;
  const target = one === undefined ? undefined : targetOf(tenant, one.kind);
  if (rotation === undefined || target === undefined) return "NO RECORD";
  const { step, phase, outcome, failure, wait, attempt } = rotation;
  const problems: string[] = [];
  const versions = await tenant.provider.versions();
  const first = tenant.provider.first["accessKeyId"];
  if (!versions.some(({ handle, live }) => handle === first && live)) problems.push("THE OLD KEY IS DEAD");
  if (attempt === undefined) {
    if (versions.length !== 1) problems.push(`DROPPED, AND YET ${versions.length} KEYS`);
    for (const { kind, attempts, current } of tenant.targets) {
      if ((await attempts()).pending !== undefined) problems.push(`DROPPED, AND YET WAITING AT ${kind}`);
      if ((await current())["accessKeyId"] !== first) problems.push(`DROPPED, AND YET USED AT ${kind}`);
    }
  }
  if (failure !== undefined && isOpen(rotation)) {
    const isNamed = failure.message.includes(target.mentioned);
    if (!isNamed) problems.push(`THE TARGET IS NOT NAMED: ${failure.message}`);
  }
  const waits = outcome === "parked" ? "parked" : `waits for ${wait?.why}`;
  return [`${step} ${phase}, ${waits}`, ...problems].join("; ");
}
