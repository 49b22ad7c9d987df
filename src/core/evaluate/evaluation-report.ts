import { secondsBetween } from "../model/instant.ts";
import type { EvaluatedCredential, EvaluationResult } from "./evaluation.ts";
import type { Finding } from "./finding.ts";
import { findingText } from "./message.ts";
import type { EvaluationReport } from "./published-schemas.ts";

/**
 * The stable JSON shape of an evaluation. With a selection: only these credentials, their findings and their numbers;
 * findings of the repository as a whole are left out then.
 */
export function evaluationReport(
  result: EvaluationResult,
  selection?: ReadonlySet<string>,
): EvaluationReport {
  const credentials = [...result.credentials.values()].filter(({ name }) => selection?.has(name) ?? true);
  const findings = result.findings.filter(
    ({ credential }) => selection === undefined || (credential !== null && selection.has(credential)),
  );
  return {
    apiVersion: "cre/v1",
    kind: "Evaluation",
    asOf: result.asOf,
    commit: result.commit ?? null,
    stateCommit: result.stateCommit ?? null,
    summary: summarize(credentials),
    credentials: credentials.map((credential) => ({
      name: credential.name,
      type: credential.source.document.spec.type,
      service: credential.source.document.spec.service,
      state: credential.state,
      level: credential.level,
      dueAt: credential.dueAt ?? null,
      daysUntilDue:
        credential.dueAt === undefined
          ? null
          : Math.floor(secondsBetween(result.asOf, credential.dueAt) / 86_400),
      policy: credential.policy ?? null,
      exception: credential.exception ?? null,
    })),
    findings: findings.map(findingRow),
  };
}

function findingRow(finding: Finding): EvaluationReport["findings"][number] {
  const { code, level, credential, policy, file, line, fingerprint, waivedBy } = finding;
  const { message, fix } = findingText(finding);
  return { code, level, credential, policy, message, fix, file, line, fingerprint, waivedBy };
}

/** Numbers of these credentials. Retired ones are outside of the population that compliance is a fraction of. */
export function summarize(credentials: readonly EvaluatedCredential[]): EvaluationReport["summary"] {
  const count = (state: EvaluatedCredential["state"]): number =>
    credentials.filter((credential) => credential.state === state).length;
  const population = credentials.length - count("retired");
  const strict = credentials.filter(({ compliantStrict }) => compliantStrict).length;
  const adjusted = credentials.filter(({ compliantAdjusted }) => compliantAdjusted).length;
  return {
    credentials: credentials.length,
    active: count("active"),
    stale: count("stale"),
    expired: count("expired"),
    compromised: count("compromised"),
    retired: count("retired"),
    waived: adjusted - strict,
    compliance: {
      strict: population === 0 ? null : strict / population,
      adjusted: population === 0 ? null : adjusted / population,
    },
  };
}
