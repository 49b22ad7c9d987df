import { circumstancesOf } from "./circumstances.ts";
import { evaluateCredential } from "./evaluate-credential.ts";
import type { EvaluatedCredential, EvaluationInput, EvaluationResult } from "./evaluation.ts";
import type { Finding } from "./finding.ts";
import { compareFindings } from "./findings/make-finding.ts";
import { repositoryFindings } from "./findings/repository-findings.ts";
import { compareText } from "./order.ts";

/**
 * States, due dates, findings and exceptions of everything that is registered, at one instant. Pure: the same inputs
 * give the same result, in the same order, whatever the order of the documents. `state` holds records already joined
 * with renamed documents (`joinRecords`); nothing is joined here. The documents are valid: they passed every check.
 */
export function evaluate(input: EvaluationInput): EvaluationResult {
  const { documents, state, now, commit } = input;
  const circumstances = circumstancesOf(input);
  const credentials = new Map<string, EvaluatedCredential>();
  const findings: Finding[] = [];
  for (const [name, source] of [...documents.credentials].toSorted(([a], [b]) => compareText(a, b))) {
    const evaluated = evaluateCredential(source, circumstances);
    credentials.set(name, evaluated);
    findings.push(...evaluated.findings);
  }
  findings.push(...repositoryFindings(circumstances));
  return {
    asOf: now,
    commit,
    stateCommit: state.commit,
    credentials,
    findings: findings.toSorted(compareFindings),
  };
}
