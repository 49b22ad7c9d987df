import { accountKey } from "../../../core/authorized-keys/account.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { AuthorizedKeysProvider } from "../../../core/documents/provider.ts";
import type { BoundRotator, Rotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import { containKey } from "./contain.ts";
import { adoptKey, deactivateKey, reactivateKey, revokeKey } from "./endings.ts";
import { issueKey } from "./issue.ts";
import { preflight } from "./preflight.ts";
import { observeKeys } from "./sight.ts";
import type { Site } from "./site.ts";
import { targetsOf } from "./targets.ts";
import { useOfKey } from "./use.ts";
import { verifyKey } from "./verify.ts";

/** Seconds after which a host undoes an edit of its own accord: longer than any effect may take. */
const GUARD_SECONDS = 120;

/**
 * SSH keys in the `authorized_keys` of an account, on one host or many: a second line is appended beside the first, both
 * let in until the old one is proven unused, then that is commented out and, after the soak, deleted. The marks stand
 * in the comments of the lines.
 */
export const authorizedKeysRotator: Rotator = {
  type: "authorized-keys",
  parameters: AuthorizedKeysProvider,
  parts: ["privateKey", "publicKey"],
  recipe: () => "overlap",
  identity: (credential, connection) => {
    const { hosts, inventory, user } = providerOf(credential);
    const [first = ""] = hosts ?? [];
    const ssh = connection(first)?.ssh;
    // The first host stands for all of them, so that others may come and go.
    const place =
      inventory === undefined
        ? ssh?.host === undefined
          ? `connection ${first}`
          : `${ssh.host.toLowerCase().replace(/\.$/, "")}:${ssh.port ?? 22}`
        : `inventory ${inventory.file}`;
    return accountKey(place, user, credential.handle);
  },
  objects: (credential) => [providerOf(credential).user],
  connections: (credential) => {
    const { hosts, inventory } = providerOf(credential);
    return inventory === undefined ? (hosts ?? []) : [inventory.connection];
  },
  bind: async (name, credential, ports) => bindAuthorizedKeys(name, credential, ports, GUARD_SECONDS),
};

/** All that is optional in others. */
export type AccountRotator = BoundRotator &
  Required<Pick<BoundRotator, "issue" | "inUse" | "deactivate" | "reactivate" | "contain">>;

/** Binds it with hosts that undo an edit after `guardSeconds`. */
export function bindAuthorizedKeys(
  credential: string,
  spec: CredentialSpec,
  ports: RotatorPorts,
  guardSeconds: number,
): AccountRotator {
  const provider = providerOf(spec);
  const site: Site = {
    credential,
    identity: authorizedKeysRotator.identity(spec, (name) => ports.connection(name)),
    provider,
    handle: spec.handle,
    targets: targetsOf(provider, ports),
    ports,
    guardSeconds,
    probes: [],
  };
  return {
    identity: site.identity,
    preflight: async (signal) => preflight(site, signal),
    observe: async (signal, recorded = []) => observeKeys(site, recorded, signal),
    adopt: async (version, mark, signal) => adoptKey(site, version, mark, signal),
    issue: async (mark, occupied, signal) => issueKey(site, mark, occupied, signal),
    verify: async (issued, signal) => verifyKey(site, issued, signal),
    inUse: async (version, since, signal) => useOfKey(site, version, since, signal),
    deactivate: async (version, fence, signal) => deactivateKey(site, version, fence, signal),
    reactivate: async (version, fence, signal) => reactivateKey(site, version, fence, signal),
    revoke: async (version, fence, signal) => revokeKey(site, version, fence, signal),
    contain: async (version, _since, signal) => containKey(site, version, signal),
    close: async () => undefined,
  };
}

function providerOf(credential: CredentialSpec): AuthorizedKeysProvider {
  const provider = credential.provider?.["authorized-keys"];
  if (provider === undefined) throw new Error("bound to a credential of another provider");
  return provider;
}
