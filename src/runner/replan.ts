import type { Act } from "../core/plan/course.ts";
import { courses, type Errand, follow } from "./assign.ts";
import { evaluateWorld } from "./load.ts";
import type { Publication } from "./publication.ts";
import type { Saga } from "./saga.ts";
import { rotationEvent } from "./trail.ts";
import type { World } from "./world.ts";

/** What the plan says now, on the tip's records with what these sagas have not pushed yet. */
function actsNow(
  world: World,
  publication: Publication,
  errand: Errand,
  sagas: Iterable<Saga>,
): ReadonlyMap<string, Act> {
  const statuses = new Map(publication.state.statuses);
  for (const saga of sagas) statuses.set(saga.name, saga.status);
  evaluateWorld(world, { ...publication.state, statuses });
  return new Map(
    courses(world, errand).flatMap(({ item, act }): [string, Act][] =>
      act === undefined ? [] : [[item.credential, act]],
    ),
  );
}

/** Emergencies and escalations that the plan asks for now; everything else was decided when the run began. */
export function urgentActs(
  world: World,
  publication: Publication,
  errand: Errand,
  sagas: ReadonlyMap<string, Saga>,
): ReadonlyMap<string, Act> {
  const acts = actsNow(world, publication, errand, sagas.values());
  return new Map(
    [...acts].filter(([, act]) => act.kind === "escalate" || (act.kind === "open" && act.emergency)),
  );
}

/** `cre rotate` and emergencies go on, in the same run, once their credential is adopted. */
export function goOnAfterAdoption(
  world: World,
  publication: Publication,
  errand: Errand,
  sagas: readonly Saga[],
): void {
  const adopted = sagas.filter(({ status: { rotation } }) => {
    if (rotation?.recipe !== "adopt" || rotation.outcome !== "done") return false;
    return rotation.emergency || rotation.reason === "requested";
  });
  if (adopted.length === 0) return;
  const acts = actsNow(world, publication, errand, adopted);
  for (const saga of adopted) {
    const act = acts.get(saga.name);
    if (act?.kind !== "open") continue;
    saga.events.push(
      rotationEvent(saga.status, "rotation.closed", world.ports.clock.now(), { outcome: "done" }),
    );
    follow(saga, act, world);
  }
}
