import { createEstate } from "../estate.ts";
import type { Moment } from "../failpoints.ts";
import { killEachAt, killInEach } from "../killed-rotation.ts";
import { objectsOf } from "../proofs.ts";
import { startRounds } from "./rounds.ts";
import type { SharedServices } from "./target.ts";
import { rowOf, type TargetRow } from "./targets-table.ts";
import { type PUSHING, STAGING, settleTargets } from "./targets-tenant.ts";
import { problemsOf } from "./targets-verdict.ts";

/** The scheduled run that makes the new key. */
const ROTATION = 1;

/** A moment between two targets, of a credential with this one as its last. */
export interface KillCase extends Moment {
  readonly last: (typeof PUSHING)[number];
}

/**
 * Kills one wave in which each credential has come to a moment of its own, then lets the schedule go on from fresh
 * clones. A wave has one step at a time, so that all moments must be of one.
 */
export async function judgeKilled(
  cases: readonly KillCase[],
  shared: SharedServices,
): Promise<readonly TargetRow[]> {
  const estate = await createEstate(
    cases.map(({ last }, at) => settleTargets(nameAt(at), [...STAGING, last], shared)),
  );
  const rounds = startRounds(estate.tenants);
  try {
    const moments = Object.fromEntries(
      cases.map(({ call, side, nth }, at) => [nameAt(at), { call, side, nth }]),
    );
    const { printed, kills } = await killInEach(estate, [{ run: ROTATION }], async (at) =>
      killEachAt(estate, at, moments),
    );
    const [{ resumes } = { resumes: 0 }] = kills;
    await rounds.stop();
    const texts = {
      "what the killed run printed": printed,
      "objects of the remote": objectsOf(estate.remote),
    };
    const rows: TargetRow[] = [];
    for (const [at, tenant] of estate.tenants.entries()) {
      const one = cases[at];
      if (one === undefined) continue;
      const problems = await problemsOf(tenant, resumes, texts);
      const target = tenant.targets[one.call === "push" ? tenant.targets.length - 1 : one.nth - 1];
      const moment = { kind: target?.kind ?? "", phase: one.call, what: `runner killed ${one.side}` };
      rows.push(rowOf(tenant, moment, `${resumes} resumes`, problems));
    }
    return rows;
  } finally {
    await rounds.stop();
    await estate.dispose();
  }
}

function nameAt(at: number): string {
  return `orders-${at}`;
}
