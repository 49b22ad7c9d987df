import type { Credential } from "../documents/credential.ts";
import type { Instant } from "../model/instant.ts";
import { bookPath } from "../state/layout.ts";
import { type TargetWorld, type Unsettled, unsettledTargets, wordsOf } from "./target-standing.ts";
import { hasTarget, keysOf } from "./targets.ts";

/** Keeps a credential back because where its secret comes from or goes to was changed. */
export interface ChangeHold {
  readonly name: string;
  /** undefined: it ends when people have done what the reason says. */
  readonly until: Instant | undefined;
  readonly reason: string;
  /** What was changed, for people. */
  readonly documents: string;
  /** When a run first saw the change, if one has. */
  readonly since: Instant | undefined;
}

/** Answers for each credential whether a change of its targets keeps it back. */
export function changeHolds(world: TargetWorld): (credential: Credential) => ChangeHold | undefined {
  const unsettled = unsettledTargets(world);
  if (unsettled === "unknown") return (credential) => (hasTarget(credential) ? UNKNOWN : undefined);
  if (unsettled.size === 0) return () => undefined;
  return (credential) => {
    const found = keysOf(credential, world.documents).flatMap((key) => unsettled.get(key) ?? []);
    return found.length === 0 ? undefined : holdOf(found);
  };
}

const UNKNOWN: ChangeHold = {
  name: "change-of-unknown",
  until: undefined,
  reason: `${bookPath("reviews")} on the state branch cannot be read, so nobody can say which targets were accepted`,
  documents: "unknown",
  since: undefined,
};

function holdOf(found: readonly Unsettled[]): ChangeHold {
  const open = found.some(({ until }) => until === undefined);
  const ends = found.flatMap(({ until }) => until ?? []).toSorted();
  const sights = found.flatMap(({ since }) => since ?? []).toSorted();
  const [first] = found;
  return {
    name: `change-of-${first?.target.key.split(" ")[1]}`,
    until: open ? undefined : ends.at(-1),
    reason: found.map(({ target, reason }) => `${wordsOf(target.key)} was changed: ${reason}`).join("; "),
    documents: found.map(({ target }) => wordsOf(target.key)).join(", "),
    since: sights[0],
  };
}
