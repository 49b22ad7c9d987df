import type { AuditEvent } from "../core/audit/entry.ts";
import type { Selectors } from "../core/evaluate/select.ts";
import type { SecretParts } from "../core/model/secret.ts";
import type { Capabilities } from "../core/plan/capability.ts";
import { type Act, type Course, course, type OpenAct } from "../core/plan/course.ts";
import type { PlanInput } from "../core/plan/plan-input.ts";
import { planCourses } from "../core/plan/plan-run.ts";
import { valueCourse } from "../core/plan/value-course.ts";
import { leaseView } from "../core/rotation/lease.ts";
import { answer } from "../core/rotation/request.ts";
import { emptyStatus, escalated, isOpen, open, repinned } from "../core/rotation/transition.ts";
import type { RecipeName, Status } from "../core/state/status.ts";
import type { ReportLine } from "./run-report.ts";
import { type Saga, sagaOf } from "./saga.ts";
import { rotationEvent, say } from "./trail.ts";
import type { World } from "./world.ts";

/** What a command asks for beyond the schedule. */
export interface Errand {
  /** Credentials to look at; absent: all. */
  readonly only?: ReadonlySet<string>;
  /** Narrow down `only` by what the documents say, once they are read. */
  readonly selectors?: Selectors;
  readonly explicit?: { readonly credential: string; readonly by: string };
  /** A value that a person made for the explicit credential. */
  readonly given?: SecretParts;
}

/** What the plan says now about every credential that this errand is about. */
export function courses(world: World, errand: Errand): readonly Course[] {
  const { ports, inputs, evaluation, state } = world;
  const input: PlanInput = {
    evaluation,
    documents: inputs.documents,
    state,
    now: ports.clock.now(),
    capabilities: usableCapabilities(world),
    valid: inputs.problems.length === 0,
    run: ports.identity.run,
    isDead: (holder) => ports.liveness.isDead(holder),
    ...(errand.only === undefined ? {} : { only: errand.only }),
    ...(errand.explicit === undefined ? {} : { explicit: errand.explicit }),
  };
  const planned =
    errand.given === undefined || errand.explicit === undefined
      ? planCourses(input).filter(({ item }) => isReadable(item.credential, world))
      : [
          valueCourse(errand.explicit.credential, errand.explicit.by, input, (credential) =>
            ports.shape(credential),
          ),
        ];
  return planned.map((found) => unlessRefused(found, world));
}

/** What a credential can do is said by its targets in the form that is in force. */
function usableCapabilities({ ports, usable }: World): Capabilities {
  const { documents } = usable.inputs;
  const capability = ports.capabilities(documents);
  return (source) => capability(documents.credentials.get(source.document.metadata.name) ?? source);
}

/** Where nobody can say which targets are in force, not even an emergency has one. */
function unlessRefused(found: Course, { usable }: World): Course {
  const { credential, step } = found.item;
  const refusal = usable.refused.get(credential);
  if (refusal === undefined || found.act === undefined) return found;
  return course(credential, "refuse", refusal, step);
}

/** A document that is invalid is not gone: its rotation rests until it is mended. */
function isReadable(name: string, { inputs }: World): boolean {
  return inputs.documents.credentials.has(name) || inputs.problems.length === 0;
}

/** A saga for what the plan chose, with the record opened, escalated or pinned anew; not pushed yet. */
export function begin(name: string, act: Act, world: World, errand: Errand): Saga {
  const tip = world.state.statuses.get(name);
  const explicit = errand.explicit?.credential === name;
  const saga = sagaOf(
    name,
    tip,
    tip ?? emptyStatus(documentOf(name, world)),
    explicit,
    explicit ? errand.given : undefined,
  );
  follow(saga, act, world);
  return saga;
}

/** Applies what the plan says now to a saga: a start, an escalation, or documents that changed before anything was touched. */
export function follow(saga: Saga, act: Act, world: World): void {
  const now = world.ports.clock.now();
  switch (act.kind) {
    case "open": {
      const credential = documentOf(saga.name, world);
      const { recipe, reason, because, emergency, clearFirst, policy, identity } = act;
      const shape = world.ports.shape(credential);
      const commit = world.inputs.commit ?? "none";
      const id = world.ports.random.uuid();
      saga.status = open(
        saga.status,
        { id, recipe, reason, because, emergency, clearFirst, policy, identity, credential, commit, shape },
        now,
      );
      saga.events.push(
        rotationEvent(saga.status, "rotation.opened", now, {
          detail: { recipe, reason, because, emergency },
        }),
      );
      say(saga, emergency ? "warning" : "info", `${kindOf(recipe)} starts${startedBy(reason, because)}`);
      if (emergency) sayWhichTarget(saga, world);
      return;
    }
    case "escalate":
      saga.status = escalated(saga.status, act.because);
      saga.events.push(
        rotationEvent(saga.status, "rotation.escalated", now, { detail: { because: act.because } }),
      );
      say(saga, "warning", `goes on as an emergency because of ${act.because}`);
      sayWhichTarget(saga, world);
      return;
    case "go":
      saga.status = pinnedAnew(saga.status, world);
  }
}

/** No emergency waits for a change to be approved: it goes where secrets went before. */
function sayWhichTarget(saga: Saga, { evaluation, usable }: World): void {
  const change = evaluation.credentials.get(saga.name)?.change;
  if (change === undefined) return;
  const commits = (usable.inputs.formerCommits ?? []).map((commit) => commit.slice(0, 10)).join(", ");
  const text = `its target was changed (${change.documents}) and that is not in force: the emergency uses the accepted one (documents of ${commits})`;
  say(saga, "warning", text);
}

/** For people, who know no recipes: only that in place there is no second version matters to them. */
function kindOf(recipe: RecipeName): string {
  if (recipe === "adopt") return "adoption";
  if (recipe === "retire") return "retirement";
  return recipe === "in-place" || recipe === "in-place-downtime" ? "rotation in place" : "rotation";
}

/** Nothing for an adoption that no policy and no person asked for: a first run does that. */
function startedBy(reason: OpenAct["reason"], because: string): string {
  switch (reason) {
    case "due":
    case "requested":
      return `: ${reason} by ${because}`;
    case "adoption":
      return "";
    default:
      return `: ${reason} (${because})`;
  }
}

/** Before the first effect a corrected document or policy still replaces what was pinned. */
function pinnedAnew(status: Status, world: World): Status {
  const { rotation } = status;
  const evaluated = world.evaluation.credentials.get(status.credential);
  if (rotation === undefined || evaluated === undefined || world.inputs.commit === undefined) return status;
  if (world.usable.refused.has(status.credential)) return status;
  const untouched =
    rotation.phase === "ready" && rotation.attempt === undefined && (rotation.ended ?? []).length === 0;
  if (!untouched || (rotation.step !== "preflight" && rotation.step !== "adopt") || rotation.emergency) {
    return status;
  }
  return repinned(status, {
    commit: rotation.pinned.commit,
    credential: documentOf(status.credential, world),
    policy: evaluated.effective,
  });
}

/** Its document, with the targets that are in force. */
function documentOf(name: string, world: World) {
  const source = world.usable.inputs.documents.credentials.get(name);
  if (source === undefined) throw new Error(`${name} has no document`);
  return source.document;
}

/** People's requests as far as this run may answer them, with what each does to its record. */
export interface Answers {
  /** Ids that the next push consumes. */
  readonly consumed: readonly string[];
  /** Records that a person's word changed. */
  readonly sagas: readonly Saga[];
  /** What was said about requests that change nothing. */
  readonly events: readonly AuditEvent[];
  readonly lines: readonly ReportLine[];
}

/** Answers requests. Those whose rotation another run holds stay for the next run. */
export function takeRequests(world: World, errand: Errand): Answers {
  const { ports, state } = world;
  const now = ports.clock.now();
  const consumed: string[] = [];
  const events: AuditEvent[] = [];
  const lines: ReportLine[] = [];
  const sagas = new Map<string, Saga>();
  for (const request of [...state.requests.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1))) {
    const { credential } = request;
    if (errand.only !== undefined && !errand.only.has(credential)) continue;
    const tip = state.statuses.get(credential);
    const rotation = tip?.rotation;
    const held =
      isOpen(rotation) &&
      leaseView(rotation.lease, ports.identity.run, now, (holder) => ports.liveness.isDead(holder)) ===
        "held";
    if (held) continue;
    consumed.push(request.id);
    const answered = answer(sagas.get(credential)?.status ?? tip, request, now);
    const about = answered.accepted ? answered.status : tip;
    const facts = { verb: request.verb, reason: request.reason, answer: answered.detail };
    const event: AuditEvent = {
      ...(about === undefined
        ? { time: now, event: "request.refused", credential }
        : rotationEvent(about, answered.accepted ? "request.accepted" : "request.refused", now)),
      outcome: answered.accepted ? "done" : "refused",
      detail: facts,
      actor: request.by,
    };
    const asked = `${request.verb} (${request.by})${answered.accepted ? "" : " is refused"}`;
    const text = `${credential}: ${asked}: ${answered.detail}`;
    if (!answered.accepted) {
      events.push(event);
      lines.push({ level: "warning", text, credential });
      continue;
    }
    const saga = sagas.get(credential) ?? sagaOf(credential, tip, answered.status, true);
    saga.status = pinnedAnew(answered.status, world);
    saga.events.push(event);
    saga.lines.push({ level: "info", text, credential });
    sagas.set(credential, saga);
  }
  return { consumed, sagas: [...sagas.values()], events, lines };
}
