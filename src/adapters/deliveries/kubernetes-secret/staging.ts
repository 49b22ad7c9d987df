import { remaining, renderable, renderValues } from "../../../core/delivery/render-values.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { SecretParts } from "../../../core/model/secret.ts";
import type { Consignment, Held } from "../../../core/ports/delivery.ts";
import type { SecretObject } from "../../clients/kubernetes/api-object.ts";
import { base64Value } from "./apply-text.ts";
import { claim, currentAttempt } from "./field-owners.ts";
import { OWNER_LABEL, type Place } from "./place.ts";
import { type RolloutWait, rollOut } from "./rollout.ts";
import { type Applied, applySecret, deleteSecret, readSecret, type Site } from "./secrets.ts";

/** How often an object that others write at the same time is read again. */
const TRIES = 5;
/** A type of our own tells people, and keeps controllers that look for a known type away. */
const PENDING_TYPE = "cre.dev/pending";

/** Refuses a Secret that has the name of the pending one and was not made by this delivery. */
export function checkPending({ label, place }: Site, pending: SecretObject | undefined): void {
  if (pending === undefined || isOurs(pending, place)) return;
  throw new EffectError(
    "refused",
    "kubernetes-pending-foreign",
    `${label}: there is a Secret ${place.pendingName} that is not of this delivery`,
    {
      fix: `a new version waits under this name: kubectl delete secret ${place.pendingName} -n ${place.namespace}, if nobody needs it`,
      retryable: false,
    },
  );
}

/** The pending Secret as it is applied. */
export async function applyPending(
  site: Site,
  before: SecretObject | undefined,
  attempt: string,
  data: SecretObject["data"],
  dryRun: boolean,
  signal: AbortSignal,
): Promise<Applied> {
  const { place } = site;
  const applied = {
    name: place.pendingName,
    basis: before,
    annotations: { [place.attemptMark]: attempt },
    labels: { [OWNER_LABEL.key]: OWNER_LABEL.value },
    type: PENDING_TYPE,
    data,
  };
  // It is ours alone, so that what somebody wrote into it has no owner to respect.
  return applySecret(site, applied, { force: true, dryRun }, signal);
}

/** The target as it is applied: keys of others stay as they are. */
export async function applyTarget(
  site: Site,
  before: SecretObject | undefined,
  attempt: string,
  data: SecretObject["data"],
  dryRun: boolean,
  signal: AbortSignal,
): Promise<Applied> {
  const { label, place } = site;
  const { force } = claim(label, before, place);
  const applied = {
    name: place.name,
    basis: before,
    annotations: { [place.attemptMark]: attempt },
    // It can never change, and left out it would be taken away from what we own.
    type: before?.type ?? typeFor(data),
    data,
  };
  return applySecret(site, applied, { force, dryRun }, signal);
}

export async function stage(
  site: Site,
  { attempt, unfinished }: Pick<Consignment, "attempt" | "unfinished">,
  parts: SecretParts,
  signal: AbortSignal,
): Promise<void> {
  const { label, place } = site;
  const data = dataOf(renderable(place.values, parts, unfinished), parts);
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (currentAttempt(await readSecret(site, place.name, false, signal), place) === attempt) return;
    const before = await readSecret(site, place.pendingName, false, signal);
    checkPending(site, before);
    if ((await applyPending(site, before, attempt, data, false, signal)) === "applied") return;
  }
  throw alwaysChanging(label);
}

/**
 * Moves what is staged into the target, has the pods replaced, and drops the staged Secret last: while it is there,
 * the promotion is not finished, and a repeat goes on where the last one ended.
 */
export async function promote(
  site: Site,
  attempt: string,
  { wait, certificate }: { readonly wait: RolloutWait; readonly certificate: SecretParts | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { label, place } = site;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const target = await readSecret(site, place.name, true, signal);
    if (currentAttempt(target, place) === attempt) return finish(site, attempt, wait, signal);
    const pending = await readSecret(site, place.pendingName, true, signal);
    if (pendingAttempt(pending, place) !== attempt || pending === undefined) {
      throw notStaged(site, attempt, target, pending);
    }
    const data = complete(site, pending.data, certificate);
    if ((await applyTarget(site, target, attempt, data, false, signal)) === "applied") {
      return finish(site, attempt, wait, signal);
    }
  }
  throw alwaysChanging(label);
}

/** Everything after the target has the attempt; whatever fails here is no refusal of the promotion any more. */
async function finish(site: Site, attempt: string, wait: RolloutWait, signal: AbortSignal): Promise<void> {
  try {
    await rollOut(site, attempt, wait, signal);
    await dropPending(site, attempt, signal);
  } catch (error) {
    if (!(error instanceof EffectError) || error.outcome === "unknown") throw error;
    const { code, message, retryable } = error;
    throw new EffectError("unknown", code, message, { ...detailsOf(error), retryable });
  }
}

export async function abort(site: Site, attempt: string, signal: AbortSignal): Promise<void> {
  const { label, place } = site;
  const target = await readSecret(site, place.name, false, signal);
  if (target?.annotations.get(place.attemptMark) === attempt) {
    throw new EffectError("refused", "kubernetes-current", `${label}: it has attempt ${attempt} already`, {
      fix: "look at the rotation with cre status",
      retryable: false,
    });
  }
  await dropPending(site, attempt, signal);
}

/** What the target and its pending Secret say. A promotion that is not finished is still pending. */
export async function held(site: Site, signal: AbortSignal): Promise<Held> {
  const { place } = site;
  const current = currentAttempt(await readSecret(site, place.name, false, signal), place);
  const pending = pendingAttempt(await readSecret(site, place.pendingName, false, signal), place);
  return {
    ...(current === undefined || current === pending ? {} : { current }),
    ...(pending === undefined ? {} : { pending }),
  };
}

async function dropPending(site: Site, attempt: string, signal: AbortSignal): Promise<void> {
  const { label, place } = site;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const pending = await readSecret(site, place.pendingName, false, signal);
    if (pending === undefined || pendingAttempt(pending, place) !== attempt) return;
    if (await deleteSecret(site, pending, signal)) return;
  }
  throw alwaysChanging(label);
}

function pendingAttempt(pending: SecretObject | undefined, place: Place): string | undefined {
  return pending !== undefined && isOurs(pending, place)
    ? pending.annotations.get(place.attemptMark)
    : undefined;
}

function isOurs({ labels, annotations }: SecretObject, { attemptMark }: Place): boolean {
  return labels.get(OWNER_LABEL.key) === OWNER_LABEL.value && annotations.has(attemptMark);
}

/** What is staged, with the keys that a certificate completes; refused while one of them is missing. */
function complete(
  { label, place }: Site,
  staged: SecretObject["data"],
  certificate: SecretParts | undefined,
): SecretObject["data"] {
  const missing = remaining(place.values, staged);
  if (Object.keys(missing).length === 0) return staged;
  if (certificate !== undefined) return new Map([...staged, ...dataOf(missing, certificate)]);
  throw new EffectError("refused", "kubernetes-incomplete", `${label}: what is staged lacks keys`, {
    evidence: Object.keys(missing).join(", "),
    fix: "the document asks for more than was staged: cre rollback, then cre retry",
  });
}

function dataOf(values: Place["values"], parts: SecretParts): SecretObject["data"] {
  try {
    return new Map([...renderValues(values, parts)].map(([key, value]) => [key, base64Value(value)]));
  } catch (error) {
    if (!(error instanceof CreError)) throw error;
    throw new EffectError("refused", error.code, error.message, { ...detailsOf(error), retryable: false });
  }
}

/** Ingress controllers and the like take a certificate only from a Secret of its type. */
function typeFor(data: SecretObject["data"]): string {
  return data.has("tls.crt") && data.has("tls.key") ? "kubernetes.io/tls" : "Opaque";
}

function notStaged(
  { label }: Site,
  attempt: string,
  target: SecretObject | undefined,
  pending: SecretObject | undefined,
): EffectError {
  return new EffectError("refused", "kubernetes-not-staged", `${label}: attempt ${attempt} is not staged`, {
    evidence:
      pending === undefined
        ? `there is no pending Secret${target === undefined ? ", nor the target" : ""}`
        : "the pending Secret has another attempt",
    fix: "somebody removed what was staged: cre rollback, then cre retry",
  });
}

function alwaysChanging(label: string): EffectError {
  return new EffectError(
    "refused",
    "kubernetes-conflict",
    `${label}: somebody else changes the Secret all the time`,
    {
      fix: "find out what writes it; the next run tries again",
    },
  );
}

function detailsOf({ evidence, fix }: CreError): { evidence?: string; fix?: string } {
  return { ...(evidence === undefined ? {} : { evidence }), ...(fix === undefined ? {} : { fix }) };
}
