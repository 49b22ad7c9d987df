import type { AuditEntry } from "../audit/entry.ts";
import { formerNameIn, subjectOf } from "../audit/trail.ts";
import type { Documents } from "../documents/kinds.ts";

/**
 * The entries about each credential, the newest first, under the name that it has now or had last; in one pass over the
 * trail. A former name belongs to its new bearer up to the rename, and to whoever took the name up afterwards since.
 */
export function groupTrail(
  entries: readonly AuditEntry[],
  { credentials }: Pick<Documents, "credentials">,
): ReadonlyMap<string, readonly AuditEntry[]> {
  const nameNow = new Map<string, string>();
  for (const [name, { document }] of credentials) {
    // The rename may be so new that no run has put it into the trail.
    for (const former of document.metadata.formerNames ?? []) {
      if (!credentials.has(former) && !nameNow.has(former)) nameNow.set(former, name);
    }
  }
  const groups = new Map<string, AuditEntry[]>();
  for (const entry of entries.toReversed()) {
    const subject = subjectOf(entry);
    if (subject === undefined) continue;
    const name = nameNow.get(subject) ?? subject;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [entry]);
    else group.push(entry);
    const former = formerNameIn(entry);
    if (former !== undefined) nameNow.set(former, name);
  }
  return groups;
}
