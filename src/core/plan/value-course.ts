import type { Credential } from "../documents/credential.ts";
import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import type { Instant } from "../model/instant.ts";
import type { DeliveryShape } from "../rotation/recipe.ts";
import { isOpen } from "../rotation/transition.ts";
import { type Course, course } from "./course.ts";
import { gatesOf } from "./gates.ts";
import type { PlanInput } from "./plan-input.ts";

/** What `cre rotate NAME --value-stdin` does: delivers a value that a person made, or says why it cannot. */
export function valueCourse(
  name: string,
  by: string,
  input: PlanInput,
  shapeOf: (credential: Credential) => DeliveryShape,
): Course {
  const evaluated = input.evaluation.credentials.get(name);
  const refuse = (reason: string): Course => course(name, "refuse", reason);
  if (evaluated === undefined) return refuse(`there is no credential ${name}`);
  const { document } = evaluated.source;
  if (document.spec.method === "automated") {
    return refuse(`method automated: this tool makes the value itself (cre rotate ${name})`);
  }
  if (!input.valid) return refuse("documents are invalid: nothing starts until they are mended");
  const { staging, pushing } = shapeOf(document);
  if (staging + pushing === 0) {
    return refuse("the document has no `deliver`: there is nowhere to take the value");
  }
  if (pushing > 1) {
    return refuse(
      `${pushing} deliveries can only push; at most one may, since a second could fail after the first`,
    );
  }
  const rotation = input.state.statuses.get(name)?.rotation;
  if (isOpen(rotation)) {
    return refuse(`a rotation is open at ${rotation.step}; cre status ${name} says what it waits for`);
  }
  const { compromise, effective } = evaluated;
  const shut = compromise === undefined ? shutNow(evaluated, input) : undefined;
  if (shut !== undefined) return course(name, "wait", shut.reason, null, shut.until);
  return course(name, "start", `asked for by ${by}, with a value`, "preflight", undefined, {
    kind: "open",
    recipe: "value",
    reason: compromise === undefined ? "requested" : "compromised",
    because: by,
    emergency: compromise !== undefined,
    clearFirst: false,
    policy: effective,
    identity: undefined,
  });
}

/** A person asked, so that no window counts; holds and freezes do. */
function shutNow(
  evaluated: EvaluatedCredential,
  input: PlanInput,
): { readonly reason: string; readonly until: Instant | undefined } | undefined {
  const { hold, freeze } = gatesOf(evaluated, input);
  if (hold !== undefined) return { reason: `held by ${hold.name}: ${hold.reason}`, until: hold.until };
  return freeze === undefined ? undefined : { reason: `freeze: ${freeze.reason}`, until: freeze.until };
}
