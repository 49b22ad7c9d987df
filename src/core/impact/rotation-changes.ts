import type { EvaluationResult } from "../evaluate/evaluation.ts";
import type { PlanItem } from "../plan/plan.ts";
import type { ImpactReport } from "./impact-report.ts";

type Rotation = ImpactReport["rotations"]["follow"][number];

interface Planned {
  readonly plan: readonly PlanItem[];
  readonly evaluation: EvaluationResult;
}

/** Rotations that the next run would start because of the change, and those that it would start without it only. */
export function rotationChanges(
  before: Planned,
  after: Planned,
  renamed: ReadonlyMap<string, string>,
): ImpactReport["rotations"] {
  const old = before.plan.flatMap((item) => started(item, renamed.get(item.credential)));
  const now = after.plan.flatMap((item) => started(item));
  const reasons = new Map(after.plan.map(({ credential, reason }) => [credential, reason]));
  return {
    follow: without(now, old),
    // Why it does not start now says more than why it would have.
    noLonger: without(old, now).map(({ credential, action }) => ({
      credential,
      action,
      reason: reasons.get(credential) ?? whyIdle(credential, after.evaluation),
    })),
  };
}

/** A credential without an item in the plan: why nothing is to do. */
function whyIdle(name: string, { credentials }: EvaluationResult): string {
  const evaluated = credentials.get(name);
  if (evaluated === undefined) return "it is not registered any more";
  if (evaluated.source.document.spec.method !== "automated") return "no run rotates it any more";
  if (!evaluated.effective.rotate) return "no policy asks a run to rotate it any more";
  return "it is not due any more";
}

function started({ credential, action, reason }: PlanItem, name = credential): readonly Rotation[] {
  return action === "start" || action === "adopt" ? [{ credential: name, action, reason }] : [];
}

function without(some: readonly Rotation[], others: readonly Rotation[]): Rotation[] {
  const names = new Set(others.map(({ credential }) => credential));
  return some.filter(({ credential }) => !names.has(credential));
}
