import type { AuditEntry } from "../audit/entry.ts";
import { type Instant, later } from "../model/instant.ts";
import type { RotationStory } from "../report/history-schema.ts";

/** One rotation as the trail tells it, with what judges it. */
export interface RotationTrace {
  readonly credential: string;
  readonly story: RotationStory;
  readonly openedAt: Instant;
  readonly confirmedAt: Instant | undefined;
  readonly oldEndedAt: Instant | undefined;
  /** undefined: the entry that opened it cannot be read. */
  readonly recipe: string | undefined;
  /** Somebody saw the new version in use: not only that nobody can tell. */
  readonly verified: boolean;
  /** When it was closed, or parked and is so still. */
  readonly endedAt: Instant | undefined;
}

interface Draft {
  opened?: AuditEntry;
  readonly first: AuditEntry;
  last: AuditEntry;
  recipe?: string;
  emergency: boolean;
  confirmed?: AuditEntry;
  deactivatedAt?: Instant;
  revokedAt?: Instant;
  handle?: string;
  outcome: RotationStory["outcome"];
  endedAt?: Instant;
}

const REASONS: ReadonlySet<string> = new Set(["due", "requested", "compromised", "retired", "adoption"]);

/** The rotations of one credential, the newest first, from the entries about it, newest first. */
export function traceRotations(
  credential: string,
  newestFirst: readonly AuditEntry[],
): readonly RotationTrace[] {
  const drafts = new Map<string, Draft>();
  for (const entry of newestFirst.toReversed()) {
    const { rotation } = entry;
    if (rotation === undefined) continue;
    let draft = drafts.get(rotation);
    if (draft === undefined) {
      draft = { first: entry, last: entry, emergency: false, outcome: "open" };
      drafts.set(rotation, draft);
    }
    draft.last = entry;
    take(draft, entry);
  }
  return [...drafts].map(([rotation, draft]) => traceOf(credential, rotation, draft)).toReversed();
}

function take(draft: Draft, entry: AuditEntry): void {
  const { event, detail, time } = entry;
  switch (event) {
    case "rotation.opened":
      draft.opened = entry;
      if (typeof detail?.["recipe"] === "string") draft.recipe = detail["recipe"];
      draft.emergency ||= detail?.["emergency"] === true;
      return;
    case "rotation.escalated":
      draft.emergency = true;
      draft.outcome = "open";
      return;
    case "rotation.confirmed":
      draft.confirmed = entry;
      return;
    case "rotation.unconfirmed":
      delete draft.confirmed;
      return;
    case "rotation.parked":
      draft.outcome = "parked";
      draft.endedAt = time;
      return;
    case "rotation.closed":
      draft.outcome = outcomeIn(entry);
      draft.endedAt = time;
      return;
    case "step.done":
      goOn(draft);
      if (entry.outcome === "applied") stepDone(draft, entry);
      return;
    case "rotation.resumed":
    case "request.accepted":
    case "step.intended":
      goOn(draft);
  }
}

/** What goes on is parked no more. */
function goOn(draft: Draft): void {
  if (draft.outcome !== "parked") return;
  draft.outcome = "open";
  delete draft.endedAt;
}

function stepDone(draft: Draft, { step, detail, time }: AuditEntry): void {
  const handle = detail?.["handle"];
  if (typeof handle === "string") draft.handle = handle;
  if (step === "deactivate") draft.deactivatedAt = time;
  if (step === "revoke") draft.revokedAt = time;
  if (step !== "reactivate") return;
  delete draft.deactivatedAt;
  delete draft.revokedAt;
  delete draft.confirmed;
}

function outcomeIn({ detail }: AuditEntry): RotationStory["outcome"] {
  const outcome = detail?.["outcome"];
  return outcome === "aborted" || outcome === "rolled-back" ? outcome : "done";
}

function traceOf(credential: string, rotation: string, draft: Draft): RotationTrace {
  const { opened, first, last, recipe, confirmed, outcome, endedAt } = draft;
  const reason = opened?.detail?.["reason"];
  const times = {
    openedAt: (opened ?? first).time,
    confirmedAt: confirmed?.time,
    oldEndedAt: oldEndedAt(draft),
  };
  return {
    credential,
    ...times,
    story: {
      rotation,
      reason: isReason(reason) ? reason : "unknown",
      emergency: draft.emergency,
      openedAt: times.openedAt,
      confirmedAt: times.confirmedAt ?? null,
      oldEndedAt: times.oldEndedAt ?? null,
      outcome,
      actor: (opened ?? first).actor,
      handle: draft.handle ?? null,
      fromSeq: first.seq,
      toSeq: last.seq,
    },
    recipe,
    verified: confirmed !== undefined && confirmed.detail?.["proof"] !== "none",
    endedAt,
  };
}

/**
 * When the last of its old versions was dead, as the provider said after the effect. Of one that needed no effect (it
 * was replaced in place, or had come to its own end) it is known when the rotation closes. What a person ends, nobody
 * reads back.
 */
function oldEndedAt(draft: Draft): Instant | undefined {
  const { recipe, outcome, deactivatedAt, revokedAt, confirmed, endedAt } = draft;
  if (outcome === "aborted" || outcome === "rolled-back") return undefined;
  // To deactivate ends it: the revocation after the soak only makes that final.
  const ended = deactivatedAt ?? revokedAt;
  if (ended !== undefined) return ended;
  if (outcome !== "done" || confirmed === undefined || recipe === "value") return undefined;
  return endedAt === undefined ? undefined : later(confirmed.time, endedAt);
}

function isReason(reason: unknown): reason is Exclude<RotationStory["reason"], "unknown"> {
  return typeof reason === "string" && REASONS.has(reason);
}
