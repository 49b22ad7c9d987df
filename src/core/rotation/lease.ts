import { addTo, type Instant, secondsBetween } from "../model/instant.ts";
import type { Lease, Rotation, Status } from "../state/status.ts";

/** A lease may be taken over this long after its end: clocks of two machines may differ by half of it. */
const TAKEOVER_DELAY = 120;

/** Longest time an effect may take; an effect starts only while the lease outlives it. */
export const EFFECT_LIMIT_SECONDS = 60;

export type LeaseView = "free" | "ours" | "held";

/** Whose the open rotation is. `isDead` answers for processes of this host only. */
export function leaseView(
  lease: Lease | undefined,
  run: string,
  now: Instant,
  isDead: (holder: string) => boolean,
): LeaseView {
  if (lease === undefined) return "free";
  if (lease.run === run) return "ours";
  if (addTo(lease.until, TAKEOVER_DELAY) <= now) return "free";
  if (lease.holder !== undefined && isDead(lease.holder)) return "free";
  return "held";
}

/** Takes or renews: the epoch grows at every taking and never at a renewal. */
export function holdLease(
  status: Status,
  taker: { run: string; holder: string; seconds: number },
  now: Instant,
): { epoch: number; lease: Lease } {
  const current = status.rotation?.lease;
  const epoch = current?.run === taker.run ? current.epoch : status.epoch + 1;
  return { epoch, lease: { run: taker.run, epoch, until: addTo(now, taker.seconds), holder: taker.holder } };
}

/** Effects begin at most this long after their intent: a process that was stopped in between renews it first. */
const START_WITHIN_SECONDS = 240;

/** An effect may start: its intent is fresh, and the lease is ours and outlives the effect's limit. */
export function mayStartEffect(
  { lease, since }: Pick<Rotation, "lease" | "since">,
  run: string,
  now: Instant,
): boolean {
  const fresh = secondsBetween(since, now) <= START_WITHIN_SECONDS;
  return fresh && lease?.run === run && secondsBetween(now, lease.until) > EFFECT_LIMIT_SECONDS;
}

/** The next call of an effect that has begun may be sent. */
export function mayGoOn({ lease, since }: Pick<Rotation, "lease" | "since">, now: Instant): boolean {
  const longest = START_WITHIN_SECONDS + EFFECT_LIMIT_SECONDS;
  return lease !== undefined && lease.until > now && secondsBetween(since, now) <= longest;
}

/**
 * From then on whatever was sent after an intent has arrived or never will: a request is on its way for no longer
 * than an effect may take. Before, «not there» may still mean «not yet», also when the process that sent it is dead.
 */
export function settledAt(since: Instant): Instant {
  return addTo(since, START_WITHIN_SECONDS + 2 * EFFECT_LIMIT_SECONDS + TAKEOVER_DELAY / 2);
}
