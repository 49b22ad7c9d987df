import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSecureContext, createServer, type SecureContext } from "node:tls";
import { createReceiver } from "../../../../examples/webhook-receiver/receiver.ts";
import type { Settle } from "../estate.ts";
import type { AnyTenant } from "../tenant.ts";

const HOOK_KEY = "a-key-for-the-conformance-suite";

type Parts = Readonly<Record<string, string>>;

/** A certificate that a service takes by webhook and serves at a port of its own. */
export interface ServedTenant extends AnyTenant {
  /** `127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** What it serves now. */
  held(): Parts;
  /** What waits beside it. */
  pending(): Parts | undefined;
  /** While true it takes what it is told and goes on serving what it had, as a server does that was not reloaded. */
  stale: boolean;
}

export interface ServedPlan {
  readonly name: string;
  /** YAML of `spec.provider`, on one line. */
  readonly provider: string;
  /** Further platform documents. */
  readonly platform?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly first: Parts;
  /** YAML of the policy's spec beside `match`. */
  readonly policy: string;
}

/** How an estate makes such a credential. */
export function settleServed(plan: ServedPlan): Settle<ServedTenant> {
  return async ({ clock, readStatus }) => {
    const { name } = plan;
    const receiver = await createReceiver({
      keys: new Map([["k1", HOOK_KEY]]),
      clock,
      initial: { [name]: plan.first },
    });
    const hook = createHttpServer((request, response) => receiver.handle(request, response));
    const held = (): Parts => receiver.credentials(name).current?.parts ?? {};
    const tally = { logins: 0, failures: 0, longestGap: 0, lastError: undefined as string | undefined };
    let loaded = contextOf(plan.first);
    const tls = createServer({
      SNICallback: (_, done) => done(null, loaded),
      ...pairOf(plan.first),
    });
    tls.on("tlsClientError", () => undefined);
    // Reloads with each connection, as a server that watches its files.
    tls.on("connection", () => {
      if (tenant.stale) return;
      try {
        loaded = contextOf(held());
        tls.setSecureContext(pairOf(held()));
        tally.logins += 1;
      } catch (error) {
        tally.failures += 1;
        tally.lastError = String(error);
      }
    });
    for (const server of [hook, tls]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    // `as`: servers that listen on TCP have an AddressInfo.
    const [hookPort, port] = [hook, tls].map((server) => (server.address() as AddressInfo).port);
    const service = `${name}-service`;
    const tenant: ServedTenant = {
      plan: { name },
      endpoint: `127.0.0.1:${port}`,
      held,
      pending: () => receiver.credentials(name).pending?.parts,
      stale: false,
      status: () => readStatus(service, name),
      consumer: {
        tally,
        stop: async () => {
          hook.closeAllConnections();
          await Promise.all([hook, tls].map((server) => new Promise((done) => server.close(done))));
        },
      },
    };
    return {
      tenant,
      registry: registryOf(plan, service, tenant.endpoint),
      platform: platformOf(plan, `http://127.0.0.1:${hookPort}/credentials`),
      secrets: { HOOK_KEY, ...plan.secrets },
      folder: undefined,
      scan: [tenant.endpoint],
    };
  };
}

function pairOf(parts: Parts): { readonly key: string; readonly cert: string } {
  return { key: parts["privateKey"] ?? "", cert: parts["fullchain"] ?? "" };
}

function contextOf(parts: Parts): SecureContext {
  return createSecureContext(pairOf(parts));
}

function registryOf({ name, provider }: ServedPlan, service: string, endpoint: string): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: tls-certificate
  service: ${service}
  owner: { team: web, contact: web@example.com }
  createdAt: 2026-01-15
  method: automated
  provider: ${provider}
  deliver:
    - webhook: { connection: ${name}-hook }
      consumer: ${service}
  endpoints: ["${endpoint}"]
  access:
    - { principal: ${service}, kind: service, purpose: serves the shop }
`;
}

function platformOf({ name, platform, policy }: ServedPlan, hook: string): string {
  const documents = `apiVersion: cre/v1
kind: Connection
metadata: { name: ${name}-hook }
spec:
  webhook: { url: "${hook}", key: { id: k1, secret: { env: HOOK_KEY } } }
  allow: { names: [${name}] }
---
apiVersion: cre/v1
kind: Policy
metadata: { name: ${name}-policy }
spec:
  match: { names: [${name}] }
  ${policy}
`;
  return platform === undefined ? documents : `${documents}---\n${platform}`;
}
