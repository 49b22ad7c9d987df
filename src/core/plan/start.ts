import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { parseInstant } from "../model/instant.ts";
import { isOpen } from "../rotation/transition.ts";
import { shutSchedule } from "../rotation/gate.ts";
import type { Status } from "../state/status.ts";
import { course, type Course, type OpenAct } from "./course.ts";
import { gatesFor } from "./gates.ts";
import type { PlanInput } from "./plan-input.ts";
import { chooseRecipe } from "./recipe-choice.ts";

/** What is left of the run's limits; counted down as rotations are chosen, most urgent first. */
export interface StartLimits {
  startsLeft: number;
  openLeft: number;
  readonly perService: number;
  /** Rotations between issue and confirm, by service. */
  readonly busy: Map<string, number>;
}

/** What happens to a credential without an open rotation; undefined: nothing is to do. */
export function startFor(evaluated: EvaluatedCredential, status: Status | undefined, input: PlanInput, limits: StartLimits): Course | undefined {
  const { name, source } = evaluated;
  const { spec } = source.document;
  const explicit = input.explicit?.credential === name;
  if (evaluated.state === "retired" || isRetiring(evaluated, input)) return retire(evaluated, status, input);
  if (spec.method !== "automated") return notOurs(evaluated, explicit);
  const wanted = explicit || evaluated.rotationDue !== undefined;
  const adopting = status?.adoptedAt === undefined;
  if (!wanted && evaluated.startExcepted !== undefined) {
    return course(name, "skip", `excepted by ${evaluated.startExcepted}`);
  }
  if (!wanted && !(adopting && evaluated.effective.rotate)) return undefined;
  const capability = input.capabilities(source);
  if (!capability.able) return course(name, capability.why === "elsewhere" ? "skip" : "refuse", capability.reason);
  if (!input.valid) return course(name, "refuse", "documents are invalid: nothing starts until they are mended");
  if (status?.identity !== undefined && status.identity !== capability.identity) {
    return course(name, "refuse", `the document now names ${capability.identity}, the record belongs to ${status.identity}: retire this credential and register another`);
  }
  const because = explicit ? (input.explicit?.by ?? "a person") : (evaluated.rotationDue?.policy ?? "adoption");
  if (adopting) return adopt(evaluated, input, because, explicit, capability.identity);
  const choice = chooseRecipe(capability, evaluated.effective, false);
  if ("refused" in choice) return course(name, "refuse", choice.refused);
  const shut = held(evaluated, input, limits);
  if (shut !== undefined) return shut;
  limits.startsLeft -= 1;
  limits.openLeft -= 1;
  limits.busy.set(spec.service, (limits.busy.get(spec.service) ?? 0) + 1);
  const reason = explicit ? `asked for by ${because}` : `due ${evaluated.rotationDue?.dueAt} by ${because}`;
  return course(name, "start", reason, "preflight", undefined, {
    kind: "open", recipe: choice.recipe, reason: explicit ? "requested" : "due", because, emergency: false, clearFirst: false,
    policy: evaluated.effective, identity: capability.identity,
  });
}

function notOurs(evaluated: EvaluatedCredential, explicit: boolean): Course | undefined {
  const { name, source, rotationDue, state } = evaluated;
  const { spec } = source.document;
  if (explicit) return course(name, "refuse", `method ${spec.method}: nothing here can rotate it (cre rotate ${name} --value-stdin carries a value that a person made)`);
  if (rotationDue === undefined && state !== "expired" && state !== "stale") return undefined;
  const who = spec.method === "delegated" ? (spec.delegate?.to ?? "another system") : `${spec.owner.team}`;
  return course(name, "skip", `method ${spec.method}: ${who} rotates it`);
}

function adopt(evaluated: EvaluatedCredential, input: PlanInput, because: string, explicit: boolean, identity: string): Course {
  const gates = gatesFor(evaluated.source.document, evaluated.effective, input.documents, input.state, input.now);
  if (gates.hold !== undefined) return course(evaluated.name, "wait", `held by ${gates.hold.name}: ${gates.hold.reason}`, "adopt", gates.hold.until);
  const act: OpenAct = {
    kind: "open", recipe: "adopt", reason: explicit ? "requested" : "adoption", because, emergency: false, clearFirst: false,
    policy: evaluated.effective, identity,
  };
  return course(evaluated.name, "adopt", "the first run of a credential records and marks what is there", "adopt", undefined, act);
}

/** The reason why a wanted rotation does not start in this run. */
function held(evaluated: EvaluatedCredential, input: PlanInput, limits: StartLimits): Course | undefined {
  const { name, source, effective } = evaluated;
  const { spec } = source.document;
  const gates = gatesFor(source.document, effective, input.documents, input.state, input.now);
  if (gates.hold !== undefined) return course(name, "wait", `held by ${gates.hold.name}: ${gates.hold.reason}`, null, gates.hold.until);
  const explicit = input.explicit?.credential === name;
  const shut = shutSchedule(explicit ? { freeze: gates.freeze, window: undefined } : gates);
  if (shut !== undefined) {
    return course(name, "wait", shut.why === "freeze" ? `freeze: ${shut.detail}` : "the policy's window is closed", null, shut.until);
  }
  for (const dependency of spec.dependsOn ?? []) {
    const other = input.state.statuses.get(dependency);
    const due = input.evaluation.credentials.get(dependency)?.rotationDue !== undefined;
    const open = isOpen(other?.rotation) && other.rotation.confirmedAt === undefined;
    if (open || due) return course(name, "wait", `${dependency} is rotated first`);
  }
  if (explicit) return undefined;
  if (limits.startsLeft <= 0) return course(name, "wait", "limits.startsPerRun is reached in this run");
  if (limits.openLeft <= 0) return course(name, "wait", "limits.openRotations is reached");
  if ((limits.busy.get(spec.service) ?? 0) >= limits.perService) {
    return course(name, "wait", `limits.perService: another rotation of ${spec.service} is not confirmed yet`);
  }
  return undefined;
}

function isRetiring(evaluated: EvaluatedCredential, input: PlanInput): boolean {
  const { retiredAt } = evaluated.source.document.spec;
  const from = retiredAt === undefined ? undefined : parseInstant(retiredAt);
  return from !== undefined && from <= input.now;
}

/** A retired credential is deactivated, soaks and is revoked by the ordinary evidence; it gets no successor. */
function retire(evaluated: EvaluatedCredential, status: Status | undefined, input: PlanInput): Course | undefined {
  const { name, source, effective } = evaluated;
  if (source.document.spec.method !== "automated" || status === undefined || status.versions.length === 0) return undefined;
  const capability = input.capabilities(source);
  if (!capability.able) return course(name, capability.why === "elsewhere" ? "skip" : "refuse", capability.reason);
  const gates = gatesFor(source.document, effective, input.documents, input.state, input.now);
  const shut = gates.hold ?? shutSchedule(gates);
  if (shut !== undefined) return course(name, "wait", "retiring is held, frozen or outside its window", "deactivate", shut.until);
  if (!input.valid) return course(name, "refuse", "documents are invalid: nothing starts until they are mended");
  return course(name, "advance", `retired since ${source.document.spec.retiredAt}`, "deactivate", undefined, {
    kind: "open", recipe: "retire", reason: "retired", because: "retiredAt", emergency: false, clearFirst: false, policy: effective, identity: capability.identity,
  });
}
