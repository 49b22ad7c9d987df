import type { Held } from "../ports/delivery.ts";
import type { UseEvidence } from "../ports/rotator.ts";

/** What is known about the use of the versions that are to end. `no-facility`: nothing can ever tell. */
export type OldSight =
  | { readonly kind: "used"; readonly detail: string }
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
  let facilities = 0;
  const details: string[] = [];
  for (const use of uses) {
    if (use === "no-facility") continue;
    facilities += 1;
    if (use.kind === "used") return { kind: "used", detail: use.detail };
    if (use.kind === "unknown") blind ??= use.detail;
    if (use.kind === "silent") {
      sampled ||= use.sampled;
      details.push(use.detail);
    }
  }
  if (blind !== undefined) return { kind: "unknown", detail: blind };
  if (facilities < uses.length) return { kind: "no-facility" };
  return { kind: "silent", sampled, detail: details.join("; ") };
}
