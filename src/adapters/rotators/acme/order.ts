import type { Authorization, Order } from "acme-client";
import { EffectError } from "../../../core/model/errors.ts";
import { currentVersion } from "../../../core/rotation/reconcile.ts";
import type { ChallengeTask } from "./challenges/way.ts";
import { CaRefusal } from "./failure.ts";
import { renewalIdIn } from "./renewal.ts";
import type { Site } from "./site.ts";

/** Types of problems with which an authority refuses what an order is to replace. */
const REFUSALS_OF_REPLACES: ReadonlySet<string> = new Set([
  "alreadyReplaced",
  "malformed",
  "unauthorized",
  "conflict",
]);

/** What acme-client's types leave out. */
interface OrderWishes {
  readonly replaces?: string;
  readonly profile?: string;
}

/**
 * The URL of an order for this site's names. An order of an earlier attempt that is not collected yet is used again,
 * with whatever was proven for it: a run that died costs no second one. What it had put there for another is taken away.
 */
export async function requestOrder(
  site: Site,
  former: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (former !== undefined) {
    const order = await findOrder(site, former, signal);
    if (order !== undefined && isCollectable(site, order)) return former;
    if (order !== undefined) await dropLeftovers(site, order, signal);
  }
  const wishes = await wishesOf(site, signal);
  const order = await placeOrder(site, wishes, signal);
  return order.url;
}

/** An order by its URL; undefined where the CA does not know it (any more). */
export async function findOrder(site: Site, url: string, signal: AbortSignal): Promise<Order | undefined> {
  return site.ca.act("look at its order", signal, async ({ client }) => {
    try {
      // `as`: nothing but the URL is looked at.
      return await client.getOrder({ url } as Order);
    } catch (error) {
      if (error instanceof CaRefusal && (error.status === 404 || error.status === 403)) return undefined;
      throw error;
    }
  });
}

/** The authorizations of an order, one for each name. */
export async function authorizationsOf(
  site: Site,
  order: Order,
  signal: AbortSignal,
): Promise<readonly Authorization[]> {
  return site.ca.act("look at the proofs of its order", signal, async ({ client }) =>
    client.getAuthorizations(order),
  );
}

/** A challenge of our kind, as what has to be put where. */
export async function taskOf(
  site: Site,
  { identifier, challenges }: Authorization,
  signal: AbortSignal,
): Promise<ChallengeTask | undefined> {
  const challenge = challenges.find(({ type }) => type === site.way.type);
  if (challenge === undefined) return undefined;
  const { token } = challenge;
  refuseForeign(site, identifier.value, token);
  return site.ca.act("answer a challenge", signal, async ({ client }) => ({
    name: identifier.value,
    token,
    keyAuthorization: await client.getChallengeKeyAuthorization({ ...challenge, type: "http-01" }),
    record: {
      name: `_acme-challenge.${identifier.value}`,
      value: await client.getChallengeKeyAuthorization({ ...challenge, type: "dns-01" }),
    },
  }));
}

/** A token becomes a path and a name becomes a record, which hooks and web servers take as they come. */
function refuseForeign({ ca, names }: Site, name: string, token: string): void {
  const isOurs = names.some((one) => one.replace(/^\*\./, "") === name.toLowerCase());
  if (isOurs && /^[A-Za-z0-9_-]{1,200}$/.test(token)) return;
  throw new EffectError("refused", "acme-answer-malformed", `${ca.label} asks for a proof that is none`, {
    evidence: isOurs
      ? "its token is none (RFC 8555 8.1)"
      : "it is for a name that is not among those that were ordered",
    fix: "check that `directory` is the address of the CA's ACME directory, and ask the CA",
    retryable: false,
  });
}

/** Open still, and nobody has given it a key: the key of one that is past that is lost with the run that made it. */
function isCollectable(site: Site, { status, expires, identifiers }: Order): boolean {
  if (status !== "pending" && status !== "ready") return false;
  if (expires !== undefined && Date.parse(expires) <= Date.parse(site.ports.clock.now())) return false;
  const ordered = identifiers.map(({ value }) => value.toLowerCase()).toSorted();
  return ordered.join(",") === site.names.toSorted().join(",");
}

async function dropLeftovers(site: Site, order: Order, signal: AbortSignal): Promise<void> {
  const authorizations = await authorizationsOf(site, order, signal);
  const tasks = await Promise.all(authorizations.map(async (one) => taskOf(site, one, signal)));
  const left = tasks.filter((task) => task !== undefined);
  if (left.length > 0) await site.way.drop(left, signal);
}

async function wishesOf(site: Site, signal: AbortSignal): Promise<OrderWishes> {
  const { profile } = site.provider;
  const { renewalInfo } = await site.ca.act("order a certificate", signal, async () =>
    site.ca.directory(signal),
  );
  const current = currentVersion([...site.recorded.values()]);
  const replaces =
    current === undefined || renewalInfo === undefined ? undefined : await renewalIdIn(current.slot);
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

async function placeOrder(site: Site, wishes: OrderWishes, signal: AbortSignal): Promise<Order> {
  return site.ca.act("order a certificate", signal, async ({ client }) => {
    const identifiers = site.names.map((value) => ({ type: "dns", value }));
    try {
      return await client.createOrder({ identifiers, ...wishes });
    } catch (error) {
      // Replaced already, or another account's or CA's certificate: what it replaces is a courtesy, not a condition.
      if (wishes.replaces === undefined || !mayBeAboutReplaced(error)) throw error;
      const { replaces: _, ...rest } = wishes;
      return client.createOrder({ identifiers, ...rest });
    }
  });
}

/**
 * In what words an authority refuses `replaces` is left to it (of another's certificate Pebble says "no known issuer"), so
 * the type alone counts. A refusal that was about something else comes again, without it.
 */
function mayBeAboutReplaced(error: unknown): boolean {
  if (!(error instanceof CaRefusal) || error.problem === undefined) return false;
  return error.status === 409 || REFUSALS_OF_REPLACES.has(error.problem.type);
}
