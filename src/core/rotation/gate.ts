import type { Instant } from "../model/instant.ts";
import type { Rotation, Step } from "../state/status.ts";

/** What keeps forward effects back at this moment, whatever the rotation itself waits for. */
export interface Gates {
  readonly hold:
    | {
        readonly name: string;
        /** undefined: what ends it is no instant. */
        readonly until: Instant | undefined;
        readonly reason: string;
      }
    | undefined;
  readonly freeze: { readonly until: Instant; readonly reason: string } | undefined;
  /** undefined: the policy has no window. */
  readonly window: { readonly open: boolean; readonly nextOpen?: Instant } | undefined;
}

export const NO_GATES: Gates = { hold: undefined, freeze: undefined, window: undefined };

const HELD: ReadonlySet<Step> = new Set([
  "request",
  "issue",
  "apply",
  "stage",
  "push",
  "promote",
  "deactivate",
  "revoke",
  "adopt",
]);
const TIMED: ReadonlySet<Step> = new Set(["apply", "deactivate", "revoke"]);

/**
 * The gate that is shut for this step, as a wait; undefined when the effect may happen. Holds stop forward effects
 * at the next safe place; freeze and window only those that end a version or replace one in place.
 * Aborting, reactivating and containing are never held.
 */
export function shutGate(step: Step, gates: Gates): NonNullable<Rotation["wait"]> | undefined {
  if (gates.hold !== undefined && HELD.has(step)) {
    const { name, until, reason } = gates.hold;
    return { why: "hold", ...(until === undefined ? {} : { until }), detail: `${name}: ${reason}` };
  }
  if (!TIMED.has(step)) return undefined;
  return shutSchedule(gates);
}

/** Freeze and window alone: they also gate the start of a rotation. */
export function shutSchedule(
  gates: Pick<Gates, "freeze" | "window">,
): NonNullable<Rotation["wait"]> | undefined {
  if (gates.freeze !== undefined) {
    return { why: "freeze", until: gates.freeze.until, detail: gates.freeze.reason };
  }
  if (gates.window !== undefined && !gates.window.open) {
    return {
      why: "window",
      ...(gates.window.nextOpen === undefined ? {} : { until: gates.window.nextOpen }),
    };
  }
  return undefined;
}
