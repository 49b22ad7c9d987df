import { addTo, type Instant } from "../model/instant.ts";
import type { Held } from "../ports/delivery.ts";
import type { UseEvidence } from "../ports/rotator.ts";

/** What a look at the consumers and the provider found about the new version. */
export interface NewVersionSight {
  /** Deliveries whose target answers for its consumer. */
  readonly confirming: readonly { readonly label: string; readonly held: Held | "unknown" }[];
  /** What the provider says of the new version's use; `no-facility` where it cannot tell at all. */
  readonly use: UseEvidence | "no-facility";
  /** The provider sees every place that the version has to come to: nothing is proven without its word. */
  readonly providerDecides?: boolean;
}

export type Proof =
  | { readonly confirmed: true; readonly by: "consumer" | "provider" | "none"; readonly detail: string }
  | { readonly confirmed: false; readonly why: string; readonly until: Instant | undefined };

/**
 * Is the new version proven in use? Consumers that can answer decide; where none can, the provider does; where nobody
 * can, the longest time a consumer may stay idle must have passed, and the proof is recorded as `none`.
 */
export function proofOf(
  sight: NewVersionSight,
  attempt: string,
  promotedAt: Instant,
  longestIdleSeconds: number,
  now: Instant,
): Proof {
  if (sight.confirming.length > 0) {
    const missing = sight.confirming.filter(({ held }) => held === "unknown" || held.current !== attempt);
    if (missing.length === 0 && sight.providerDecides !== true) {
      return {
        confirmed: true,
        by: "consumer",
        detail: sight.confirming.map(({ label }) => label).join(", "),
      };
    }
    if (missing.length > 0) {
      const names = missing.map(
        ({ label, held }) => `${label} ${held === "unknown" ? "does not answer" : "uses another version"}`,
      );
      return { confirmed: false, why: names.join("; "), until: undefined };
    }
  }
  if (sight.use === "no-facility") {
    return { confirmed: true, by: "none", detail: "neither the consumers nor the provider can tell" };
  }
  if (sight.use.kind === "used") return { confirmed: true, by: "provider", detail: sight.use.detail };
  if (sight.providerDecides === true) {
    return { confirmed: false, why: `not in use everywhere yet: ${sight.use.detail}`, until: undefined };
  }
  const until = addTo(promotedAt, longestIdleSeconds);
  if (until <= now) {
    return {
      confirmed: true,
      by: "none",
      detail: `no use seen within the longest idle time: ${sight.use.detail}`,
    };
  }
  return { confirmed: false, why: `not seen in use yet: ${sight.use.detail}`, until };
}
