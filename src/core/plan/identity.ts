import type { Status } from "../state/status.ts";

/** Why a document that names another provider identity than its record cannot go on; undefined: it does not. */
export function otherIdentity(status: Status | undefined, identity: string): string | undefined {
  if (status?.identity === undefined || status.identity === identity) return undefined;
  return `the document now names ${identity}, the record belongs to ${status.identity}: retire this credential and register another`;
}

/**
 * Why a credential without a record of its own must not be adopted: another name's record is about the very same
 * versions, and marks of ours are on them. That happens when a rename is reverted. undefined: nobody's.
 */
export function recordedElsewhere(
  name: string,
  identity: string,
  statuses: ReadonlyMap<string, Status>,
): string | undefined {
  for (const { credential, adoptedAt, versions, identity: theirs } of statuses.values()) {
    if (credential === name || theirs !== identity || adoptedAt === undefined || versions.length === 0) {
      continue;
    }
    return `${identity} is on record as ${credential}; if ${name} is the same credential under another name, write formerNames: [${credential}] into its document`;
  }
  return undefined;
}
