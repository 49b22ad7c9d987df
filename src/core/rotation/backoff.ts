const FIRST_HOUR = 3600;
const LONGEST = 32 * 3600;

/** After so many failures in a row a person must look. */
export const MAX_FAILURES = 7;

/**
 * Seconds until the next try after `failures` failures in a row: 1 h doubling to 32 h, with up to a tenth of jitter
 * taken off (`jitter` in 0..1), so that credentials that failed together do not come back together.
 */
export function backoffSeconds(failures: number, jitter: number): number {
  const full = Math.min(LONGEST, FIRST_HOUR * 2 ** Math.max(0, failures - 1));
  return Math.round(full * (1 - 0.1 * jitter));
}
