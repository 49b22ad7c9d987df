import { evaluateCredential } from "./evaluate-credential.ts";
import type { EvaluatedCredential, EvaluationInput, EvaluationResult } from "./evaluation.ts";
import { judgeExceptions } from "./exceptions.ts";
import type { Finding } from "./finding.ts";
import { compareFindings } from "./make-finding.ts";
import { repositoryFindings } from "./repository-findings.ts";

/**
 * States, due dates, findings and exceptions of everything that is registered, at one instant. Pure: the same inputs
 * give the same result, in the same order. `state` holds records already joined with renamed documents.
 */
export function evaluate(input: EvaluationInput): EvaluationResult {
  const { documents, state, now, commit } = input;
  const exceptions = judgeExceptions(documents, now);
  const credentials = new Map<string, EvaluatedCredential>();
  const findings: Finding[] = [];
  for (const name of [...documents.credentials.keys()].sort()) {
    const source = documents.credentials.get(name);
    if (source === undefined) continue;
    const evaluated = evaluateCredential(source, input, exceptions);
    credentials.set(name, evaluated);
    findings.push(...evaluated.findings);
  }
  findings.push(...repositoryFindings(input, exceptions));
  return { asOf: now, commit, stateCommit: state.commit, credentials, findings: findings.sort(compareFindings) };
}

