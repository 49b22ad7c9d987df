import type { AuthorizedKeysProvider } from "../../../core/documents/provider.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import type { SshTarget } from "../../clients/ssh/session.ts";

/** The keys of one account on some hosts, and how the runner reaches them. */
export interface Site {
  readonly credential: string;
  readonly identity: string;
  readonly provider: AuthorizedKeysProvider;
  /** The document's `handle`: the file has keys of others besides. */
  readonly handle: string | undefined;
  readonly targets: readonly SshTarget[];
  readonly ports: RotatorPorts;
  /** After so many seconds a host undoes an edit that nobody has proven to be sound. */
  readonly guardSeconds: number;
  /** Logins with a new key that were ours, by host and by our port. */
  readonly probes: Probe[];
}

export interface Probe {
  readonly host: string;
  readonly port: number;
}

/** The words for people: whose key it is. */
export function accountText({ provider: { user, hosts, inventory } }: Site): string {
  const where = inventory === undefined ? (hosts ?? []).join(", ") : `the hosts of ${inventory.file}`;
  return `the account ${user} on ${where.length > 80 ? `${hosts?.length} hosts` : where}`;
}
