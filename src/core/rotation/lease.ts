import { addTo, type Instant, secondsBetween } from "../model/instant.ts";
import type { Lease, Status } from "../state/status.ts";

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

/** An effect may start: the lease is ours and outlives the effect's limit. */
export function mayStartEffect(lease: Lease | undefined, run: string, now: Instant): boolean {
  return lease?.run === run && secondsBetween(now, lease.until) > EFFECT_LIMIT_SECONDS;
}
