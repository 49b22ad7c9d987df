import type { AuditEntry } from "../audit/entry.ts";
import type { Documents } from "../documents/kinds.ts";
import { type CredentialStory, credentialStory } from "./credential-stories.ts";
import { groupTrail } from "./group-trail.ts";
import { type RotationTrace, traceRotations } from "./trace-rotations.ts";

/** What the trail tells of every credential that it knows, also of those that are gone. */
export interface Stories {
  /** By the name that the credential has now, or had last. */
  readonly stories: ReadonlyMap<string, CredentialStory>;
  /** All rotations, of one credential the newest first. */
  readonly rotations: readonly RotationTrace[];
  /** The credential that an incident is about, by the incident's id. */
  readonly incidents: ReadonlyMap<string, string>;
}

/** Reads the whole trail once: time grows with the number of entries, whatever the number of credentials. */
export function storiesOf(
  entries: readonly AuditEntry[],
  documents: Pick<Documents, "credentials">,
): Stories {
  const stories = new Map<string, CredentialStory>();
  const rotations: RotationTrace[] = [];
  const incidents = new Map<string, string>();
  for (const [name, newestFirst] of groupTrail(entries, documents)) {
    const traces = traceRotations(name, newestFirst);
    for (const trace of traces) rotations.push(trace);
    stories.set(name, credentialStory(newestFirst, traces));
    for (const { event, detail } of newestFirst) {
      const id = event === "incident.declared" ? detail?.["incident"] : undefined;
      if (typeof id === "string") incidents.set(id, name);
    }
  }
  return { stories, rotations, incidents };
}
