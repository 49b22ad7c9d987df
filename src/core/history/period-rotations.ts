import type { PeriodFacts } from "../compliance/check-input.ts";
import { compareKeys } from "../evaluate/order.ts";
import type { Instant } from "../model/instant.ts";
import type { PeriodFigures, PeriodRows } from "../report/history-schema.ts";
import { isIn } from "./period-dues.ts";
import type { PeriodInput } from "./period-input.ts";
import type { RotationTrace } from "./trace-rotations.ts";

type Row = PeriodRows["rotations"][number];

/**
 * Rotations that were opened, confirmed or given up in the period, by opening. Adoptions and retirements replace
 * nothing and are none.
 */
export function rotationsIn({ rotations, period, isMeant }: PeriodInput): readonly RotationTrace[] {
  return rotations
    .filter(({ credential, recipe, story, openedAt, confirmedAt, endedAt }) => {
      if (!isMeant(credential) || recipe === "adopt" || recipe === "retire") return false;
      const givenUpAt = isGivenUp(story) ? endedAt : undefined;
      return [openedAt, confirmedAt, givenUpAt].some(
        (instant) => instant !== undefined && isIn(period, instant),
      );
    })
    .toSorted((a, b) =>
      compareKeys([a.openedAt, a.credential, a.story.rotation], [b.openedAt, b.credential, b.story.rotation]),
    );
}

function isGivenUp({ outcome }: Pick<RotationTrace["story"], "outcome">): boolean {
  return outcome === "aborted" || outcome === "rolled-back" || outcome === "parked";
}

export function rotationRow({ credential, story }: RotationTrace): Row {
  const { rotation: id, reason, emergency, openedAt, confirmedAt, oldEndedAt, outcome, actor } = story;
  return { id, credential, reason, emergency, openedAt, confirmedAt, oldEndedAt, outcome, actor };
}

/** Each rotation is counted once: with a new version in use, given up, or neither yet. */
export function countRotations(
  traces: readonly RotationTrace[],
): Pick<PeriodFigures, "rotationsCompleted" | "rotationsFailed" | "rotationsOpen"> {
  const completed = traces.filter(({ confirmedAt }) => confirmedAt !== undefined).length;
  const failed = traces.filter(
    ({ confirmedAt, story }) => confirmedAt === undefined && isGivenUp(story),
  ).length;
  return {
    rotationsCompleted: completed,
    rotationsFailed: failed,
    rotationsOpen: traces.length - completed - failed,
  };
}

/**
 * What checks test: rotations that came to an end of their trying, and of those with a new version whether the old one
 * was dead in time. One whose old version may still live is not judged yet.
 */
export function rotationFacts(
  traces: readonly RotationTrace[],
  { dueDates, knownAt, period }: PeriodInput,
): PeriodFacts["rotations"] {
  return traces.flatMap(({ credential, recipe, story, verified, confirmedAt, oldEndedAt }) => {
    const { rotation: id } = story;
    if (confirmedAt === undefined) return isGivenUp(story) ? [{ id, credential, verified }] : [];
    const completed =
      recipe === "value" || !isIn(period, confirmedAt)
        ? undefined
        : completedOf(dueDates.deadlines.get(id) ?? confirmedAt, oldEndedAt, knownAt);
    return [{ id, credential, verified, ...(completed === undefined ? {} : { completed }) }];
  });
}

function completedOf(
  oldEndsBy: Instant,
  oldEndedAt: Instant | undefined,
  knownAt: Instant,
): { readonly oldEndsBy: Instant; readonly oldEndedAt?: Instant } | undefined {
  if (oldEndedAt !== undefined) return { oldEndsBy, oldEndedAt };
  return knownAt < oldEndsBy ? undefined : { oldEndsBy };
}
