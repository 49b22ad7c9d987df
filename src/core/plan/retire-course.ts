import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { parseInstant } from "../model/instant.ts";
import { shutSchedule } from "../rotation/gate.ts";
import type { Status } from "../state/status.ts";
import { type Course, course } from "./course.ts";
import { gatesOf } from "./gates.ts";
import { otherIdentity } from "./identity.ts";
import type { PlanInput } from "./plan-input.ts";

export function isRetiring({ source }: EvaluatedCredential, { now }: Pick<PlanInput, "now">): boolean {
  const { retiredAt } = source.document.spec;
  const from = retiredAt === undefined ? undefined : parseInstant(retiredAt);
  return from !== undefined && from <= now;
}

/** A retired credential is deactivated, soaks and is revoked by the ordinary evidence; it gets no successor. */
export function retireCourse(
  evaluated: EvaluatedCredential,
  status: Status | undefined,
  input: PlanInput,
): Course | undefined {
  const { name, source, effective } = evaluated;
  const { spec } = source.document;
  if (spec.method !== "automated" || status === undefined || status.versions.length === 0) return undefined;
  const capability = input.capabilities(source);
  if (!capability.able) {
    return course(name, capability.why === "elsewhere" ? "skip" : "refuse", capability.reason);
  }
  if (!input.valid) {
    return course(name, "refuse", "documents are invalid: nothing starts until they are mended");
  }
  const other = otherIdentity(status, capability.identity);
  if (other !== undefined) return course(name, "refuse", other);
  const gates = gatesOf(evaluated, input);
  const shut = gates.hold ?? shutSchedule(gates);
  if (shut !== undefined) {
    return course(name, "wait", "retiring is held, frozen or outside its window", "deactivate", shut.until);
  }
  return course(name, "advance", `retired since ${spec.retiredAt}`, "deactivate", undefined, {
    kind: "open",
    recipe: "retire",
    reason: "retired",
    because: "retiredAt",
    emergency: false,
    clearFirst: false,
    policy: effective,
    identity: capability.identity,
  });
}
