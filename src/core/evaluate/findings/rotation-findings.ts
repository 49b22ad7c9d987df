import { addTo } from "../../model/instant.ts";
import { currentVersion } from "../../rotation/reconcile.ts";
import { isOpen } from "../../rotation/transition.ts";
import type { Rotation } from "../../state/status.ts";
import { reached } from "../credential-state.ts";
import { holdOn } from "../holds.ts";
import { startOf } from "../obligations.ts";
import type { Draft, Examined } from "./examined.ts";
import type { Facts } from "./make-finding.ts";

/** What the record says about the rotation, and what keeps a due one back. */
export function rotationFindings(examined: Examined): readonly Draft[] {
  const { behind, rotation } = examined.status ?? {};
  const found: Draft[] = [...heldBack(examined)];
  if (isOpen(rotation)) {
    if (rotation.parked !== undefined) found.push(parkedFinding(rotation.parked, rotation.step));
    found.push(...oldUse(rotation, examined));
    found.push(...awaited(rotation, examined));
  }
  const missing = currentVersion(examined.status?.versions ?? [])?.missingAt ?? [];
  if (missing.length > 0) {
    found.push({ code: "left-behind", level: "warning", facts: { places: missing.join(", ") } });
  }
  if (behind !== undefined) {
    const { code, message, since } = behind;
    found.push({ code, level: "critical", facts: { reason: message, since } });
  }
  return found;
}

/** Reasons for which a rotation is parked that are findings of their own. */
const OWN_CODES = ["state-behind", "adoption-ambiguous", "drift"] as const;

function parkedFinding(
  { code, message, at, commands }: NonNullable<Rotation["parked"]>,
  step: Rotation["step"],
): Draft {
  return {
    code: OWN_CODES.find((own) => own === code) ?? "rotation-parked",
    level: "critical",
    facts: { reason: message, since: at, step, commands: commands.join(", ") },
  };
}

/**
 * The old version was seen in use and not silent since: not within the grace period, when consumers are still changing
 * over, but at once when it came back to life after its deactivation. Critical from the due date on. A provider that
 * remembers the last use tells with it since when there is silence: then it is a use after the grace period that counts.
 */
function oldUse(rotation: Rotation, { duties, circumstances }: Examined): readonly Draft[] {
  const { promotedAt, confirmedAt, oldUsedOn, silentSince, deactivatedAt, recipe, pinned } = rotation;
  if (recipe === "retire" || recipe === "adopt" || promotedAt === undefined) return [];
  if (oldUsedOn === undefined || deactivatedAt !== undefined) return [];
  const { now } = circumstances.input;
  const late = duties.some(({ obligation }) => reached(obligation.dueAt, now));
  const grace =
    late || confirmedAt === undefined ? promotedAt : addTo(confirmedAt, pinned.policy.gracePeriod);
  if (now < grace) return [];
  const lastUse = rotation.silenceSampled === false && silentSince?.slice(0, 10) === oldUsedOn;
  if (silentSince !== undefined && !(lastUse && silentSince >= grace)) return [];
  const facts = { usedOn: oldUsedOn, promotedAt };
  return [{ code: "old-still-used", level: late ? "critical" : "warning", facts }];
}

/** Only people, or their CA, can go on: a warning at once, critical when the due date has come. */
function awaited({ wait, since, step }: Rotation, { duties, circumstances }: Examined): readonly Draft[] {
  if (step !== "collect" || wait?.why !== "certificate") return [];
  const late = duties.some(({ obligation }) => reached(obligation.dueAt, circumstances.input.now));
  const facts = { since, reason: wait.detail ?? "it is not there yet" };
  return [{ code: "certificate-awaited", level: late ? "critical" : "warning", facts }];
}

/**
 * A changed target, a hold, a freeze or a limit keeps a rotation back; grace, quiet and soak are no finding. A change
 * is told whether a rotation is due or not: people must look at it before then.
 */
function heldBack(examined: Examined): readonly Draft[] {
  const { source, duties, retired, compromise, change, circumstances } = examined;
  if (change !== undefined && !retired) {
    return [{ code: "target-changed", level: "warning", facts: changeFacts(change) }];
  }
  const obligations = duties.map(({ obligation }) => obligation);
  const { due } = startOf(obligations, circumstances.input.now);
  if (due === undefined || retired || compromise !== undefined) return [];
  if (source.document.spec.method !== "automated") return [];
  const facts = whatHolds(examined);
  return facts === undefined ? [] : [{ code: "rotation-held", level: "warning", facts }];
}

function changeFacts({ documents, reason, since, until }: NonNullable<Examined["change"]>): Facts {
  return {
    documents,
    reason,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

function whatHolds({ source, status, circumstances }: Examined): Facts | undefined {
  const { documents, state, now } = circumstances.input;
  const hold = holdOn(source.document, documents, state, now);
  if (hold !== undefined) return { by: "hold", hold: hold.name, until: hold.until, reason: hold.reason };
  const { freeze } = circumstances;
  const rotation = isOpen(status?.rotation) ? status.rotation : undefined;
  const freezable = rotation === undefined || rotation.wait?.why === "freeze";
  if (freeze !== undefined && freezable) return { by: "freeze", until: freeze.until, reason: freeze.reason };
  if (rotation !== undefined) return undefined;
  const limit = circumstances.limitOn(source.document.spec.service);
  return limit === undefined ? undefined : { by: "limit", reason: limit };
}
