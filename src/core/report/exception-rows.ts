import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import type { JudgedException } from "../evaluate/exceptions.ts";
import { explainException } from "../evaluate/explain.ts";
import type { Finding } from "../evaluate/finding.ts";
import { compareText } from "../evaluate/order.ts";
import type { ReportModel } from "./report-schema.ts";

type Row = ReportModel["exceptions"][number];

/**
 * The exceptions register, by name: what each is about, what it covers and waives, whether it counts and why, and who
 * approved it. `onlyCovering` leaves out those that cover none of these credentials; `others` are findings of no credential.
 */
export function exceptionRows(
  judged: readonly JudgedException[],
  credentials: readonly EvaluatedCredential[],
  onlyCovering: boolean,
  others: readonly Finding[],
): Row[] {
  const covers = new Map<string, number>();
  const waives = new Map<string, number>();
  for (const { exceptions, findings } of credentials) {
    for (const { name } of exceptions) increase(covers, name);
    for (const { waivedBy } of findings) if (waivedBy !== null) increase(waives, waivedBy);
  }
  // What nobody registered has no credential: each of its findings is one thing that is covered.
  for (const { credential, waivedBy } of others) {
    if (credential !== null || waivedBy === null) continue;
    increase(covers, waivedBy);
    increase(waives, waivedBy);
  }
  return judged
    .filter(({ name }) => !onlyCovering || covers.has(name))
    .toSorted((a, b) => compareText(a.name, b.name))
    .map((exception) => rowOf(exception, covers.get(exception.name) ?? 0, waives.get(exception.name) ?? 0));
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function rowOf(exception: JudgedException, covers: number, waives: number): Row {
  const { name, source, startsAt, expiresAt, phase, review } = exception;
  const { spec } = source.document;
  const { about, counts, why } = explainException(exception);
  return {
    name,
    about,
    covers,
    waives,
    startsAt,
    expiresAt,
    phase,
    counts,
    why,
    requestedBy: spec.requestedBy,
    declaredApprover: spec.approvedBy ?? null,
    verdict: review?.verdict ?? null,
    approvers: [...(review?.approvers ?? [])],
    approvedAt: review?.approvedAt ?? null,
    change: review?.change?.url ?? null,
    justification: spec.justification,
    compensatingControls: spec.compensatingControls ?? null,
    file: source.file,
    line: source.line,
  };
}
