import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { emergencyCourse, emergencyPolicy } from "../rotation/emergency.ts";
import { isOpen } from "../rotation/transition.ts";
import type { RecipeName, Status } from "../state/status.ts";
import { type Course, course, type OpenAct } from "./course.ts";
import { otherIdentity, recordedElsewhere } from "./identity.ts";
import type { PlanInput } from "./plan-input.ts";
import { chooseRecipe } from "./recipe-choice.ts";
import { isRetiring } from "./retire-course.ts";

/** A compromised credential comes before everything: no window, limit, freeze, hold or exception counts. */
export function emergencyFor(
  evaluated: EvaluatedCredential,
  status: Status | undefined,
  input: PlanInput,
): Course | undefined {
  const { name, source, compromise } = evaluated;
  if (compromise === undefined) return undefined;
  if (source.document.spec.method !== "automated") return byHand(evaluated, status);
  const capability = input.capabilities(source);
  if (!capability.able) {
    return course(
      name,
      capability.why === "elsewhere" ? "skip" : "refuse",
      `compromised: ${capability.reason}`,
    );
  }
  const other = otherIdentity(status, capability.identity);
  if (other !== undefined && !isOpen(status?.rotation)) {
    return course(name, "refuse", `compromised: ${other}`);
  }
  const policy = emergencyPolicy(evaluated.effective, compromise.revokeFirst);
  const act = (recipe: RecipeName, clearFirst: boolean): OpenAct => ({
    kind: "open",
    recipe,
    reason: "compromised",
    because: compromise.because,
    emergency: true,
    clearFirst,
    policy,
    identity: capability.identity,
  });
  const why = `compromised: ${compromise.because}`;
  if (status === undefined || (status.adoptedAt === undefined && !isOpen(status.rotation))) {
    const elsewhere = recordedElsewhere(name, capability.identity, input.state.statuses);
    if (elsewhere !== undefined) return course(name, "refuse", `compromised: ${elsewhere}`);
    return course(name, "start", `${why}; adopted first`, "adopt", undefined, act("adopt", false));
  }
  const revokeFirst = policy.emergency.order === "revoke-first";
  const slots = capability.recipe === "in-place" ? 1 : 2;
  const found = emergencyCourse(status, { ...compromise, revokeFirst }, slots);
  if (found.kind === "none") return undefined;
  if (found.kind === "escalate") {
    const reason = `${why}; the open rotation goes on as the emergency`;
    const { because } = compromise;
    return course(name, "advance", reason, status.rotation?.step ?? null, undefined, {
      kind: "escalate",
      because,
    });
  }
  // It gets no successor: what lives of it ends now.
  if (isRetiring(evaluated, input)) {
    return course(name, "start", `${why}; it is retired`, "deactivate", undefined, act("retire", false));
  }
  const choice = chooseRecipe(capability, policy, true);
  if ("refused" in choice) return course(name, "refuse", `compromised: ${choice.refused}`);
  const first = found.clearFirst ? "revoke" : "preflight";
  return course(name, "start", why, first, undefined, act(choice.recipe, found.clearFirst));
}

/** A value that a person is delivering already is what ends it: an open rotation goes on. */
function byHand({ name, source }: EvaluatedCredential, status: Status | undefined): Course | undefined {
  if (isOpen(status?.rotation)) return undefined;
  const { manual, method, delegate, owner } = source.document.spec;
  const who = method === "delegated" ? (delegate?.to ?? "another system") : owner.team;
  const where = manual?.console === undefined ? "" : ` at ${manual.console}`;
  return course(name, "refuse", `compromised: ${who} must replace it now${where}, then: cre rotated ${name}`);
}
