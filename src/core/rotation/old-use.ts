import type { Instant } from "../model/instant.ts";
import type { Held } from "../ports/delivery.ts";
import type { UseEvidence } from "../ports/rotator.ts";
import type { Rotation, VersionFact } from "../state/status.ts";

/**
 * What is known about the use of the versions that are to end. `no-facility`: nothing can ever tell. `displaced`: a
 * target does not hold the new version any more, so that its consumers may need the old one, whatever was seen.
 */
export type OldSight =
  /** `at`: its last use, where the provider remembers it; absent: in use now. */
  | { readonly kind: "used"; readonly at?: Instant; readonly displaced?: true; readonly detail: string }
  | { readonly kind: "silent"; readonly sampled: boolean; readonly detail: string }
  | { readonly kind: "unknown"; readonly displaced?: true; readonly detail: string }
  | { readonly kind: "no-facility" };

interface Target {
  readonly label: string;
  readonly held: Held | "unknown";
}

/** Attempts by which targets may name a version. */
export interface NamedAttempts {
  /** Of the versions that are to end. */
  readonly old: ReadonlySet<string>;
  /** Of the one that consumers were told to use. */
  readonly promoted: string | undefined;
}

/** What is retired has no successor, so that its targets name it to the end: that is no use. */
export function namedAttempts(
  { recipe, attempt, promotedAt }: Rotation,
  ending: readonly VersionFact[],
): NamedAttempts {
  const old = ending.flatMap(({ mark }) => (mark === undefined || recipe === "retire" ? [] : [mark.attempt]));
  return { old: new Set(old), promoted: promotedAt === undefined ? undefined : attempt?.id };
}

/**
 * Sums up the evidence about all ending versions. One that is used, or that a target still names as current, decides;
 * one that nobody could see makes the whole unknown, and so does a target that had the new version and holds neither:
 * the value that it had before us has no attempt by which it could be known. Silence needs the provider's word.
 */
export function oldSight(
  uses: readonly (UseEvidence | "no-facility")[],
  targets: readonly Target[],
  attempts: NamedAttempts,
): OldSight {
  for (const { label, held } of targets) {
    if (held !== "unknown" && held.current !== undefined && attempts.old.has(held.current)) {
      return { kind: "used", detail: `${label} still names the old version as current` };
    }
  }
  const { promoted } = attempts;
  const displaced = targets.find(
    ({ held }) => promoted !== undefined && held !== "unknown" && held.current !== promoted,
  );
  const lost = displaced === undefined ? undefined : lostText(displaced);
  let sampled = false;
  let blind: string | undefined;
  let last: Extract<UseEvidence, { kind: "used" }> | undefined;
  let facilities = 0;
  const details: string[] = [];
  for (const use of uses) {
    if (use === "no-facility") continue;
    facilities += 1;
    if (use.kind === "used" && (last === undefined || last.at < use.at)) last = use;
    if (use.kind === "unknown") blind ??= use.detail;
    if (use.kind === "silent") {
      sampled ||= use.sampled;
      details.push(use.detail);
    }
  }
  if (last !== undefined) {
    // One that nobody can see, or whose past nobody remembers, may have been used after that.
    const remembered = blind === undefined && !sampled && facilities === uses.length;
    const at = remembered ? { at: last.at } : {};
    if (lost !== undefined) {
      return { kind: "used", ...at, displaced: true, detail: `${lost}; ${last.detail}` };
    }
    return { kind: "used", ...at, detail: last.detail };
  }
  if (lost !== undefined) return { kind: "unknown", displaced: true, detail: lost };
  if (blind !== undefined) return { kind: "unknown", detail: blind };
  if (facilities < uses.length) return { kind: "no-facility" };
  return { kind: "silent", sampled, detail: details.join("; ") };
}

function lostText({ label, held }: Target): string {
  const isUnclear = held !== "unknown" && held.unclear === true;
  return `${label} does not hold the new version ${isUnclear ? "as it was delivered" : "any more"}`;
}
