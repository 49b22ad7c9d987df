import { type GithubAnswer, refusal } from "./answer.ts";

/** Of GitHub's pages "Rate limits for the REST API"; `content` is whatever writes. */
const CONTENT_PER_MINUTE = 80;
const CONTENT_PER_HOUR = 500;
const POINTS_PER_MINUTE = 900;
const POINTS_OF_WRITE = 5;
const REQUESTS_PER_HOUR = 5000;

/** The published limits of GitHub, by its own clock. */
export interface RateLimits {
  /** Requests that were refused because of a limit. */
  hits(): number;
  /** Requests that wrote something, from the beginning. */
  writes(): number;
}

export interface CountedLimits extends RateLimits {
  /** Counts a request; what it is answered with when a limit is reached. */
  count(token: string, isWrite: boolean, now: number): GithubAnswer | undefined;
  headers(token: string, now: number): Readonly<Record<string, string>>;
}

interface Counted {
  readonly at: number;
  readonly isWrite: boolean;
}

export function countLimits(): CountedLimits {
  const counted = new Map<string, Counted[]>();
  let hits = 0;
  let writes = 0;
  const recent = (token: string, now: number, seconds: number): readonly Counted[] =>
    (counted.get(token) ?? []).filter(({ at }) => at > now - seconds);
  return {
    hits: () => hits,
    writes: () => writes,
    count: (token, isWrite, now) => {
      const hour = recent(token, now, 3600);
      const minute = hour.filter(({ at }) => at > now - 60);
      const points = minute.length + written(minute) * (POINTS_OF_WRITE - 1);
      const isSecondary =
        points >= POINTS_PER_MINUTE ||
        (isWrite && (written(minute) >= CONTENT_PER_MINUTE || written(hour) >= CONTENT_PER_HOUR));
      if (isSecondary) {
        hits += 1;
        return refusal(403, "You have exceeded a secondary rate limit and have been temporarily blocked.", {
          "retry-after": "60",
        });
      }
      if (hour.length >= REQUESTS_PER_HOUR) {
        hits += 1;
        return refusal(403, "API rate limit exceeded for installation ID 1.");
      }
      if (isWrite) writes += 1;
      counted.set(token, [...hour, { at: now, isWrite }]);
      return undefined;
    },
    headers: (token, now) => {
      const hour = recent(token, now, 3600);
      const used = Math.min(hour.length, REQUESTS_PER_HOUR);
      return {
        "x-ratelimit-limit": String(REQUESTS_PER_HOUR),
        "x-ratelimit-remaining": String(REQUESTS_PER_HOUR - used),
        "x-ratelimit-used": String(used),
        "x-ratelimit-reset": String((hour[0]?.at ?? now) + 3600),
        "x-ratelimit-resource": "core",
      };
    },
  };
}

function written(list: readonly Counted[]): number {
  return list.filter((one) => one.isWrite).length;
}
