import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { emergencyCourse, emergencyPolicy } from "../rotation/emergency.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Status } from "../state/status.ts";
import { course, type Course } from "./course.ts";
import type { PlanInput } from "./plan-input.ts";
import { chooseRecipe } from "./recipe-choice.ts";

/** A compromised credential comes before everything: no window, limit, freeze, hold or exception counts. */
export function emergencyFor(evaluated: EvaluatedCredential, status: Status | undefined, input: PlanInput): Course | undefined {
  const { name, source, compromise } = evaluated;
  if (compromise === undefined) return undefined;
  const { spec } = source.document;
  if (spec.method !== "automated") {
    const console = spec.manual?.console === undefined ? "" : ` at ${spec.manual.console}`;
    return course(name, "refuse", `compromised: a person must replace it now${console}, then: cre rotated ${name}`);
  }
  const capability = input.capabilities(source);
  if (!capability.able) return course(name, capability.why === "elsewhere" ? "skip" : "refuse", `compromised: ${capability.reason}`);
  const policy = emergencyPolicy(evaluated.effective, compromise.revokeFirst);
  const { because } = compromise;
  if (status?.adoptedAt === undefined && !isOpen(status?.rotation)) {
    return course(name, "start", `compromised: ${because}; adopted first`, "adopt", undefined, {
      kind: "open", recipe: "adopt", reason: "compromised", because, emergency: true, clearFirst: false, policy, identity: capability.identity,
    });
  }
  if (status === undefined) return undefined;
  const found = emergencyCourse(status, { ...compromise, revokeFirst: policy.emergency.order === "revoke-first" }, capability.recipe === "in-place" ? 1 : 2);
  if (found.kind === "none") return undefined;
  if (found.kind === "escalate") {
    return course(name, "advance", `compromised: ${because}; the open rotation goes on as the emergency`, status.rotation?.step ?? null, undefined, {
      kind: "escalate", because,
    });
  }
  const choice = chooseRecipe(capability, policy, true);
  if ("refused" in choice) return course(name, "refuse", `compromised: ${choice.refused}`);
  return course(name, "start", `compromised: ${because}`, found.clearFirst ? "revoke" : "preflight", undefined, {
    kind: "open", recipe: choice.recipe, reason: "compromised", because, emergency: true, clearFirst: found.clearFirst, policy, identity: capability.identity,
  });
}
