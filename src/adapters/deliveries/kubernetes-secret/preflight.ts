import { EffectError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { SecretObject } from "../../clients/kubernetes/api-object.ts";
import { base64Value } from "./apply-text.ts";
import type { Place } from "./place.ts";
import { checkRollouts } from "./rollout.ts";
import { type Applied, readSecret, type Site, tryDeletion } from "./secrets.ts";
import { applyPending, applyTarget, checkPending } from "./staging.ts";

/** An attempt that never is: only tried, never kept. */
const TRIED = "preflight";
/** Valid for every type of Secret, also for those that must hold JSON. */
const PLACEHOLDER = new Secret("{}");

/**
 * Asks the API itself whether each later effect would be allowed, by trying it without keeping it: rights, field
 * ownership, the type of the Secret and admission policies, for the target, the pending Secret and the workloads.
 */
export async function preflight(site: Site, signal: AbortSignal): Promise<void> {
  const { place } = site;
  const target = await readSecret(site, place.name, true, signal);
  const pending = await readSecret(site, place.pendingName, false, signal);
  checkPending(site, pending);
  const data = placeholders(place);
  expectTried(site, await applyTarget(site, target, TRIED, data, true, signal));
  expectTried(site, await applyPending(site, pending, TRIED, data, true, signal));
  await tryDeletion(site, place.pendingName, signal);
  await checkRollouts(site, signal);
}

function placeholders({ values }: Place): SecretObject["data"] {
  return new Map(Object.keys(values).map((key) => [key, base64Value(PLACEHOLDER)]));
}

function expectTried({ label }: Site, tried: Applied): void {
  if (tried === "applied") return;
  throw new EffectError(
    "refused",
    "kubernetes-conflict",
    `${label}: the Secret is being changed by somebody else`,
    {
      fix: "find out what writes it; the next run tries again",
    },
  );
}
