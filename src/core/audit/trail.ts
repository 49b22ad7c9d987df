import type { AuditSegment } from "../ports/store.ts";
import type { AuditEntry } from "./entry.ts";

/**
 * The entries of a trail, in its order. Lines that are no entry are left out: whether the trail is whole is for
 * `verifyTrail` to say, not for a reader of one credential's story.
 */
export function entriesOf(segments: readonly AuditSegment[]): AuditEntry[] {
  return segments.flatMap(({ lines }) => lines.flatMap((line) => parseEntry(line) ?? []));
}

/** One line as an entry, or undefined when it has not the members that every entry has. */
export function parseEntry(line: string): AuditEntry | undefined {
  const entry = parsed(line);
  if (typeof entry !== "object" || entry === null) return undefined;
  const { seq, prev, hash, time, actor, run, event } = entry as Partial<Record<keyof AuditEntry, unknown>>; // each is checked
  const whole =
    Number.isSafeInteger(seq) &&
    [prev, hash, time, actor, run, event].every((member) => typeof member === "string");
  return whole ? (entry as AuditEntry) : undefined; // the members that readers rely on were checked
}

/** The story of one credential, also under the names it had before, oldest first. */
export function trailOf(name: string, entries: readonly AuditEntry[]): AuditEntry[] {
  const names = new Set([name]);
  const story: AuditEntry[] = [];
  for (const entry of entries.toReversed()) {
    const subject = subjectOf(entry);
    if (subject === undefined || !names.has(subject)) continue;
    story.push(entry);
    const former = formerNameIn(entry);
    if (former !== undefined) names.add(former);
  }
  return story.toReversed();
}

/** The credential that an entry is about, under its name of then. */
export function subjectOf({ credential, detail }: AuditEntry): string | undefined {
  if (credential !== undefined) return credential;
  const name = detail?.["kind"] === "Credential" ? detail["name"] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** What the subject of an entry was called before it. */
export function formerNameIn({ event, detail }: AuditEntry): string | undefined {
  const former = event === "document.renamed" ? detail?.["formerName"] : undefined;
  return typeof former === "string" ? former : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
