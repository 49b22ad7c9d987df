import type { Credential } from "../documents/credential.ts";
import type { Documents } from "../documents/kinds.ts";
import type { HoldFact, Request, StateFacts } from "./facts.ts";
import type { Status } from "./status.ts";

export interface Joined {
  readonly state: StateFacts;
  /** Places of status files that are superseded by the renamed or moved ones. */
  readonly stale: ReadonlyMap<string, { readonly service: string; readonly credential: string }>;
}

/**
 * Joins records with the documents that name them: `formerNames` carries a record, and what people commanded under the
 * old name, over to a renamed credential, and a changed service moves its file. Nothing is written here. A name that a
 * document bears today is nobody's former name.
 */
export function joinRecords(state: StateFacts, documents: Documents): Joined {
  const statuses = new Map(state.statuses);
  const stale = new Map<string, { service: string; credential: string }>();
  const renamed = new Map<string, string>();
  for (const [name, { document }] of documents.credentials) {
    const formerNames = (document.metadata.formerNames ?? []).filter(
      (old) => !documents.credentials.has(old),
    );
    for (const old of formerNames) if (!renamed.has(old)) renamed.set(old, name);
    const former = formerNames.find((old) => statuses.has(old));
    const found = statuses.get(name) ?? (former === undefined ? undefined : statuses.get(former));
    if (found === undefined) continue;
    const joined = namedBy(document, found);
    if (joined === found) continue;
    stale.set(name, { service: found.service, credential: found.credential });
    if (found.credential !== name) statuses.delete(found.credential);
    statuses.set(name, joined);
  }
  const holds = new Map([...state.holds].map(([id, hold]) => [id, heldNow(hold, renamed)]));
  const requests = new Map([...state.requests].map(([id, request]) => [id, askedNow(request, renamed)]));
  return { state: { ...state, statuses, holds, requests }, stale };
}

/** The record under the name and service that documents give it now; itself, where they say nothing new. */
export function underItsName(status: Status, documents: Documents): Status {
  const { credential: old } = status;
  const known =
    documents.credentials.get(old) ??
    [...documents.credentials.values()].find(({ document }) => document.metadata.formerNames?.includes(old));
  if (known === undefined) return status;
  return namedBy(known.document, status);
}

function namedBy({ metadata: { name }, spec: { service } }: Credential, status: Status): Status {
  if (status.credential === name && status.service === service) return status;
  return { ...status, credential: name, service };
}

/** The stop button holds the credential whatever it is called now. */
function heldNow(hold: HoldFact, renamed: ReadonlyMap<string, string>): HoldFact {
  const names = (hold.credentials ?? []).flatMap((old) => renamed.get(old) ?? []);
  return names.length === 0
    ? hold
    : { ...hold, credentials: [...new Set([...(hold.credentials ?? []), ...names])] };
}

function askedNow(request: Request, renamed: ReadonlyMap<string, string>): Request {
  const name = renamed.get(request.credential);
  return name === undefined ? request : { ...request, credential: name };
}
