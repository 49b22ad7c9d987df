import type { Documents } from "../documents/kinds.ts";
import { addTo, type Instant } from "../model/instant.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { StateFacts } from "../state/facts.ts";
import { bookPath } from "../state/layout.ts";
import type { ReviewBook, TargetFact } from "../state/review-book.ts";
import { type Guard, guardOf } from "./guard.ts";
import { settingsInForce } from "./settings-in-force.ts";
import { credentialKey, sharedKeysOf, type Target, targetsOf } from "./targets.ts";

export interface TargetWorld {
  readonly documents: Documents;
  readonly state: StateFacts;
  readonly now: Instant;
  readonly sha256: Sha256;
}

/** A target whose present form is not in force. */
export interface Unsettled {
  readonly target: Target;
  /** The form that is. */
  readonly accepted: TargetFact["accepted"];
  /** When a run first saw the present form. */
  readonly since: Instant | undefined;
  /** When it will be in force; undefined: that depends on people. */
  readonly until: Instant | undefined;
  readonly reason: string;
}

/**
 * The targets that documents have changed and that are not in force yet, by key. `unknown`: what was accepted cannot be
 * read, so that nobody can say of any.
 */
export function unsettledTargets(world: TargetWorld): ReadonlyMap<string, Unsettled> | "unknown" {
  const { documents, state, now, sha256 } = world;
  const guard = guardOf(settingsInForce(documents.settings?.document.spec, state.books?.reviews?.guard, now));
  if (guard === undefined) return new Map();
  if (cannotRead(state)) return "unknown";
  const recorded = state.books?.reviews?.targets;
  if (recorded === undefined) return new Map();
  const { targets: known } = underTodaysNames(recorded, documents);
  const found = new Map<string, Unsettled>();
  for (const [key, target] of targetsOf(documents, sha256)) {
    const fact = known[key];
    if (fact === undefined || fact.accepted.digest === target.digest) continue;
    const stands = standing(target, fact, known, guard, world);
    if (stands !== undefined) found.set(key, { target, accepted: fact.accepted, ...stands });
  }
  return found;
}

/** The book of reviews is there, but garbage or of a newer version. */
export function cannotRead({ unreadable }: StateFacts): boolean {
  return unreadable?.some(({ path }) => path === bookPath("reviews")) ?? false;
}

type Targets = NonNullable<ReviewBook["targets"]>;

/**
 * The records of targets under the names of today: whoever takes a credential's record over takes along which form of
 * its target is in force, also where another one was on record under its new name. A name that a document bears is
 * nobody's former one.
 */
export function underTodaysNames(
  known: Targets,
  { credentials }: Documents,
): { readonly targets: Targets; readonly moved: ReadonlyMap<string, string> } {
  const moved = new Map<string, string>();
  const targets = { ...known };
  for (const [name, { document }] of credentials) {
    const former = (document.metadata.formerNames ?? [])
      .filter((old) => !credentials.has(old))
      .map(credentialKey)
      .find((key) => targets[key] !== undefined);
    const fact = targets[former ?? ""];
    if (former === undefined || fact === undefined) continue;
    delete targets[former];
    targets[credentialKey(name)] = fact;
    moved.set(credentialKey(name), former);
  }
  return { targets, moved };
}

/** Why the present form is not in force; undefined: it is. */
export function standing(
  target: Target,
  fact: TargetFact,
  known: Targets,
  guard: Guard,
  { documents, now }: Pick<TargetWorld, "documents" | "now">,
): Pick<Unsettled, "since" | "until" | "reason"> | undefined {
  const pending = fact.pending?.digest === target.digest ? fact.pending : undefined;
  const since = pending?.since;
  const waits = (reason: string) => ({ since, until: undefined, reason });
  if (pending === undefined) return waits("no run has recorded that yet");
  const { review } = pending;
  if (guard.approval && review === undefined) {
    return waits("no run has yet been told by the forge who approved that");
  }
  if (guard.approval && review?.verdict !== "approved") return waits(review?.reason ?? "");
  const unreviewed = guard.approval ? unreviewedBy(target, known, documents) : undefined;
  if (unreviewed !== undefined) return waits(unreviewed);
  const from = guard.approval ? review?.approvedAt : pending.since;
  const until = addTo(from ?? pending.since, guard.cooldown);
  if (until <= now) return undefined;
  const approved = guard.approval ? `${review?.reason}; it` : "it";
  return { since, until, reason: `${approved} rests until ${until}` };
}

/** A connection or command that came unreviewed and that this credential is switched to. */
function unreviewedBy(target: Target, known: Targets, documents: Documents): string | undefined {
  const document = documents.credentials.get(target.part.name)?.document;
  if (target.part.kind !== "Credential" || document === undefined) return undefined;
  const key = sharedKeysOf(document, documents).find((shared) => known[shared]?.unreviewed === true);
  if (key === undefined) return undefined;
  const why = known[key]?.asked?.reason ?? "no run has yet been told by the forge who approved it";
  return `it now uses the ${wordsOf(key)}, and ${why}`;
}

/** A target's key for people: `Connection orders-hook` is the connection orders-hook. */
export function wordsOf(key: string): string {
  const [kind = "", name = ""] = key.split(" ");
  if (kind === "Credential") return `provider or deliver of ${name}`;
  return `${kind.toLowerCase()} ${name}`;
}
