import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { shutSchedule } from "../rotation/gate.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Status } from "../state/status.ts";
import { type Course, course, type OpenAct } from "./course.ts";
import { gatesOf } from "./gates.ts";
import { otherIdentity, recordedElsewhere } from "./identity.ts";
import type { PlanInput } from "./plan-input.ts";
import { chooseRecipe } from "./recipe-choice.ts";
import { isRetiring, retireCourse } from "./retire-course.ts";

/** What is left of the run's limits; counted down as rotations are chosen, most urgent first. */
export interface StartLimits {
  startsLeft: number;
  openLeft: number;
  readonly perService: number;
  /** Rotations between issue and confirm, by service. */
  readonly busy: Map<string, number>;
}

/** What happens to a credential without an open rotation; undefined: nothing is to do. */
export function startFor(
  evaluated: EvaluatedCredential,
  status: Status | undefined,
  input: PlanInput,
  limits: StartLimits,
): Course | undefined {
  const { name, source } = evaluated;
  const { spec } = source.document;
  const explicit = input.explicit?.credential === name;
  if (evaluated.state === "retired" || isRetiring(evaluated, input)) {
    return retireCourse(evaluated, status, input);
  }
  if (spec.method !== "automated") return notOurs(evaluated, explicit);
  const wanted = explicit || evaluated.rotationDue !== undefined;
  const adopting = status?.adoptedAt === undefined;
  if (!wanted && evaluated.startExcepted !== undefined) {
    return course(name, "skip", `excepted by ${evaluated.startExcepted}`);
  }
  if (!wanted && !(adopting && evaluated.effective.rotate)) return undefined;
  const capability = input.capabilities(source);
  if (!capability.able) {
    return course(name, capability.why === "elsewhere" ? "skip" : "refuse", capability.reason);
  }
  if (!input.valid) {
    return course(name, "refuse", "documents are invalid: nothing starts until they are mended");
  }
  const other = otherIdentity(status, capability.identity);
  if (other !== undefined) return course(name, "refuse", other);
  if (status?.behind !== undefined) {
    return course(name, "refuse", `${status.behind.message}; a person must look, then: cre retry ${name}`);
  }
  const because = explicit
    ? (input.explicit?.by ?? "a person")
    : (evaluated.rotationDue?.policy ?? "adoption");
  const elsewhere = adopting ? recordedElsewhere(name, capability.identity, input.state.statuses) : undefined;
  if (elsewhere !== undefined) return course(name, "refuse", elsewhere);
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
    kind: "open",
    recipe: choice.recipe,
    reason: explicit ? "requested" : "due",
    because,
    emergency: false,
    clearFirst: false,
    policy: evaluated.effective,
    identity: capability.identity,
  });
}

function notOurs(evaluated: EvaluatedCredential, explicit: boolean): Course | undefined {
  const { name, source, rotationDue, state } = evaluated;
  const { spec } = source.document;
  if (explicit) {
    return course(
      name,
      "refuse",
      `method ${spec.method}: nothing here can rotate it (cre rotate ${name} --value-stdin carries a value that a person made)`,
    );
  }
  if (rotationDue === undefined && state !== "expired" && state !== "stale") return undefined;
  const who = spec.method === "delegated" ? (spec.delegate?.to ?? "another system") : spec.owner.team;
  return course(name, "skip", `method ${spec.method}: ${who} rotates it`);
}

function adopt(
  evaluated: EvaluatedCredential,
  input: PlanInput,
  because: string,
  explicit: boolean,
  identity: string,
): Course {
  const gates = gatesOf(evaluated, input);
  if (gates.hold !== undefined) {
    return course(
      evaluated.name,
      "wait",
      `held by ${gates.hold.name}: ${gates.hold.reason}`,
      "adopt",
      gates.hold.until,
    );
  }
  const act: OpenAct = {
    kind: "open",
    recipe: "adopt",
    reason: explicit ? "requested" : "adoption",
    because,
    emergency: false,
    clearFirst: false,
    policy: evaluated.effective,
    identity,
  };
  return course(
    evaluated.name,
    "adopt",
    "the first run of a credential records and marks what is there",
    "adopt",
    undefined,
    act,
  );
}

export function perServiceReason(service: string): string {
  return `limits.perService: another rotation of ${service} is not confirmed yet`;
}

/** The reason why a wanted rotation does not start in this run. */
function held(evaluated: EvaluatedCredential, input: PlanInput, limits: StartLimits): Course | undefined {
  const { name, source } = evaluated;
  const { spec } = source.document;
  const gates = gatesOf(evaluated, input);
  if (gates.hold !== undefined) {
    return course(name, "wait", `held by ${gates.hold.name}: ${gates.hold.reason}`, null, gates.hold.until);
  }
  const explicit = input.explicit?.credential === name;
  const shut = shutSchedule(explicit ? { freeze: gates.freeze, window: undefined } : gates);
  if (shut !== undefined) {
    return course(
      name,
      "wait",
      shut.why === "freeze" ? `freeze: ${shut.detail}` : "the policy's window is closed",
      null,
      shut.until,
    );
  }
  const before = unfinishedDependency(evaluated, input, explicit);
  if (before !== undefined) return course(name, "wait", `${before} is rotated first`);
  if (explicit) return undefined;
  if (limits.startsLeft <= 0) return course(name, "wait", "limits.startsPerRun is reached in this run");
  if (limits.openLeft <= 0) return course(name, "wait", "limits.openRotations is reached");
  if ((limits.busy.get(spec.service) ?? 0) >= limits.perService) {
    return course(name, "wait", perServiceReason(spec.service));
  }
  return undefined;
}

/**
 * A dependency whose rotation is due or under way. One that is only due does not keep a person's request back, nor
 * does one that nobody here rotates.
 */
function unfinishedDependency(
  { source }: EvaluatedCredential,
  { evaluation, state }: PlanInput,
  explicit: boolean,
): string | undefined {
  return source.document.spec.dependsOn?.find((name) => {
    const rotation = state.statuses.get(name)?.rotation;
    if (isOpen(rotation) && rotation.recipe !== "retire" && rotation.confirmedAt === undefined) return true;
    const other = evaluation.credentials.get(name);
    const automated = other?.source.document.spec.method === "automated";
    return !explicit && automated && other.rotationDue !== undefined;
  });
}
