import type { Sourced } from "../../core/documents/kinds.ts";
import type { Capability } from "../../core/plan/capability.ts";
import type { Course } from "../../core/plan/course.ts";
import type { PlanInput } from "../../core/plan/plan-input.ts";
import { planCourses } from "../../core/plan/plan-run.ts";
import type { Request, StateFacts } from "../../core/state/facts.ts";
import type { Status } from "../../core/state/status.ts";
import { at, documents, evaluateAt, type Records, records } from "../evaluation/world.ts";

export interface Asked extends Pick<Records, "incidents" | "holds"> {
  readonly valid?: boolean;
  readonly explicit?: PlanInput["explicit"];
  readonly only?: PlanInput["only"];
  readonly requests?: readonly Request[];
  /** What the runner can do; by default everything, with two slots. */
  readonly capability?: Capability;
  readonly unreadable?: StateFacts["unreadable"];
  readonly rewoundFrom?: string;
}

/** A plan and what a reader wants to know of it. */
export interface Planned {
  readonly courses: readonly Course[];
  /** `name action: reason until INSTANT` */
  readonly told: readonly string[];
  /** `name act recipe emergency clear`, for courses that a run executes. */
  readonly acts: readonly string[];
}

/** What one run would do with these documents and records. */
export function planned(
  now: string,
  all: readonly Sourced[],
  statuses: readonly Status[],
  asked: Asked = {},
): Planned {
  const { incidents = [], holds = [], requests = [], unreadable, rewoundFrom, capability } = asked;
  const recorded: Records = { statuses, incidents, holds };
  const input: PlanInput = {
    evaluation: evaluateAt(now, all, recorded),
    documents: documents(...all),
    state: {
      ...records(recorded),
      requests: new Map(requests.map((request) => [request.id, request])),
      ...(unreadable === undefined ? {} : { unreadable }),
      ...(rewoundFrom === undefined ? {} : { rewoundFrom }),
    },
    now: at(now),
    capabilities: ({ document }) => capability ?? able(document.metadata.name),
    valid: asked.valid ?? true,
    run: "run-1",
    ...(asked.explicit === undefined ? {} : { explicit: asked.explicit }),
    ...(asked.only === undefined ? {} : { only: asked.only }),
  };
  const courses = planCourses(input);
  return { courses, told: courses.map(toldOf), acts: courses.flatMap(actOf) };
}

function able(name: string): Capability {
  return {
    able: true,
    recipe: "overlap",
    identity: `simulated/${name}`,
    shape: { staging: 1, pushing: 0 },
    triesPending: false,
  };
}

function toldOf({ item }: Course): string {
  const until = item.notBefore === null ? "" : ` until ${item.notBefore}`;
  return `${item.credential} ${item.action}: ${item.reason}${until}`;
}

function actOf({ item, act }: Course): readonly string[] {
  if (act === undefined) return [];
  if (act.kind !== "open") return [`${item.credential} ${act.kind}`];
  const flags = `${act.emergency ? " emergency" : ""}${act.clearFirst ? " clear" : ""}`;
  return [`${item.credential} open ${act.recipe}${flags}`];
}
