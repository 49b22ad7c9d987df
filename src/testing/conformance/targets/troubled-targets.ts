import type { Instant } from "../../../core/model/instant.ts";
import { isOpen } from "../../../core/rotation/transition.ts";
import { createEstate, type WaveEstate } from "../estate.ts";
import { haveEnded, START } from "../killed-rotation.ts";
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
/** When the schedule runs, in hours: adoption, runs with trouble, and what takes a rotation to its end. */
const SCHEDULE = [0, 1, 10, 20, 30, 40, 50, 110, 170, 230, 290];
/** What goes wrong, one after the other, each in the first run that comes by. */
const PHASES: readonly Phase[] = ["stage", "push", "promote"];

/** A target of a credential that fails to stage and to promote; the last of its targets fails to be pushed to. */
export interface TargetCase {
  readonly kinds: readonly TargetKind[];
  readonly kind: TargetKind;
  readonly trouble: Trouble;
}

/**
 * One wave with a credential for each case. Targets of each fail, each throughout one run; then the schedule goes on. A person says `retry` to what is parked.
 */
export async function judgeTroubles(
  cases: readonly TargetCase[],
  shared: SharedServices,
): Promise<readonly TargetRow[]> {
  const estate = await createEstate(
    cases.map(({ kinds }, at) => settleTargets(`orders-${at}`, kinds, shared)),
  );
  const each = cases.map((one, at): Troubled => {
    const tenant = estate.tenants[at];
    if (tenant === undefined) throw new Error("a case without a credential");
    return { one, tenant, events: [] };
  });
  const rounds = startRounds(estate.tenants);
  const said: string[] = [];
  try {
    for (let run = 0; run < SCHEDULE.length && !haveEnded(estate); run += 1) {
      const at = hoursAfter(START, SCHEDULE[run] ?? 0);
      for (const tenant of estate.tenants) {
        if (tenant.status()?.rotation?.outcome === "parked") await estate.retry(at, tenant.plan.name);
      }
      said.push(...(await troubledRun(estate, each, at)));
    }
    await rounds.stop();
    const texts = {
      "what the runs printed": said.join("\n"),
      "objects of the remote": objectsOf(estate.remote),
    };
    const rows: TargetRow[] = [];
    for (const { one, tenant, events } of each) {
      const problems = await problemsOf(tenant, 0, texts);
      for (const { kind, phase, left } of events) {
        rows.push(rowOf(tenant, { kind, phase, what: WORDS[one.trouble] }, left, problems));
      }
    }
    return rows;
  } finally {
    await rounds.stop();
    await estate.dispose();
  }
}

/** A case as it goes through the schedule. */
interface Troubled {
  readonly one: TargetCase;
  readonly tenant: TargetsTenant;
  readonly events: { readonly kind: string; readonly phase: Phase; readonly left: string }[];
}

/**
 * One run, throughout which the next targets of each credential fail if the run comes by; gives what it said. A push
 * that has arrived is recognised in the same run, which then comes by the promotion, too.
 */
async function troubledRun(
  estate: WaveEstate<TargetsTenant>,
  each: readonly Troubled[],
  at: Instant,
): Promise<readonly string[]> {
  const due = each.map(({ one, tenant, events }) => {
    const phases = events.length === 0 ? PHASES.slice(0, 1) : PHASES.slice(events.length);
    const targets = phases.map((phase) => {
      const target = targetOf(tenant, phase === "push" ? (one.kinds.at(-1) ?? one.kind) : one.kind);
      target.disturb({ phase, trouble: one.trouble });
      return { phase, target, before: target.disturbed() };
    });
    return { tenant, events, targets };
  });
  const { lines } = await estate.runAt(at, undefined, { timeLimit: PATIENCE });
  for (const { tenant, events, targets } of due) {
    for (const { target } of targets) target.disturb(undefined);
    const disturbed = targets.filter(({ target, before }) => target.disturbed() > before);
    for (const { phase, target } of disturbed) {
      const isLast = target === disturbed.at(-1)?.target;
      const left = isLast ? await leftBehind(tenant, target) : "the run went on";
      events.push({ kind: target.kind, phase, left });
    }
    await tenant.sample();
  }
  return lines.map(({ text }) => text);
}

/** What the record says, and after it what does not go with it. */
async function leftBehind(tenant: TargetsTenant, target: Target): Promise<string> {
  const rotation = tenant.status()?.rotation;
  if (rotation === undefined) return "NO RECORD";
  const { step, phase, outcome, failure, wait, attempt } = rotation;
  const problems: string[] = [];
  const versions = await tenant.provider.versions();
  const first = tenant.provider.first["accessKeyId"];
  if (!versions.some(({ handle, live }) => handle === first && live)) problems.push("THE OLD KEY IS DEAD");
  if (attempt === undefined) {
    if (versions.length !== 1) problems.push(`DROPPED, AND YET ${versions.length} KEYS`);
    for (const one of tenant.targets) {
      const { kind } = one;
      if ((await one.attempts()).pending !== undefined) problems.push(`DROPPED, AND YET WAITING AT ${kind}`);
      if ((await one.current())["accessKeyId"] !== first) problems.push(`DROPPED, AND YET USED AT ${kind}`);
    }
  }
  if (failure !== undefined && isOpen(rotation)) {
    const isNamed = failure.message.includes(target.mentioned);
    if (!isNamed) problems.push(`THE TARGET IS NOT NAMED: ${failure.message}`);
  }
  const waits = outcome === "parked" ? "parked" : `waits for ${wait?.why}`;
  return [`${step} ${phase}, ${waits}`, ...problems].join("; ");
}
