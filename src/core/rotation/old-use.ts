import type { Instant } from "../model/instant.ts";
import type { Held } from "../ports/delivery.ts";
import type { UseEvidence } from "../ports/rotator.ts";

/** What is known about the use of the versions that are to end. `no-facility`: nothing can ever tell. */
export type OldSight =
  /** `at`: its last use, where the provider remembers it; absent: in use now. */
  | { readonly kind: "used"; readonly at?: Instant; readonly detail: string }
  | { readonly kind: "silent"; readonly sampled: boolean; readonly detail: string }
  | { readonly kind: "unknown"; readonly detail: string }
  | { readonly kind: "no-facility" };

/**
 * Sums up the evidence about all ending versions. One that is used, or that a target still names as current, decides;
 * one that nobody could see makes the whole unknown. Silence needs the provider's word.
 */
export function oldSight(
  uses: readonly (UseEvidence | "no-facility")[],
  targets: readonly { readonly label: string; readonly held: Held | "unknown" }[],
  oldAttempts: ReadonlySet<string>,
): OldSight {
  for (const { label, held } of targets) {
    if (held !== "unknown" && held.current !== undefined && oldAttempts.has(held.current)) {
      return { kind: "used", detail: `${label} still names the old version as current` };
    }
  }
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
    return { kind: "used", ...(remembered ? { at: last.at } : {}), detail: last.detail };
  }
  if (blind !== undefined) return { kind: "unknown", detail: blind };
  if (facilities < uses.length) return { kind: "no-facility" };
  return { kind: "silent", sampled, detail: details.join("; ") };
}
