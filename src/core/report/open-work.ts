import type { Documents } from "../documents/kinds.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import { type Instant, parseInstant } from "../model/instant.ts";
import { type RotationLine, rotationLine } from "../rotation/rotation-line.ts";
import { isOpen } from "../rotation/transition.ts";
import type { StateFacts } from "../state/facts.ts";

/** What open work is read from. */
interface Sight {
  readonly documents: Documents;
  readonly state: StateFacts;
  readonly evaluation: EvaluationResult;
  readonly now: Instant;
}

/** What people put in the way, or asked for. */
export interface HoldLine {
  readonly id: string;
  /** `all`, or what it covers. */
  readonly covers: string;
  /** `null`: it ends when people have done what the reason says. */
  readonly until: Instant | null;
  readonly by: string | null;
  readonly reason: string;
}

export interface OpenWork {
  readonly rotations: readonly RotationLine[];
  readonly holds: readonly HoldLine[];
  readonly incidents: readonly { id: string; credential: string; at: Instant; by: string; reason: string }[];
  readonly requests: readonly {
    id: string;
    verb: string;
    credential: string;
    at: Instant;
    by: string;
    reason: string;
  }[];
}

/** Everything that is open: rotations, holds in force, incidents, requests that no run has taken up; of one credential or of all. */
export function openWork(sight: Sight, name: string | undefined): OpenWork {
  const { state, now } = sight;
  const isMeant = (credential: string): boolean => name === undefined || credential === name;
  return {
    rotations: sorted(
      [...state.statuses.values()].filter(({ credential, rotation, behind }) =>
        name === undefined ? isOpen(rotation) || behind !== undefined : credential === name,
      ),
      ({ credential }) => credential,
    ).map((status) => rotationLine(status, now)),
    holds: sorted([...holdsInForce(sight, name), ...heldChanges(sight, name)], ({ id }) => id),
    incidents: sorted(
      [...state.incidents.values()].filter(
        ({ credential, withdrawn }) =>
          withdrawn === undefined && isMeant(credential) && isBurning(sight, credential),
      ),
      ({ id }) => id,
    ).map(({ id, credential, at, by, reason }) => ({ id, credential, at, by, reason })),
    requests: sorted(
      [...state.requests.values()].filter(({ credential }) => isMeant(credential)),
      ({ id }) => id,
    ).map(({ id, verb, credential, at, by, reason }) => ({ id, verb, credential, at, by, reason })),
  };
}

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** An incident is over when nothing from before it is alive. */
function isBurning({ evaluation }: Sight, credential: string): boolean {
  const evaluated = evaluation.credentials.get(credential);
  return evaluated === undefined || evaluated.compromise !== undefined;
}

function holdsInForce({ state, documents, now }: Sight, name: string | undefined): HoldLine[] {
  const pressed = [...state.holds.values()]
    .filter(({ released, until }) => released === undefined && until > now)
    .map(({ id, all, credentials = [], until, by, reason }) => ({
      line: { id, covers: all === true ? "all" : credentials.join(", "), until, by, reason },
      isFor: (credential: string) => all === true || credentials.includes(credential),
    }));
  const written = [...documents.holds.values()].flatMap(({ document }) => {
    const { all, credentials, until: text, reason } = document.spec;
    const until = parseInstant(text);
    if (until === undefined || until <= now) return [];
    const covers = all === true ? "all" : (credentials?.join(", ") ?? "what its `match` says");
    const isFor = (credential: string): boolean =>
      credentials === undefined || credentials.includes(credential);
    return [{ line: { id: document.metadata.name, covers, until, by: null, reason }, isFor }];
  });
  return [...pressed, ...written]
    .filter(({ isFor }) => name === undefined || isFor(name))
    .map(({ line }) => line);
}

/** Changes of targets that keep credentials back: one line for each reason. */
function heldChanges({ evaluation }: Sight, name: string | undefined): HoldLine[] {
  const held = [...evaluation.credentials.values()].flatMap(({ name: credential, change }) =>
    change === undefined || (name !== undefined && credential !== name) ? [] : [{ credential, change }],
  );
  const groups = Map.groupBy(held, ({ change }) => `${change.name} ${change.reason}`);
  return [...groups.values()].flatMap((group): HoldLine[] => {
    const [first] = group;
    if (first === undefined) return [];
    const names = group.map(({ credential }) => credential);
    const covers =
      names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
    const { name: id, until = null, reason } = first.change;
    return [{ id, covers, until, by: null, reason }];
  });
}
