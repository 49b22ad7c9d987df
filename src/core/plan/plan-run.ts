import type { Credential } from "../documents/credential.ts";
import type { Sourced } from "../documents/kinds.ts";
import { SETTINGS_DEFAULTS } from "../documents/settings.ts";
import type { EvaluatedCredential, EvaluationResult } from "../evaluate/evaluation.ts";
import { leaseView } from "../rotation/lease.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Rotation, Status } from "../state/status.ts";
import { type Course, course } from "./course.ts";
import { emergencyFor } from "./emergency-course.ts";
import type { PlanItem } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import { perServiceReason, type StartLimits, startFor } from "./start.ts";

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
  return courses.toSorted((a, b) => (a.item.credential < b.item.credential ? -1 : 1));
}

export function planRun(input: PlanInput): readonly PlanItem[] {
  return planCourses(input).map((course) => course.item);
}

function courseOf(name: string, input: PlanInput, limits: StartLimits): Course | undefined {
  const status = input.state.statuses.get(name);
  const evaluated = input.evaluation.credentials.get(name);
  const rotation = isOpen(status?.rotation) ? status.rotation : undefined;
  const untouchable = unreadable(name, input);
  if (untouchable !== undefined) return course(name, "refuse", untouchable, rotation?.step ?? null);
  if (
    rotation?.lease !== undefined &&
    leaseView(rotation.lease, input.run ?? "", input.now, input.isDead ?? (() => false)) === "held"
  ) {
    return course(name, "wait", `run ${rotation.lease.run} is at it`, rotation.step, rotation.lease.until);
  }
  const emergency = evaluated === undefined ? undefined : emergencyFor(evaluated, status, input);
  const found =
    emergency ??
    (rotation !== undefined && status !== undefined
      ? openCourse(status, rotation, input, limits, evaluated?.source)
      : evaluated === undefined
        ? undefined
        : startFor(evaluated, status, input, limits));
  return input.state.rewoundFrom === undefined ? found : readOnly(found, input.state.rewoundFrom);
}

/** What we cannot read we neither act on nor overwrite. */
function unreadable(name: string, { state, documents }: PlanInput): string | undefined {
  const formerNames = documents.credentials.get(name)?.document.metadata.formerNames ?? [];
  const file = state.unreadable?.find(
    ({ credential }) => credential === name || (credential !== undefined && formerNames.includes(credential)),
  );
  return file === undefined ? undefined : `its record ${file.path} cannot be read: ${file.problem}`;
}

/** The state branch has forgotten what was recorded: nothing is acted on before it is put right. */
function readOnly(found: Course | undefined, rewoundFrom: string): Course | undefined {
  if (found?.act === undefined) return found;
  const { item } = found;
  const reason = `nothing is acted on: the state branch went back behind ${rewoundFrom} (${item.reason})`;
  return { item: { ...item, action: "refuse", reason } };
}

/** An open rotation is always looked at; the item says what is expected of it. */
function openCourse(
  status: Status,
  rotation: Rotation,
  input: PlanInput,
  limits: StartLimits,
  document: Sourced<Credential> | undefined,
): Course {
  const name = status.credential;
  const { step, wait, parked } = rotation;
  const asked = [...input.state.requests.values()].some((request) => request.credential === name);
  const act: Course["act"] = { kind: "go" };
  const unable = inability(rotation, input, document);
  if (unable !== undefined) return course(name, unable.action, unable.reason, step);
  if (rotation.outcome === "parked") {
    const why = parked?.message ?? "parked";
    if (asked) return course(name, "advance", `a person answered: ${why}`, step, undefined, act);
    const help = parked?.commands.map((verb) => `cre ${verb} ${name}`).join(", ") ?? "";
    return course(name, "refuse", `parked: ${why} (${help})`, step, undefined, act);
  }
  if (wait !== undefined && !asked && (wait.until === undefined || wait.until > input.now)) {
    return course(name, "wait", waitReason(wait), step, wait.until, act);
  }
  if (rotation.phase === "intended") {
    return course(name, "recover", `a run died at ${step}`, step, undefined, act);
  }
  if (isAboutToIssue(rotation) && input.explicit?.credential !== name) {
    const busy = limits.busy.get(status.service) ?? 0;
    if (busy >= limits.perService) return course(name, "wait", perServiceReason(status.service), step);
    limits.busy.set(status.service, busy + 1);
  }
  return course(name, "advance", `${step} is next`, step, undefined, act);
}

function inability(
  rotation: Rotation,
  input: PlanInput,
  document: Sourced<Credential> | undefined,
): { readonly action: "skip" | "refuse" | "wait"; readonly reason: string } | undefined {
  if (document === undefined) {
    const ends = rotation.phase === "ready" && (rotation.step === "deactivate" || rotation.step === "revoke");
    if (input.valid || !ends || rotation.emergency) return undefined;
    return {
      action: "wait",
      reason: "documents are invalid, perhaps its own: nothing is ended before they are mended",
    };
  }
  const capability = input.capabilities(document);
  if (capability.able || document.document.spec.method !== "automated") return undefined;
  return { action: capability.why === "elsewhere" ? "skip" : "refuse", reason: capability.reason };
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
    certificate: "the certificate for its signing request is not there yet",
    evidence: "nobody can see whether the old version is used",
  };
  return wait.detail === undefined ? text[wait.why] : `${text[wait.why]}: ${wait.detail}`;
}

function startLimits(input: PlanInput): StartLimits {
  const limits = input.documents.settings?.document.spec.limits;
  const open = [...input.state.statuses.values()].filter((status) => isOpen(status.rotation));
  const busy = new Map<string, number>();
  for (const { service, rotation } of open) {
    if (rotation !== undefined && isBeforeConfirm(rotation)) busy.set(service, (busy.get(service) ?? 0) + 1);
  }
  return {
    startsLeft: limits?.startsPerRun ?? SETTINGS_DEFAULTS.startsPerRun,
    openLeft: (limits?.openRotations ?? SETTINGS_DEFAULTS.openRotations) - open.length,
    perService: limits?.perService ?? SETTINGS_DEFAULTS.perService,
    busy,
  };
}

/** From issue to confirm: what `perService` counts. */
function isBeforeConfirm({ recipe, attempt, confirmedAt }: Rotation): boolean {
  return recipe !== "adopt" && recipe !== "retire" && attempt !== undefined && confirmedAt === undefined;
}

function isAboutToIssue({ recipe, attempt, emergency, step }: Rotation): boolean {
  return recipe !== "adopt" && step === "preflight" && attempt === undefined && !emergency;
}

/** Emergencies first, then the earliest due, then by name. */
function byUrgency(names: readonly string[], evaluation: EvaluationResult): readonly string[] {
  const key = (name: string): string => `${urgency(evaluation.credentials.get(name))}\n${name}`;
  return names.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function urgency(credential: EvaluatedCredential | undefined): string {
  if (credential?.compromise !== undefined) return "0";
  return `1${credential?.rotationDue?.dueAt ?? credential?.dueAt ?? "9999"}`;
}
