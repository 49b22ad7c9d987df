import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { createReceiver, type Receiver } from "../../../../examples/webhook-receiver/receiver.ts";
import type { Tally } from "../consumer.ts";
import type { Settle } from "../estate.ts";
import type { AnyTenant } from "../tenant.ts";
import type { OpenProvider, OverlapProvider } from "./overlap-provider.ts";

const HOOK_KEY = "a-key-for-the-conformance-suite";

/** An application that signs in with what it was handed, every so often. */
export interface OverlapConsumer {
  readonly tally: Tally;
  /** Every secret that it was ever handed, to search for where none may be. */
  readonly seen: ReadonlySet<string>;
  /** What it signs in with now. */
  held(): Readonly<Record<string, string>>;
  /** Resolves when no sign-in of before is under way. */
  atRest(): Promise<void>;
  stop(): Promise<void>;
}

/** One credential at a provider where versions overlap, with its consumer. */
export interface OverlapTenant extends AnyTenant {
  readonly provider: OverlapProvider;
  readonly consumer: OverlapConsumer;
  /** What belonged to others before the first run. */
  readonly strangersBefore: unknown;
}

/** How an estate makes such a credential. */
export function settleOverlap(name: string, open: OpenProvider, every = 300): Settle<OverlapTenant> {
  return async ({ clock, readStatus }) => {
    const provider = await open(name, clock);
    const service = `${name}-api`;
    const receiver = await createReceiver({
      keys: new Map([["k1", HOOK_KEY]]),
      clock,
      initial: { [name]: provider.first },
    });
    const server = createServer((request, response) => receiver.handle(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    // `as`: a server that listens on TCP has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const sampler = startSampling(name, receiver, provider, every * (provider.seldom ?? 1));
    const tenant: OverlapTenant = {
      plan: { name },
      provider,
      strangersBefore: await provider.strangers(),
      status: () => readStatus(service, name),
      consumer: {
        ...sampler,
        stop: async () => {
          await sampler.stop();
          server.closeAllConnections();
          await new Promise((done) => server.close(done));
          await provider.stop();
        },
      },
    };
    return {
      tenant,
      registry: registryOf(name, service, provider),
      platform: platformOf(name, provider, `http://127.0.0.1:${port}/credentials`),
      secrets: { ...provider.secrets, HOOK_KEY },
      folder: undefined,
    };
  };
}

function startSampling(
  name: string,
  receiver: Receiver,
  provider: OverlapProvider,
  every: number,
): OverlapConsumer {
  const tally: Tally = { logins: 0, failures: 0, longestGap: 0, lastError: undefined };
  const seen = new Set<string>();
  const stopped = new AbortController();
  const held = (): Readonly<Record<string, string>> => receiver.credentials(name).current?.parts ?? {};
  const once = async (): Promise<void> => {
    const { current, pending } = receiver.credentials(name);
    for (const version of [current, pending]) {
      if (typeof version?.attempt === "string") seen.add(version.parts[provider.secretPart] ?? "");
    }
    try {
      await provider.signIn(held());
      tally.logins += 1;
    } catch (error) {
      // What is asked while the answer is on its way may be another version's by then.
      tally.failures += 1;
      tally.lastError = error instanceof Error ? error.message : String(error);
    }
  };
  let underWay: Promise<void> = Promise.resolve();
  const sampling = (async () => {
    while (!stopped.signal.aborted) {
      underWay = once();
      await underWay;
      await setTimeout(every, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    tally,
    seen,
    held,
    atRest: async () => underWay,
    stop: async () => {
      stopped.abort();
      await sampling;
    },
  };
}

function registryOf(name: string, service: string, { provider, type = "api-key" }: OverlapProvider): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: ${type}
  service: ${service}
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-01-15
  method: automated
  provider:
    ${provider}
  deliver:
    - webhook: { connection: ${name}-hook }
      consumer: ${service}
  access:
    - { principal: ${service}, kind: service, purpose: reads orders }
`;
}

function platformOf(
  name: string,
  { connection, object, others = {} }: OverlapProvider,
  hook: string,
): string {
  const connections = Object.entries({ [`${name}-cloud`]: connection, ...others }).map(
    ([each, spec]) => `apiVersion: cre/v1
kind: Connection
metadata: { name: ${each} }
spec:
  ${spec}
  allow: { names: [${name}], objects: ["${object}"] }
---
`,
  );
  return `${connections.join("")}apiVersion: cre/v1
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
  rotateWithin: 60d
  enforcement: rotate
  gracePeriod: 24h
  quietPeriod: 2d
  soakPeriod: 2d
`;
}
