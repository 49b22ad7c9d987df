import type { AuditEntry } from "../audit/entry.ts";
import { EntryLineReader } from "../audit/entry-line.ts";
import { parseEntry } from "../audit/trail.ts";
import type { AuditSegment } from "../ports/store.ts";

/** An entry of the trail, where it stands. */
export interface PlacedEntry {
  readonly entry: AuditEntry;
  /** The line as it stands in the segment. */
  readonly line: string;
  readonly segment: AuditSegment;
}

/** An entry of the trail with the text that its hash is made of. */
export interface ProvenEntry extends PlacedEntry {
  /** RFC 8785 form of the entry without its `hash`: `sha256sum` of it gives the hash. */
  readonly hashed: string;
}

/** All entries of the trail, in its order. Lines that are no entry are left out. */
export function placedEntries(segments: readonly AuditSegment[]): readonly PlacedEntry[] {
  return segments.flatMap((segment) =>
    segment.lines.flatMap((line) => {
      const entry = parseEntry(line);
      return entry === undefined ? [] : [{ entry, line, segment }];
    }),
  );
}

/** Those of the entries that somebody wants to see proven. */
export function provenEntries(
  placed: readonly PlacedEntry[],
  isWanted: (entry: AuditEntry) => boolean,
): readonly ProvenEntry[] {
  const reader = new EntryLineReader();
  return placed.flatMap(({ entry, line, segment }) => {
    const hashed = isWanted(entry) ? reader.read(line)?.open : undefined;
    return hashed === undefined ? [] : [{ entry, line, segment, hashed }];
  });
}
