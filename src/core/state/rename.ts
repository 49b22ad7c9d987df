import type { Documents } from "../documents/kinds.ts";
import type { StateFacts } from "./facts.ts";
import type { Status } from "./status.ts";

export interface Joined {
  readonly state: StateFacts;
  /** Places of status files that are superseded by the renamed or moved ones. */
  readonly stale: ReadonlyMap<string, { readonly service: string; readonly credential: string }>;
}

/**
 * Joins records with the documents that name them: `formerNames` carries a record over to a renamed credential, and a
 * changed service moves its file. Nothing is written here.
 */
export function joinRecords(state: StateFacts, documents: Documents): Joined {
  const statuses = new Map(state.statuses);
  const stale = new Map<string, { service: string; credential: string }>();
  for (const [name, { document }] of documents.credentials) {
    const former = document.metadata.formerNames?.find((old) => statuses.has(old) && !documents.credentials.has(old));
    const found = statuses.get(name) ?? (former === undefined ? undefined : statuses.get(former));
    if (found === undefined) continue;
    const { service } = document.spec;
    if (found.credential === name && found.service === service) continue;
    const joined: Status = { ...found, credential: name, service };
    stale.set(name, { service: found.service, credential: found.credential });
    if (former !== undefined) statuses.delete(former);
    statuses.set(name, joined);
  }
  return { state: { ...state, statuses }, stale };
}
