import { isOpen } from "../rotation/transition.ts";
import type { Status } from "../state/status.ts";

/**
 * Where a version lives only as long as its end and is looked at where it is served, no authority has a thing that a record
 * could be about: other names, or another authority, come with the next certificate.
 */
const FOLLOWS_DOCUMENT: ReadonlySet<string> = new Set(["acme", "csr"]);

/** Why a document that names another provider identity than its record cannot go on; undefined: it can. */
export function otherIdentity(status: Status | undefined, identity: string): string | undefined {
  if (status?.identity === undefined || status.identity === identity) return undefined;
  const provider = providerIn(identity);
  if (FOLLOWS_DOCUMENT.has(provider) && providerIn(status.identity) === provider) return undefined;
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
  for (const { credential, adoptedAt, versions, rotation, identity: theirs } of statuses.values()) {
    if (credential === name || theirs !== identity || adoptedAt === undefined) continue;
    // One that has ended keeps nobody back; an emergency in the middle has no version either, and is not at its end.
    if (versions.length === 0 && !isOpen(rotation)) continue;
    return `${identity} is on record as ${credential}; if ${name} is the same credential under another name, write formerNames: [${credential}] into its document`;
  }
  return undefined;
}

function providerIn(identity: string): string {
  return identity.split("/", 1)[0] ?? "";
}
