import { addTo, epochSeconds, type Instant, instantOf } from "../../../core/model/instant.ts";
import { ask, type Site } from "./site.ts";

/** What AWS remembers of a key's use. */
export interface LastUse {
  readonly at: Instant;
  readonly service: string;
  readonly region: string;
}

/**
 * How late AWS may tell of a use, in seconds: «recent activity usually appears within 4 hours» (IAM User Guide, last
 * accessed information). Until then the lack of a use proves nothing.
 */
export const REPORTING_LAG = 4 * 3600;

/** AWS tells the minute of a use: it may have been so many seconds later. */
export const COARSENESS = 59;

/** How long after its making a key's use of STS is our own look whether it works. */
const OWN_LOOK = 600;

/** GetAccessKeyLastUsed; undefined: never used. Rejects with EffectError. */
export async function lastUseOf(
  site: Site,
  keyId: string,
  signal: AbortSignal,
): Promise<LastUse | undefined> {
  const { AccessKeyLastUsed: last } = await ask(
    site,
    "iam:GetAccessKeyLastUsed",
    signal,
    async (iam, options) => iam.getAccessKeyLastUsed({ AccessKeyId: keyId }, options),
  );
  if (last?.LastUsedDate === undefined) return undefined;
  return {
    at: instantOf(Math.floor(last.LastUsedDate.getTime() / 1000)),
    service: last.ServiceName ?? "an unknown service",
    region: last.Region ?? "an unknown region",
  };
}

/** Whether a use can only have been our own look whether the new key works. */
export function isOwnLook(use: LastUse, createdAt: Instant | undefined): boolean {
  if (createdAt === undefined || use.service !== "sts") return false;
  return use.at <= addTo(createdAt, OWN_LOOK) && epochSeconds(use.at) >= epochSeconds(createdAt) - OWN_LOOK;
}

/** For people: when, where and by which service. */
export function useText(use: LastUse | undefined): string {
  return use === undefined ? "never used" : `last used ${use.at} in ${use.region} by ${use.service}`;
}
