import type { Order } from "acme-client";
import { EffectError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { type CertificateChain, wrongWithChain } from "../../clients/x509/chain.ts";
import { type CertificateKey, createCertificateKey } from "../../clients/x509/key-pair.ts";
import { requestText, signingRequest } from "../../clients/x509/signing-request.ts";
import { proveNames } from "./authorize.ts";
import { download } from "./download.ts";
import { authorizationsOf, findOrder } from "./order.ts";
import { orderProblem } from "./order-problem.ts";
import { patienceAfter, refuseOver } from "./over.ts";
import { handleOf, slotOf } from "./place.ts";
import type { Site } from "./site.ts";

/**
 * Collects an order with a key of its own: proves the names, hands in the request, and takes the chain. The order is on
 * record already, so that whatever ends this before the request was handed in is continued by the next attempt; after
 * that the key is lost with the run, and the order with it: a request is never handed in twice.
 */
export async function issueCertificate(
  site: Site,
  reference: string | undefined,
  outer: AbortSignal,
): Promise<Issued> {
  if (reference === undefined) throw new Error(`${site.credential}: collected without an order`);
  const signal = AbortSignal.any([outer, AbortSignal.timeout(site.patience * 1000)]);
  const order = await readyOrder(site, reference, signal);
  const key = await createCertificateKey(site.provider.keyType ?? "ecdsa-p256");
  const request = await signingRequest(site.names, key);
  const finished = await handIn(site, order, request, signal);
  return collected(site, finished, key, signal);
}

/** Until then nothing is done that the next attempt could not go on with. */
async function readyOrder(site: Site, reference: string, signal: AbortSignal): Promise<Order> {
  try {
    return await proven(site, await openOrder(site, reference, signal), signal);
  } catch (error) {
    refuseOver(site, signal);
    throw error;
  }
}

async function openOrder(site: Site, reference: string, signal: AbortSignal): Promise<Order> {
  const order = await findOrder(site, reference, signal);
  if (order === undefined) throw lost(site, "the CA does not know it any more");
  if (order.status === "processing" || order.status === "valid") {
    throw lost(
      site,
      `it is ${order.status}, and the key that was handed in is gone with the run that made it`,
    );
  }
  return order;
}

/** Proves what is not proven yet, until the order is ready. */
async function proven(site: Site, order: Order, signal: AbortSignal): Promise<Order> {
  let now = order;
  if (now.status === "pending") {
    await proveNames(site, await authorizationsOf(site, now, signal), signal);
    now = await settled(site, now, (status) => status !== "pending", signal);
  }
  if (now.status === "ready") return now;
  throw await orderProblem(site, now, signal);
}

async function handIn(site: Site, order: Order, request: Buffer, signal: AbortSignal): Promise<Order> {
  const now = await handedIn(site, order, request, signal);
  try {
    const last = await settled(site, now, (status) => status !== "processing", signal);
    if (last.status === "valid") return last;
    throw await orderProblem(site, last, signal);
  } catch (error) {
    throw inDoubt(error);
  }
}

/** Hands it in, once. Where the CA's word on it is lost, the order itself says what became of it. */
async function handedIn(site: Site, order: Order, request: Buffer, signal: AbortSignal): Promise<Order> {
  try {
    return await site.ca.act("hand in the request", signal, async ({ client }) =>
      client.finalizeOrder(order, requestText(request)),
    );
  } catch (error) {
    if (!isDoubt(error)) throw error;
    const look = async () =>
      site.ca.act("look at its order", signal, async ({ client }) => client.getOrder(order));
    const seen = await persistently(site, look, signal).catch(() => undefined);
    // One that is ready still may get it a moment later.
    if (seen === undefined || seen.status === "ready" || seen.status === "pending") throw error;
    return seen;
  }
}

/** Tries of a question whose answer does not come. */
const MOST_TRIES = 6;

/** Asks again where no answer came: the key is lost with this effect, and with the key the order. */
async function persistently<T>(site: Site, ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isDoubt(error) || tries === MOST_TRIES || signal.aborted) throw error;
      await site.ports.pause(patienceAfter(tries), signal);
    }
  }
}

function isDoubt(error: unknown): boolean {
  return error instanceof EffectError && error.outcome === "unknown";
}

/** The order once it is past a state. */
async function settled(
  site: Site,
  order: Order,
  isPast: (status: Order["status"]) => boolean,
  signal: AbortSignal,
): Promise<Order> {
  let now = order;
  for (let looks = 0; !isPast(now.status); looks += 1) {
    const look = async (): Promise<Order> =>
      site.ca.act("look at its order", signal, async ({ client, waitSeconds }) => {
        const seen = await client.getOrder(order);
        if (!isPast(seen.status)) await site.ports.pause(waitSeconds(patienceAfter(looks)), signal);
        return seen;
      });
    now = await persistently(site, look, signal);
    refuseOver(site, signal);
  }
  return now;
}

async function collected(
  site: Site,
  order: Order,
  key: CertificateKey,
  signal: AbortSignal,
): Promise<Issued> {
  try {
    const url = order.certificate;
    if (url === undefined) throw new Error("a valid order without a certificate");
    const chain = await persistently(site, async () => download(site, url, signal), signal);
    const wrong = wrongWithChain(chain, { spki: key.spki, names: site.names, now: site.ports.clock.now() });
    if (wrong !== undefined) throw unusable(site, wrong);
    return {
      handle: handleOf(chain.leaf.facts),
      slot: slotOf(chain.leaf.der),
      createdAt: site.ports.clock.now(),
      expiresAt: chain.leaf.facts.notAfter,
      parts: partsOf(chain, key),
    };
  } catch (error) {
    throw inDoubt(error);
  }
}

function partsOf({ leaf, issuers }: CertificateChain, key: CertificateKey): Issued["parts"] {
  const chain = issuers.map(({ pem }) => pem).join("");
  return new Map([
    ["privateKey", key.pem],
    ["certificate", new Secret(leaf.pem)],
    ["chain", new Secret(chain)],
    ["fullchain", new Secret(`${leaf.pem}${chain}`)],
  ]);
}

function lost({ ca }: Site, why: string): EffectError {
  return new EffectError("refused", "acme-order-lost", `the order at ${ca.label} cannot be collected`, {
    evidence: why,
    fix: "nothing: another order is placed",
  });
}

function unusable({ ca }: Site, why: string): EffectError {
  return new EffectError("unknown", "acme-certificate-wrong", `what ${ca.label} issued must not be used`, {
    evidence: why,
    fix: "ask the CA, then `cre retry`: it would issue the same again; nothing was handed to anybody",
    retryable: false,
  });
}

/** There may be a certificate now, for a key that is gone. */
function inDoubt(error: unknown): unknown {
  if (!(error instanceof EffectError) || error.outcome === "unknown") return error;
  const { code, message, evidence, fix, retryable } = error;
  return new EffectError("unknown", code, message, {
    ...(evidence === undefined ? {} : { evidence }),
    ...(fix === undefined ? {} : { fix }),
    retryable,
  });
}
