import type { WebhookConnection } from "../../../core/documents/connection.ts";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { SecretParts } from "../../../core/model/secret.ts";
import type {
  BoundDelivery,
  Consignment,
  Delivery,
  DeliveryPorts,
  Held,
} from "../../../core/ports/delivery.ts";
import { NoAnswer } from "../../clients/http/exchange.ts";
import { peerUrl } from "../../clients/signed-http/peer-url.ts";
import type { SigningKey } from "../../clients/signed-http/signature.ts";
import { type SignedAnswerSeen, signedExchange } from "../../clients/signed-http/signed-exchange.ts";
import { isDone, type Phase, readHeld } from "../../clients/staged-messages/held.ts";
import { LARGEST_MESSAGE, messageText } from "../../clients/staged-messages/message.ts";
import { statusError } from "./answer.ts";

const LIMIT_SECONDS = 60;

/** The `webhook` delivery: a signed contract by which the consumer itself stages, promotes and answers for its use. */
export const webhookDelivery: Delivery = createWebhookDelivery(LIMIT_SECONDS);

/** The delivery with another limit for a whole exchange; the caller's signal may end it earlier. */
export function createWebhookDelivery(limitSeconds: number): Delivery {
  return {
    kind: "webhook",
    connections: (entry) => (entry.webhook === undefined ? [] : [entry.webhook.connection]),
    stages: () => true,
    bind: async (name, _, entry, ports) => bindWebhook(name, entry, ports, limitSeconds),
  };
}

/** What every exchange with one consumer needs. */
interface Peer {
  readonly credential: string;
  readonly label: string;
  readonly url: URL;
  readonly ca: string | undefined;
  readonly connection: WebhookConnection;
  readonly ports: DeliveryPorts;
  readonly limitSeconds: number;
}

function bindWebhook(
  credential: string,
  entry: DeliverEntry,
  ports: DeliveryPorts,
  limitSeconds: number,
): BoundDelivery {
  if (entry.webhook === undefined) throw new Error("bound to an entry of another kind");
  const name = entry.webhook.connection;
  const { webhook: connection } = ports.connection(name);
  if (connection === undefined) {
    throw new CreError(
      "connection-kind",
      `${credential} delivers by webhook over ${name}, which is no webhook connection`,
      {
        fix: "name a connection with a webhook",
      },
    );
  }
  const url = peerUrl("webhook", name, connection.url);
  const ca = connection.ca === undefined ? undefined : ports.readFile(connection.ca);
  const peer: Peer = {
    credential,
    label: `webhook ${name} (${url.origin})`,
    url,
    ca,
    connection,
    ports,
    limitSeconds,
  };
  const send = async (
    phase: Phase,
    consignment: Consignment,
    parts: SecretParts | undefined,
    signal: AbortSignal,
  ) => {
    const body = messageText(phase, consignment, parts);
    await converse(
      peer,
      { phase, attempt: consignment.attempt, credential: consignment.credential, body },
      signal,
    );
  };
  const ask = async (signal: AbortSignal) =>
    converse(peer, { phase: "ask", attempt: "", credential, body: "" }, signal);
  return {
    label: peer.label,
    consumer: entry.consumer,
    confirms: true,
    triesPending: entry.webhook.triesPending === true,
    preflight: async (signal) => void (await ask(signal)),
    stage: async (consignment, parts, signal) => send("stage", consignment, parts, signal),
    completes: true,
    promote: async (consignment, signal, certificate) => send("promote", consignment, certificate, signal),
    abort: async (consignment, signal) => send("abort", consignment, undefined, signal),
    // A consumer that does not answer, or not as itself, is not known to hold anything.
    holds: async (signal) => ask(signal).catch((error: unknown) => unknownOf(error)),
  };
}

function unknownOf(error: unknown): "unknown" {
  if (error instanceof CreError) return "unknown";
  throw error;
}

interface Sending {
  readonly phase: Phase;
  readonly attempt: string;
  readonly credential: string;
  readonly body: string;
}

/** One signed exchange. Resolves only with a signed answer that says what the phase must leave behind. */
async function converse(peer: Peer, sending: Sending, signal: AbortSignal): Promise<Held> {
  const { phase, credential, attempt, body } = sending;
  const { label, connection, ports, url } = peer;
  if (Buffer.byteLength(body) > LARGEST_MESSAGE) {
    throw new EffectError("refused", "webhook-too-large", `${label}: the parts are too large to send`, {
      evidence: `more than ${LARGEST_MESSAGE} bytes`,
      retryable: false,
    });
  }
  if (signal.aborted) {
    throw new EffectError("refused", "webhook-interrupted", `${label}: interrupted before it was asked`);
  }
  const key: SigningKey = { id: connection.key.id, secret: await ports.secrets.read(connection.key.secret) };
  const method = phase === "ask" ? "GET" : "POST";
  const query = `${url.search === "" ? "?" : "&"}credential=${encodeURIComponent(credential)}`;
  const path = `${url.pathname}${url.search}${phase === "ask" ? query : ""}`;
  const { answer, untrusted } = await ended(peer, phase, signal, (limit) =>
    signedExchange({ url, ca: peer.ca, key }, { method, path, body }, ports.clock, limit),
  );
  if (answer.status < 200 || answer.status > 299) {
    throw statusError(answer.status, { label, keyId: key.id, phase });
  }
  if (untrusted !== undefined) throw strangeAnswer(label, phase, untrusted);
  const held = readHeld(answer.body, credential);
  if (held === undefined) {
    throw strangeAnswer(label, phase, "it does not say what it holds of this credential");
  }
  if (isDone(phase, attempt, held)) return held;
  throw new EffectError("unknown", "webhook-not-applied", `${label} did not ${phase}`, {
    evidence: "it accepted the request, and says that it holds something else",
    fix: "look into the consumer's log; the next run asks again",
  });
}

async function ended(
  { label, limitSeconds }: Peer,
  phase: Phase,
  signal: AbortSignal,
  act: (limit: AbortSignal) => Promise<SignedAnswerSeen>,
): Promise<SignedAnswerSeen> {
  try {
    return await act(AbortSignal.any([signal, AbortSignal.timeout(limitSeconds * 1000)]));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new EffectError("unknown", "webhook-no-answer", `${label} did not answer to ${phase}`, {
      evidence: error.reason,
      fix: noAnswerFix(error.reason),
    });
  }
}

function noAnswerFix(reason: string): string {
  if (/CERT|SIGNATURE|ISSUER|TLS|SSL/.test(reason)) {
    return "check the certificate of the consumer and the `ca` of the connection";
  }
  return "check that the consumer runs and that this runner reaches it";
}

function strangeAnswer(label: string, phase: Phase, evidence: string): EffectError {
  return new EffectError(
    "unknown",
    "webhook-answer-untrusted",
    `the answer of ${label} to ${phase} proves nothing`,
    {
      evidence,
      fix: "check that the url leads to the consumer itself, that it signs its answers with the key of the connection, and that its clock is right",
    },
  );
}
