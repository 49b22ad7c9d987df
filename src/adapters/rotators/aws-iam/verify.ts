import type { STS } from "@aws-sdk/client-sts";
import { CreError } from "../../../core/model/errors.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { optionsAs } from "../../clients/aws/client-options.ts";
import { awsFailure } from "../../clients/aws/failure.ts";
import { isUserArn, placeOf, type Site } from "./site.ts";

/** A new key is known at some of AWS's servers before it is at others. */
const IN_A_ROW = 3;
/** Seconds between two tries; the last one repeats until the time is up. */
const PAUSES = [0.5, 1, 2, 3, 5] as const;
/** Seconds of pauses after which a key is given up. */
const PATIENCE = 45;

/**
 * Signs in with the new key at STS until it has worked three times in a row, and is the user that it should be.
 * GetCallerIdentity needs no permission and no policy can deny it (STS API reference).
 */
export async function verifyKey(site: Site, { handle, parts }: Issued, signal: AbortSignal): Promise<void> {
  const sdk = await import("@aws-sdk/client-sts");
  const identity = {
    accessKeyId: parts.get("accessKeyId")?.reveal() ?? "",
    secretAccessKey: parts.get("secretAccessKey")?.reveal() ?? "",
  };
  // Sent once each: whether it works three times in a row is counted here.
  const sts = new sdk.STS(optionsAs(async () => identity, site.connection, "effect"));
  let waited = 0;
  let inARow = 0;
  let tries = 0;
  try {
    while (inARow < IN_A_ROW) {
      const refusal = await signIn(sts, site, signal);
      inARow = refusal === undefined ? inARow + 1 : 0;
      if (inARow === IN_A_ROW) return;
      const pause = inARow > 0 ? PAUSES[0] : (PAUSES[Math.min(tries, PAUSES.length - 1)] ?? 5);
      tries += 1;
      waited += pause;
      if (refusal !== undefined && (waited > PATIENCE || signal.aborted)) throw notUsable(handle, refusal);
      await site.ports.pause(pause, signal);
      signal.throwIfAborted();
    }
  } finally {
    sts.destroy();
  }
}

/** Undefined: it worked. An answer that names another user is for a person, at once. */
async function signIn(sts: STS, site: Site, signal: AbortSignal): Promise<CreError | undefined> {
  let arn: string;
  try {
    ({ Arn: arn = "" } = await sts.getCallerIdentity({}, { abortSignal: signal }));
  } catch (error) {
    return awsFailure(error, { place: placeOf(site), action: "sts:GetCallerIdentity" });
  }
  if (isUserArn(arn, site.user)) return undefined;
  throw new CreError("verify-stranger", `the new key signs in as ${arn}, and not as ${placeOf(site)}`);
}

function notUsable(handle: string, last: CreError): CreError {
  return new CreError("not-usable", `the new key ${handle} cannot sign in yet`, {
    evidence: last.evidence ?? last.message,
    fix: "nothing: it is dropped, and the next run makes another; the old key works as before",
  });
}
