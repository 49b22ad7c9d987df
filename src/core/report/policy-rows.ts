import type { Documents } from "../documents/kinds.ts";
import { POLICY_DEFAULTS, type PolicySpec } from "../documents/policy.ts";
import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { compareText } from "../evaluate/order.ts";
import type { ReportModel } from "./report-schema.ts";

type Row = ReportModel["policies"][number];

/** The criteria that credentials were measured by, by name, each with how many of these it applies to. */
export function policyRows({ policies }: Documents, credentials: readonly EvaluatedCredential[]): Row[] {
  const matched = new Map<string, number>();
  for (const { obligations } of credentials) {
    for (const { policy } of obligations) matched.set(policy, (matched.get(policy) ?? 0) + 1);
  }
  return [...policies]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([name, { document, file, line }]) => {
      const { spec } = document;
      return {
        name,
        matches: matchesOf(spec.match),
        interval: intervalOf(spec),
        warnBefore: spec.warnBefore ?? POLICY_DEFAULTS.warnBefore,
        enforcement: spec.enforcement ?? "report",
        exceptions:
          spec.exceptions?.allowed === false
            ? "none"
            : `at most ${spec.exceptions?.maxDuration ?? POLICY_DEFAULTS.exceptionMaxDuration}`,
        basis: spec.basis?.reason ?? null,
        reference: spec.basis?.reference ?? null,
        reviewedAt: spec.basis?.reviewedAt ?? null,
        credentials: matched.get(name) ?? 0,
        file,
        line,
      };
    });
}

function matchesOf(match: PolicySpec["match"]): string {
  if (match === undefined) return "every credential";
  const { labels, ...lists } = match;
  const parts = Object.entries(lists).map(([field, values]) => `${field} ${values.join(", ")}`);
  const labelled = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return [...parts, ...(labelled.length === 0 ? [] : [`labels ${labelled.join(", ")}`])].join("; ");
}

function intervalOf({ rotateWithin, renew }: PolicySpec): string {
  const parts = [
    ...(rotateWithin === undefined ? [] : [`rotate within ${rotateWithin}`]),
    ...(renew?.beforeExpiry === undefined ? [] : [`renew ${renew.beforeExpiry} before expiry`]),
    ...(renew?.fractionOfLifetime === undefined
      ? []
      : [`renew at ${renew.fractionOfLifetime} of the lifetime left`]),
    ...(renew?.ari === true ? ["renew as the CA suggests"] : []),
  ];
  return parts.length === 0 ? "none" : parts.join(", ");
}
