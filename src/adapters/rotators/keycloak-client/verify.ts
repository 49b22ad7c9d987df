import { CreError } from "../../../core/model/errors.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { placeOf } from "./place.ts";
import { isSameSecret } from "./secret-text.ts";
import { readClient } from "./sight.ts";
import { comesToWork } from "./sign-in.ts";
import { type Site } from "./site.ts";
import { isLive, refuseUnfit } from "./versions.ts";

/** A cluster's nodes know a new secret one after the other. */
const IN_A_ROW = 2;

/** Signs in with the new secret, and with the former one as well: nobody who still has it may be locked out. */
export async function verifySecret(
  site: Site,
  { handle, parts }: Issued,
  signal: AbortSignal,
): Promise<void> {
  const secret = parts.get("clientSecret");
  if (secret === undefined) throw new Error("a version without its secret");
  const sight = refuseUnfit(site, await readClient(site, false, signal));
  const refusal = await comesToWork(site, sight, secret, IN_A_ROW, signal);
  if (refusal !== undefined) {
    throw new CreError("not-usable", `the new secret ${handle} of ${placeOf(site)} does not sign in`, {
      evidence: refusal.evidence,
      fix: "nothing: it is dropped, and the next run makes another; the old one works as before",
    });
  }
  const { rotated } = sight;
  if (rotated === undefined || rotated.note === "filler" || !isLive(rotated, site.ports.clock.now())) return;
  if (isSameSecret(rotated.secret, secret)) return;
  const lockedOut = await comesToWork(site, sight, rotated.secret, 1, signal);
  if (lockedOut === undefined) return;
  throw new CreError("old-refused", `the former secret of ${placeOf(site)} does not sign in any more`, {
    evidence: lockedOut.evidence,
    fix: "nothing: the new one is dropped and the former is made the current one again; compare the clocks of Keycloak and of this runner, and look whether the feature client-secret-rotation is on at each node",
  });
}
