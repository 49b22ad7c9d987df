import type { Exception, Hold } from "../../documents/waiver.ts";
import { type Instant, parseInstant } from "../../model/instant.ts";
import { differences, differenceText, isSame } from "../differences.ts";
import type { Pair } from "../pairs.ts";
import { type RiskDraft, riskAt, specPath } from "./risk-at.ts";

/** Fields of an exception that say what is waived, and until when. */
const REACH = ["credentials", "match", "policy", "finding", "startsAt", "expiresAt"] as const;

/** Exceptions that are new, longer or wider than before. */
export function exceptionRisks(pairs: readonly Pair<Exception>[], now: Instant): readonly RiskDraft[] {
  return pairs.flatMap(({ before, after }) => {
    if (after === undefined || before === after) return [];
    const { spec } = after.document;
    const end = parseInstant(spec.expiresAt);
    if (end !== undefined && end <= now) return [];
    if (before === undefined) {
      const about = spec.policy === undefined ? `findings ${spec.finding}` : `the policy ${spec.policy}`;
      const whom =
        spec.credentials === undefined
          ? "whatever its `match` says"
          : spec.credentials.length === 1
            ? (spec.credentials[0] ?? "")
            : `${spec.credentials.length} credentials`;
      const text = `excepts ${whom} from ${about} until ${spec.expiresAt}, once another person has approved it`;
      return [riskAt(after, "exception-added", text)];
    }
    const old = before.document.spec;
    const changed = REACH.flatMap((field) => differences(old[field], spec[field], field)).filter(
      ({ path }) => path !== "expiresAt" || instantOr(spec.expiresAt) > instantOr(old.expiresAt),
    );
    if (changed.length === 0) return [];
    const text = `${differenceText(changed)}, once another person has approved it`;
    return [riskAt(after, "exception-lengthened", text, { path: specPath(changed[0]?.path) })];
  });
}

/** Holds that stop everything: new ones, and those that last longer. */
export function holdRisks(pairs: readonly Pair<Hold>[], now: Instant): readonly RiskDraft[] {
  return pairs.flatMap(({ before, after }) => {
    const spec = after?.document.spec;
    if (after === undefined || spec?.all !== true || instantOr(spec.until) <= now) return [];
    const old = before?.document.spec;
    if (old?.all === true && (isSame(old, spec) || instantOr(spec.until) <= instantOr(old.until))) return [];
    const text = `no rotation of any credential starts or goes on until ${spec.until} (emergencies do): ${spec.reason}`;
    return [riskAt(after, "everything-held", text)];
  });
}

function instantOr(text: string): string {
  return parseInstant(text) ?? text;
}
