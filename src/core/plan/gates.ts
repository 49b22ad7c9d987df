import type { Credential } from "../documents/credential.ts";
import type { Documents } from "../documents/kinds.ts";
import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { freezeAt } from "../evaluate/freeze.ts";
import { holdOn } from "../evaluate/holds.ts";
import { windowAt } from "../evaluate/window.ts";
import type { Instant } from "../model/instant.ts";
import type { ChangeHold } from "../reviews/change-hold.ts";
import type { Gates } from "../rotation/gate.ts";
import type { StateFacts } from "../state/facts.ts";
import type { EffectivePolicy } from "../state/status.ts";
import type { PlanInput } from "./plan-input.ts";

/** What a changed target, holds, freezes and windows say about one credential at this instant. */
export function gatesFor(
  credential: Credential,
  policy: EffectivePolicy,
  documents: Documents,
  state: StateFacts,
  now: Instant,
  change: ChangeHold | undefined,
): Gates {
  return {
    hold: change ?? holdOn(credential, documents, state, now),
    freeze: freezeAt(documents.settings?.document.spec, now),
    window: policy.window === undefined ? undefined : windowAt(policy.window, now),
  };
}

/** The same of a credential without an open rotation, by its document and policies of today. */
export function gatesOf(
  { source, effective, change }: EvaluatedCredential,
  { documents, state, now }: Pick<PlanInput, "documents" | "state" | "now">,
): Gates {
  return gatesFor(source.document, effective, documents, state, now, change);
}
