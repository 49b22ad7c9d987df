import { expect, test } from "vitest";
import { ATTEMPT, fresh, NOON, old, record, shown, situation } from "../../testing/engine/record.ts";
import { addTo, type Instant } from "../model/instant.ts";
import type { Held } from "../ports/delivery.ts";
import type { Rotation } from "../state/status.ts";
import { nextMove } from "./decide.ts";
import { settledAt } from "./lease.ts";
import type { RecoverySight } from "./recovery.ts";

const SENT = NOON;
const [EARLY, LATE] = [addTo(settledAt(SENT), -1), settledAt(SENT)];

/** What follows at an instant for an intent of noon whose process died. */
function follows(fact: Partial<Rotation>, sight: Partial<RecoverySight>, now: Instant): string {
  const versions = fact.recipe === "overlap" ? [old(), fresh()] : [old()];
  const status = record({ phase: "intended", since: SENT, attempt: ATTEMPT, ...fact }, versions);
  const recovery = { observed: versions.map((fact) => shown(fact)), staged: [], pushed: [], newUsed: false };
  const move = nextMove(status, situation({ now, sights: { recovery: { ...recovery, ...sight } } }));
  if (move.kind === "rest") return `rests until ${move.status.rotation?.wait?.until}`;
  if (move.kind === "poll") return `polls until ${move.until}`;
  return move.kind === "go" ? `goes to ${move.status.rotation?.step}` : move.kind;
}

const staged = (held: Held | "unknown"): Partial<RecoverySight> => ({ staged: [{ label: "hook", held }] });
const pushed = (held: Held | "unknown"): Partial<RecoverySight> => ({ pushed: [{ label: "hook", held }] });

test("a stage that is not seen may still arrive; one that is there need not be waited for", () => {
  const stage = { recipe: "overlap", step: "stage" } as const;
  expect(follows(stage, staged({}), EARLY)).toBe(`rests until ${LATE}`);
  expect(follows(stage, staged("unknown"), EARLY)).toBe(`rests until ${LATE}`);
  expect(follows(stage, staged({ pending: ATTEMPT.id }), EARLY)).toBe("goes to abort");
  expect(follows(stage, staged({}), LATE)).toBe("goes to abort");
});

test("in one slot an apply that is not seen may still arrive", () => {
  const apply = { recipe: "in-place", step: "apply", pointOfNoReturn: true } as const;
  expect(follows(apply, {}, EARLY)).toBe(`rests until ${LATE}`);
  expect(follows({ ...apply, emergency: true }, {}, EARLY)).toBe(`polls until ${LATE}`);
  expect(follows(apply, {}, LATE)).toBe("goes to abort");
});

test("a push that the target does not show may still arrive", () => {
  const push = { recipe: "overlap", step: "push", pointOfNoReturn: true } as const;
  expect(follows(push, pushed({ current: "attempt-0" }), EARLY)).toBe(`rests until ${LATE}`);
  expect(follows(push, pushed({ current: "attempt-0" }), LATE)).toBe("goes to abort");
});

test("where consumers may be out meanwhile, the run stays instead of leaving it to the next one", () => {
  const push = { recipe: "in-place-downtime", step: "push", pointOfNoReturn: true } as const;
  expect(follows(push, pushed({ current: "attempt-0" }), EARLY)).toBe(`polls until ${LATE}`);
  expect(follows(push, pushed({ current: "attempt-0" }), LATE)).toBe("goes to apply");
});

test("an emergency makes no version in the very second of its incident", () => {
  const emergency = record({ step: "issue", emergency: true, openedAt: NOON });
  expect(nextMove(emergency, situation({ now: NOON }))).toEqual({ kind: "poll", until: addTo(NOON, 1) });
  expect(nextMove(emergency, situation({ now: addTo(NOON, 1) })).kind).toBe("effect");
  const due = record({ step: "issue", openedAt: NOON });
  expect(nextMove(due, situation({ now: NOON })).kind).toBe("effect");
});
