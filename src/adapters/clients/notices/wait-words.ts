const LONGEST_SECONDS = 7 * 86_400;

/** What a service says about when to come back (`Retry-After`), for people; undefined when it says nothing that we know. */
export function waitWords(retryAfter: string | undefined): string | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}(\.\d{1,6})?$/.test(retryAfter)) {
    const seconds = Math.min(Math.ceil(Number(retryAfter)), LONGEST_SECONDS);
    return `it asks for a pause of ${seconds} s`;
  }
  const until = Date.parse(retryAfter);
  if (!retryAfter.endsWith("GMT") || Number.isNaN(until)) return undefined;
  return `it asks for a pause until ${new Date(until).toISOString().slice(0, 19)}Z`;
}
