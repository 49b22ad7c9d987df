import type { SightingFact } from "../state/discovery-book.ts";
import { globMatches } from "../text/glob.ts";
import type { JudgedException } from "./exceptions.ts";
import type { FindingCode } from "./finding.ts";

/** Codes about things that nobody registered: an exception names those by handle or place. */
export const SIGHTING_CODES: ReadonlySet<string> = new Set<FindingCode>([
  "unmanaged",
  "shared-credential",
  "discovery-concern",
]);

/** What an exception is asked about. */
interface Sighted {
  readonly handle: string;
  readonly places: readonly string[];
  /** Of a thing of one source. */
  readonly fact?: Pick<SightingFact, "firstSeenAt">;
}

/**
 * The first exception by name that waives a finding about this now. All of its places must be named, or its handle. A
 * pattern covers only what was seen on the day of the exception's start or before: nothing new slips under an old
 * waiver.
 */
export function waiverOfSighting(
  exceptions: readonly JudgedException[],
  code: FindingCode,
  sighted: Sighted,
): string | undefined {
  return exceptions
    .filter((exception) => counts(exception, code) && covers(exception, sighted))
    .map(({ name }) => name)
    .toSorted()[0];
}

function counts({ phase, void: nullity, source }: JudgedException, code: FindingCode): boolean {
  return phase === "running" && nullity === undefined && source.document.spec.finding === code;
}

function covers({ source, startsAt }: JudgedException, { handle, places, fact }: Sighted): boolean {
  const patterns = source.document.spec.match?.sightings ?? [];
  const isOld = fact !== undefined && fact.firstSeenAt.slice(0, 10) <= startsAt.slice(0, 10);
  const usable = patterns.filter((pattern) => isOld || !pattern.includes("*"));
  const isNamed = (text: string): boolean => usable.some((pattern) => globMatches(pattern, text));
  return isNamed(handle) || places.every(isNamed);
}
