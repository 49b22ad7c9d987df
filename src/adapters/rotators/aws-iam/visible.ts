import { EffectError } from "../../../core/model/errors.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { readUser, type UserSight } from "./keys.ts";
import { placeOf, type Site } from "./site.ts";

/** Looks again after so many seconds each: some 20 seconds in all. */
const PAUSES = [0.2, 0.4, 0.8, 1.6, 3, 5, 9] as const;

/**
 * Waits until what was done shows in IAM's own answers, which lag behind (IAM User Guide, «Changes that I make are not
 * always immediately visible»): whoever looks next would take a key that is gone for one that nobody knows. Resolves with
 * the look that showed it. Rejects with an unknown EffectError when it does not show in time, or when nobody may or can
 * look.
 */
export async function untilVisible(
  site: Site,
  what: string,
  shows: (sight: UserSight) => boolean,
  signal: AbortSignal,
): Promise<UserSight> {
  for (const seconds of [0, ...PAUSES]) {
    if (seconds > 0) await site.ports.pause(seconds, signal);
    if (signal.aborted) break;
    const sight = await look(site, signal);
    if (shows(sight)) return sight;
  }
  throw new EffectError("unknown", "not-visible-yet", `${placeOf(site)} does not show yet that ${what}`, {
    fix: "nothing: the next run asks again",
  });
}

/** What was done is done, whatever becomes of the look at it. */
async function look(site: Site, signal: AbortSignal): Promise<UserSight> {
  try {
    return await readUser(site, signal);
  } catch (error) {
    throw inDoubt(error);
  }
}
