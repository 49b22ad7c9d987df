import type { AuditEntry } from "../audit/entry.ts";
import { EntryLineReader } from "../audit/entry-line.ts";
import { parseEntry } from "../audit/trail.ts";
import type { AuditSegment } from "../ports/store.ts";

/** An entry of the trail with the text that its hash is made of. */
export interface ProvenEntry {
  readonly entry: AuditEntry;
  /** The line as it stands in the segment. */
  readonly line: string;
  /** RFC 8785 form of the entry without its `hash`: `sha256sum` of it gives the hash. */
  readonly hashed: string;
  readonly segment: AuditSegment;
}

/** The entries that somebody wants to see proven, in the order of the trail. Lines that are no entry are left out. */
export function provenEntries(
  segments: readonly AuditSegment[],
  isWanted: (entry: AuditEntry) => boolean,
): readonly ProvenEntry[] {
  const reader = new EntryLineReader();
  return segments.flatMap((segment) =>
    segment.lines.flatMap((line) => {
      const entry = parseEntry(line);
      if (entry === undefined || !isWanted(entry)) return [];
      const read = reader.read(line);
      return read === undefined ? [] : [{ entry, line, hashed: read.open, segment }];
    }),
  );
}
