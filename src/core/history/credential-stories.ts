import type { AuditEntry } from "../audit/entry.ts";
import type { RotationStory, TrailLine } from "../report/history-schema.ts";
import { entryText } from "./entry-words.ts";
import type { RotationTrace } from "./trace-rotations.ts";

/** What a report tells of the life of one credential. */
export interface CredentialStory {
  /** The newest first. */
  readonly history: readonly RotationStory[];
  /** The newest entries about it, the newest first. */
  readonly trail: readonly TrailLine[];
}

export const MOST_TRAIL_LINES = 50;

/** From the entries about it, newest first, and its rotations. */
export function credentialStory(
  newestFirst: readonly AuditEntry[],
  traces: readonly RotationTrace[],
): CredentialStory {
  return {
    history: traces.map(({ story }) => story),
    trail: newestFirst.slice(0, MOST_TRAIL_LINES).map(trailLine),
  };
}

/** One entry in words. */
function trailLine(entry: AuditEntry): TrailLine {
  const { seq, time, actor, event, step, outcome } = entry;
  return { seq, time, actor, event, step: step ?? null, outcome: outcome ?? null, text: entryText(entry) };
}
