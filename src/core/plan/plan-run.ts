import type { Credential } from "../documents/credential.ts";
import type { Sourced } from "../documents/kinds.ts";
import { SETTINGS_DEFAULTS } from "../documents/settings.ts";
import type { EvaluatedCredential, EvaluationResult } from "../evaluate/evaluation.ts";
import { leaseView } from "../rotation/lease.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Rotation, Status } from "../state/status.ts";
import { course, type Course } from "./course.ts";
import { emergencyFor } from "./emergency-course.ts";
import type { PlanItem } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import { startFor, type StartLimits } from "./start.ts";

/** What one run would do, and why not the rest. Pure: `cre plan` prints it, `cre run` executes it. */
export function planCourses(input: PlanInput): readonly Course[] {
  const names = new Set([...input.evaluation.credentials.keys(), ...input.state.statuses.keys()]);
  const wanted = [...names].filter((name) => input.only?.has(name) ?? true);
  const limits = startLimits(input);
  const courses: Course[] = [];
  for (const name of byUrgency(wanted, input.evaluation)) {
    const course = courseOf(name, input, limits);
    if (course !== undefined) courses.push(course);
  }
  return courses.sort((a, b) => (a.item.credential < b.item.credential ? -1 : 1));
}

export function planRun(input: PlanInput): readonly PlanItem[] {
  return planCourses(input).map((course) => course.item);
}

function courseOf(name: string, input: PlanInput, limits: StartLimits): Course | undefined {
  const status = input.state.statuses.get(name);
  const evaluated = input.evaluation.credentials.get(name);
  const rotation = isOpen(status?.rotation) ? status.rotation : undefined;
  if (rotation?.lease !== undefined && leaseView(rotation.lease, input.run ?? "", input.now, input.isDead ?? (() => false)) === "held") {
    return course(name, "wait", `run ${rotation.lease.run} is at it`, rotation.step, rotation.lease.until);
  }
  const emergency = evaluated === undefined ? undefined : emergencyFor(evaluated, status, input);
  if (emergency !== undefined) return emergency;
  if (rotation !== undefined && status !== undefined) return openCourse(status, rotation, input, evaluated?.source);
  if (evaluated === undefined) return undefined;
  return startFor(evaluated, status, input, limits);
}

/** An open rotation is always looked at; the item says what is expected of it. */
function openCourse(status: Status, rotation: Rotation, input: PlanInput, document: Sourced<Credential> | undefined): Course {
  const name = status.credential;
  const asked = [...input.state.requests.values()].some((request) => request.credential === name);
  const act: Course["act"] = { kind: "go" };
  if (document !== undefined) {
    const capability = input.capabilities(document);
    if (!capability.able && document.document.spec.method === "automated") {
      return course(name, capability.why === "elsewhere" ? "skip" : "refuse", capability.reason, rotation.step);
    }
  }
  if (rotation.outcome === "parked") {
    const why = rotation.parked?.message ?? "parked";
    if (asked) return course(name, "advance", `a person answered: ${why}`, rotation.step, undefined, act);
    const help = rotation.parked?.commands.map((verb) => `cre ${verb} ${name}`).join(", ") ?? "";
    return course(name, "refuse", `parked: ${why} (${help})`, rotation.step, undefined, act);
  }
  if (rotation.phase === "intended") {
    return course(name, "recover", `a run died at ${rotation.step}`, rotation.step, undefined, act);
  }
  const { wait } = rotation;
  if (wait !== undefined && !asked && (wait.until === undefined || wait.until > input.now)) {
    return course(name, "wait", waitReason(wait), rotation.step, wait.until, act);
  }
  return course(name, "advance", `${rotation.step} is next`, rotation.step, undefined, act);
}

function waitReason(wait: NonNullable<Rotation["wait"]>): string {
  const text: Readonly<Record<typeof wait.why, string>> = {
    confirm: "the new version is not proven in use yet",
    grace: "grace: the old version stays alive for a while",
    quiet: "quiet: the old version must stay silent",
    soak: "soak: the old version is deactivated and could come back",
    backoff: "a try failed and is repeated later",
    window: "the policy's window is closed",
    freeze: "a freeze is on",
    hold: "a hold is on",
    evidence: "nobody can see whether the old version is used",
  };
  return wait.detail === undefined ? text[wait.why] : `${text[wait.why]}: ${wait.detail}`;
}

function startLimits(input: PlanInput): StartLimits {
  const limits = input.documents.settings?.document.spec.limits;
  const open = [...input.state.statuses.values()].filter((status) => isOpen(status.rotation));
  const busy = new Map<string, number>();
  for (const status of open) {
    if (status.rotation?.confirmedAt !== undefined || status.rotation?.recipe === "adopt") continue;
    busy.set(status.service, (busy.get(status.service) ?? 0) + 1);
  }
  return {
    startsLeft: limits?.startsPerRun ?? SETTINGS_DEFAULTS.startsPerRun,
    openLeft: (limits?.openRotations ?? SETTINGS_DEFAULTS.openRotations) - open.length,
    perService: limits?.perService ?? SETTINGS_DEFAULTS.perService,
    busy,
  };
}

/** Emergencies first, then the earliest due, then by name. */
function byUrgency(names: readonly string[], evaluation: EvaluationResult): readonly string[] {
  const rank = (credential: EvaluatedCredential | undefined): string => {
    if (credential?.compromise !== undefined) return "0";
    return `1${credential?.rotationDue?.dueAt ?? credential?.dueAt ?? "9999"}`;
  };
  return [...names].sort((a, b) => {
    const x = `${rank(evaluation.credentials.get(a))}\n${a}`;
    const y = `${rank(evaluation.credentials.get(b))}\n${b}`;
    return x < y ? -1 : x > y ? 1 : 0;
  });
}
