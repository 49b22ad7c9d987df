import type { Status } from "../state/status.ts";

/** Why a document that names another provider identity than its record cannot go on; undefined: it does not. */
export function otherIdentity(status: Status | undefined, identity: string): string | undefined {
  if (status?.identity === undefined || status.identity === identity) return undefined;
  return `the document now names ${identity}, the record belongs to ${status.identity}: retire this credential and register another`;
}
