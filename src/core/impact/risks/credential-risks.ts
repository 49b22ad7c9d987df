import type { Credential } from "../../documents/credential.ts";
import { type DeliverEntry, deliverKind } from "../../documents/deliver.ts";
import type { Sourced } from "../../documents/kinds.ts";
import { providerKey } from "../../documents/provider.ts";
import { type Instant, parseInstant } from "../../model/instant.ts";
import { differences, differenceText, isSame, shown } from "../differences.ts";
import type { Pair } from "../pairs.ts";
import { type RiskDraft, riskAt } from "./risk-at.ts";

/** What a change of credentials puts at risk: where secrets come from and go to, and what is forgotten. */
export function credentialRisks(pairs: readonly Pair<Credential>[], now: Instant): readonly RiskDraft[] {
  return pairs.flatMap(({ before, after }) => {
    if (before === undefined) return [];
    if (after === undefined) return isRetired(before, now) ? [] : [removal(before)];
    return [
      ...providerRisk(before, after),
      ...targetRisk(before, after),
      ...compromiseRisk(before, after),
      ...methodRisk(before, after),
    ];
  });
}

/** Whether its document says that it is no longer needed by now. */
export function isRetired({ document }: Sourced<Credential>, now: Instant): boolean {
  const retiredAt = parseInstant(document.spec.retiredAt ?? "");
  return retiredAt !== undefined && retiredAt <= now;
}

function removal(before: Sourced<Credential>): RiskDraft {
  const { compromised } = before.document.spec;
  return riskAt(
    before,
    "removed-without-retirement",
    `its document is gone, but it was never retired: nobody watches it any more${
      compromised === undefined ? "" : ", and it was reported as compromised"
    }; set \`retiredAt\` first, or list it in \`formerNames\` of its successor`,
  );
}

function providerRisk(before: Sourced<Credential>, after: Sourced<Credential>): readonly RiskDraft[] {
  const [old, now] = [before.document.spec.provider, after.document.spec.provider];
  if (isSame(old, now)) return [];
  // A provider that comes or goes is told by its key: its fields are all new, or of no use any more.
  const text =
    old === undefined || now === undefined
      ? `provider: ${old === undefined ? "none" : providerKey(old)} → ${now === undefined ? "none" : providerKey(now)}`
      : differenceText(differences(old, now, "provider"));
  return [riskAt(after, "provider-changed", text, { onHold: true, path: ["spec", "provider"] })];
}

function targetRisk(before: Sourced<Credential>, after: Sourced<Credential>): readonly RiskDraft[] {
  const [old, now] = [targetsOf(before), targetsOf(after)];
  if (isSame(old, now)) return [];
  const gone = old.filter((entry) => !now.some((other) => isSame(entry, other)));
  const added = now.filter((entry) => !old.some((other) => isSame(entry, other)));
  const [from] = gone;
  const [to] = added;
  if (gone.length === 1 && added.length === 1 && from !== undefined && to !== undefined) {
    const [oldKind, newKind] = [deliverKind(from), deliverKind(to)];
    if (oldKind === newKind) {
      const text = differenceText(differences(from[oldKind], to[newKind], `deliver.${oldKind}`));
      return [riskAt(after, "target-changed", text, { onHold: true, path: ["spec", "deliver"] })];
    }
  }
  const texts = [
    ...added.map((entry) => `new target ${targetText(entry)}`),
    ...gone.map((entry) => `no longer to ${targetText(entry)}`),
  ];
  const text = texts.length === 0 ? "the order of its targets changed" : texts.join("; ");
  return [riskAt(after, "target-changed", text, { onHold: true, path: ["spec", "deliver"] })];
}

/** Who reads it there, and how often, changes no target. */
function targetsOf({ document }: Sourced<Credential>): readonly DeliverEntry[] {
  return (document.spec.deliver ?? []).map(({ consumer: _who, longestIdle: _idle, ...target }) => target);
}

function targetText(entry: DeliverEntry): string {
  const kind = deliverKind(entry);
  return `${kind} ${shown(entry[kind])}`;
}

function compromiseRisk(before: Sourced<Credential>, after: Sourced<Credential>): readonly RiskDraft[] {
  const [old, now] = [before.document.spec.compromised, after.document.spec.compromised];
  if (old === undefined || (now !== undefined && instantOr(now.at) >= instantOr(old.at))) return [];
  const text = now === undefined ? "is removed" : `is moved back from ${old.at} to ${now.at}`;
  return [
    riskAt(after, "compromise-removed", `\`compromised\` ${text}: it is history and stays`, {
      path: ["spec", "compromised"],
    }),
  ];
}

function methodRisk(before: Sourced<Credential>, after: Sourced<Credential>): readonly RiskDraft[] {
  const [old, now] = [before.document.spec.method, after.document.spec.method];
  if (old !== "automated" || now === old) return [];
  return [
    riskAt(after, "method-changed", `method: ${old} → ${now}, so that no run rotates it any more`, {
      path: ["spec", "method"],
    }),
  ];
}

function instantOr(text: string): string {
  return parseInstant(text) ?? text;
}
