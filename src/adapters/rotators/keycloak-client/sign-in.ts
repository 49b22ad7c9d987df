import { CreError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { serverWords } from "../../clients/http/server-words.ts";
import { authenticatesClient } from "../../clients/oauth/introspection.ts";
import { requestToken } from "../../clients/oauth/token-request.ts";
import { realmUrl } from "./place.ts";
import type { Sight } from "./sight.ts";
import { type Site } from "./site.ts";

/** Seconds before each further try: the nodes of a cluster learn of a change a moment later. */
const PAUSES = [0.5, 1, 2, 4, 8] as const;
/** Seconds that one request may take. */
const PATIENCE = 15;

export type SignIn = { readonly ok: true; readonly expiresIn: number | undefined } | Refusal;

export interface Refusal {
  readonly ok: false;
  /** Keycloak said so, and is not just busy or away. */
  readonly certain: boolean;
  /** In words that hold no secret. */
  readonly evidence: string;
}

/**
 * Signs in as a consumer of the client would: with a request for a token of its own, or, where the client may get none,
 * with the question that any client may ask at the realm's introspection endpoint.
 */
export async function signIn(site: Site, sight: Sight, secret: Secret, signal: AbortSignal): Promise<SignIn> {
  const { realm, clientId } = site.provider;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE * 1000)]);
  const { url, ca } = site;
  if (!sight.serviceAccount) {
    const introspectionUrl = realmUrl(url, realm, "token/introspect");
    const verdict = await authenticatesClient(
      { introspectionUrl, clientId, clientSecret: secret, ca },
      limit,
    );
    if (verdict.accepted) return { ok: true, expiresIn: undefined };
    return { ok: false, certain: isCertain(verdict.status), evidence: verdict.message };
  }
  const tokenUrl = realmUrl(url, realm, "token");
  const answer = await requestToken({ tokenUrl, clientId, clientSecret: secret, ca }, limit);
  if (answer.ok) return { ok: true, expiresIn: answer.expiresIn };
  const { code, message, status } = answer;
  const evidence = serverWords(`${code}: ${message}`, [secret]) ?? "it gave no reason that can be shown";
  return { ok: false, certain: isCertain(status), evidence };
}

/**
 * Signs in with patience: undefined once it has worked `inARow` times, else the last refusal. Rejects when interrupted.
 */
export async function comesToWork(
  site: Site,
  sight: Sight,
  secret: Secret,
  inARow: number,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  let worked = 0;
  let refusals = 0;
  for (;;) {
    if (signal.aborted) throw new CreError("interrupted", "it was interrupted before it had signed in");
    const answer = await signIn(site, sight, secret, signal);
    worked = answer.ok ? worked + 1 : 0;
    if (answer.ok && worked >= inARow) return undefined;
    if (answer.ok) continue;
    const wait = PAUSES[refusals];
    if (wait === undefined) return answer;
    refusals += 1;
    await site.ports.pause(wait, signal);
  }
}

function isCertain(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
