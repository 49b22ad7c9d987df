import {
  type AccountRotator,
  bindAuthorizedKeys,
} from "../../../adapters/rotators/authorized-keys/rotator.ts";
import type { ConnectionSpec } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import type { AuthorizedKeysProvider } from "../../../core/documents/provider.ts";
import { instantOf } from "../../../core/model/instant.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import type { SshHost } from "./host-ground.ts";

/** The name of the credential in these tests. */
export const DEPLOY_KEY = "deploy-key";

export interface BindAccount {
  readonly provider?: Partial<AuthorizedKeysProvider>;
  readonly handle?: string;
  readonly name?: string;
  readonly ports?: Partial<RotatorPorts>;
  readonly guardSeconds?: number;
  /** Changes what the documents say of each host. */
  readonly connection?: (spec: ConnectionSpec, at: number) => ConnectionSpec;
}

/** Binds the account of these hosts, `web-1` and so on, as a run does. */
export function bindAccount(hosts: readonly SshHost[], options: BindAccount = {}): AccountRotator {
  const [first] = hosts;
  if (first === undefined) throw new Error("no host");
  const names = hosts.map((_, at) => `web-${at + 1}`);
  const spec: CredentialSpec = {
    type: "ssh-key",
    service: "deploy",
    owner: { team: "platform", contact: "platform@example.com" },
    createdAt: "2026-01-15",
    method: "automated",
    provider: {
      "authorized-keys": { hosts: names, user: first.user, ...options.provider },
    },
    deliver: [],
    ...(options.handle === undefined ? {} : { handle: options.handle }),
  };
  const ports: RotatorPorts = {
    clock: { now: () => instantOf(Math.floor(Date.now() / 1000)) },
    random: {
      bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      uuid: () => crypto.randomUUID(),
    },
    secrets: { read: async () => first.login.privateKey, present: () => true },
    pause: async () => undefined,
    progress: { warn: () => undefined },
    connection: (name) => {
      const at = names.indexOf(name);
      const host = hosts[at];
      if (host === undefined) throw new Error(`no host ${name}`);
      const made = connectionOf(host);
      return options.connection?.(made, at) ?? made;
    },
    readFile: () => "",
    scanEndpoint: async () => [],
    commands: {},
    ...options.ports,
  };
  // Every host has a file of its own where tests may write.
  return bindAuthorizedKeys(options.name ?? DEPLOY_KEY, spec, ports, options.guardSeconds ?? 60);
}

/** What the security team writes about a host. */
export function connectionOf({ host, port, hostKey, user }: SshHost): ConnectionSpec {
  return {
    ssh: { host, port, hostKey, user, key: { env: "SSH_KEY" } },
    allow: { objects: [user] },
  };
}
