import type { DeliverEntry } from "../../../core/documents/credential.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { SecretParts } from "../../../core/model/secret.ts";
import type { BoundDelivery, Consignment, Delivery, DeliveryPorts, Held } from "../../../core/ports/delivery.ts";
import { type Endpoint, exchange, type ReceiverState, shownUrl } from "./exchange.ts";
import { stageBody } from "./stage-body.ts";

/**
 * Hands new versions to an application over the signed webhook contract (design section 7; reference receiver in
 * `examples/webhook-receiver`): stage beside the current one, then promote or abort by attempt, without the secret.
 * The receiver is the consumer, so that what it names as current is proof of use.
 */
export const webhookDelivery: Delivery = {
  kind: "webhook",
  connections: (entry) => [entryOf(entry).connection],
  stages: () => true,
  bind: async (name, _credential, entry, ports) => bindWebhook(name, entry, ports),
};

function entryOf(entry: DeliverEntry): NonNullable<DeliverEntry["webhook"]> {
  if (entry.webhook === undefined) throw new Error("not a webhook entry");
  return entry.webhook;
}

async function bindWebhook(name: string, entry: DeliverEntry, ports: DeliveryPorts): Promise<BoundDelivery> {
  const { connection, triesPending } = entryOf(entry);
  const spec = ports.connection(connection).webhook;
  if (spec === undefined) throw new CreError("connection-kind", `webhook: the connection ${connection} is not a webhook`);
  const endpoint: Endpoint = {
    url: new URL(spec.url),
    keyId: spec.key.id,
    key: await ports.secrets.read(spec.key.secret),
    ca: spec.ca === undefined ? undefined : ports.readFile(spec.ca),
    clock: ports.clock,
  };
  const label = `webhook ${shownUrl(endpoint.url)}`;
  const ask = async (signal: AbortSignal): Promise<ReceiverState> => mine(await exchange(endpoint, "GET", `credential=${encodeURIComponent(name)}`, "", signal), name, label);
  const tell = async (body: string, signal: AbortSignal): Promise<ReceiverState> => mine(await exchange(endpoint, "POST", "", body, signal), name, label);
  return {
    label,
    consumer: entry.consumer,
    confirms: true,
    triesPending: triesPending === true,
    preflight: async (signal) => void (await ask(signal)),
    stage: async (consignment, parts: SecretParts, signal) => {
      const { pending, current } = await tell(stageBody(consignment, parts), signal);
      expect(pending === consignment.attempt || current === consignment.attempt, label, "holds something else as pending after it was staged");
    },
    promote: async (consignment, signal) => {
      const { current } = await tell(phaseBody("promote", consignment), signal);
      expect(current === consignment.attempt, label, "names another version as current after it was promoted");
    },
    abort: async (consignment, signal) => {
      const { pending } = await tell(phaseBody("abort", consignment), signal);
      expect(pending !== consignment.attempt, label, "still holds the version as pending after it was aborted");
    },
    holds: async (signal): Promise<Held | "unknown"> => {
      const { current, pending } = await ask(signal);
      return { ...(current === null ? {} : { current }), ...(pending === null ? {} : { pending }) };
    },
  };
}

function mine(state: ReceiverState, name: string, label: string): ReceiverState {
  if (state.credential === name) return state;
  throw new EffectError("unknown", "webhook-wrong-credential", `${label} answered about another credential`);
}

function expect(held: boolean, label: string, otherwise: string): void {
  if (!held) throw new EffectError("unknown", "webhook-not-applied", `${label} ${otherwise}`, { fix: "look into the receiver's log" });
}

function phaseBody(phase: "promote" | "abort", consignment: Consignment): string {
  const { credential, rotation, attempt, handle, issuedAt } = consignment;
  return JSON.stringify({ apiVersion: "cre/v1", phase, credential, rotationId: rotation, attemptId: attempt, handle, issuedAt });
}
