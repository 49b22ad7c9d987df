import { CreError } from "../../../core/model/errors.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { requestToken, type TokenRefused } from "../../clients/oauth/token-request.ts";
import { evidenceOf } from "./login.ts";
import { signInVerdict } from "./sign-in-failure.ts";
import { placeOf, type Site } from "./site.ts";

/** A new client secret is known at some of Entra's servers before it is at others. */
const IN_A_ROW = 3;
/** Seconds between two tries; the last one repeats until the time is up. */
const PAUSES = [0.5, 1, 2, 3, 5] as const;
/** Seconds of pauses after which a client secret is given up. */
const PATIENCE = 45;
/** Refusals that can only come from a server that does not know the new client secret yet. */
const NOT_KNOWN_YET = new Set(["login-refused", "login-expired"]);

/** Asks the authority for tokens with the new client secret, as a consumer does, until it got three in a row. */
export async function verifySecret(
  site: Site,
  { handle, parts }: Issued,
  signal: AbortSignal,
): Promise<void> {
  const clientSecret = parts.get("clientSecret");
  if (clientSecret === undefined) throw new CreError("not-usable", `${handle} has no client secret`);
  const request = { tokenUrl: site.tokenUrl, clientId: site.applicationId, clientSecret, scope: site.scope };
  let waited = 0;
  let inARow = 0;
  for (let tries = 0; ; tries += 1) {
    const answer = await requestToken(request, signal);
    inARow = answer.ok ? inARow + 1 : 0;
    if (inARow === IN_A_ROW) return;
    const pause = answer.ok ? PAUSES[0] : pauseAfter(answer, tries);
    waited += pause;
    if (!answer.ok && (waited > PATIENCE || signal.aborted || !signInVerdict(answer).passes)) {
      throw notUsable(site, handle, answer);
    }
    await site.ports.pause(pause, signal);
    signal.throwIfAborted();
  }
}

function pauseAfter({ retryAfter }: TokenRefused, tries: number): number {
  return retryAfter ?? PAUSES[Math.min(tries, PAUSES.length - 1)] ?? 5;
}

function notUsable(site: Site, handle: string, answer: TokenRefused): CreError {
  const { code, says, fix } = signInVerdict(answer);
  const isNew = NOT_KNOWN_YET.has(code);
  return new CreError(
    isNew ? "not-usable" : code,
    isNew
      ? `the new client secret ${handle} of ${placeOf(site)} cannot sign in yet`
      : `${placeOf(site)} ${says}`,
    {
      evidence: evidenceOf(answer),
      fix:
        isNew || fix === undefined
          ? "nothing: it is dropped, and the next run makes another; the old one works as before"
          : fix,
    },
  );
}
