import type { EvaluationResult } from "../evaluate/evaluation.ts";
import { type Finding, LEVELS } from "../evaluate/finding.ts";
import { findingText } from "../evaluate/message.ts";
import type { ImpactReport } from "./impact-report.ts";

type Row = ImpactReport["findings"]["appeared"][number];

/**
 * Findings that count in one world only, the gravest first: `renamed` says which credential of before is which now, so
 * that a new name alone is no news. One that an exception waives counts in no world; `waivedBy` of a vanished one says
 * what waives it now.
 */
export function findingChanges(
  before: EvaluationResult,
  after: EvaluationResult,
  renamed: ReadonlyMap<string, string>,
): ImpactReport["findings"] {
  const oldKey = (finding: Finding): string => keyOf(finding, renamed);
  const known = new Set(before.findings.filter(counts).map(oldKey));
  const left = new Map(after.findings.map((finding) => [keyOf(finding), finding]));
  const appeared = after.findings.filter((finding) => counts(finding) && !known.has(keyOf(finding)));
  const vanished = before.findings.filter(counts).flatMap((finding) => {
    const now = left.get(oldKey(finding));
    if (now === undefined) return [finding];
    return counts(now) ? [] : [{ ...finding, waivedBy: now.waivedBy }];
  });
  return { appeared: rows(appeared), vanished: rows(vanished) };
}

function counts({ waivedBy }: Finding): boolean {
  return waivedBy === null;
}

function keyOf(
  { code, credential, policy, discriminator }: Finding,
  renamed?: ReadonlyMap<string, string>,
): string {
  const name = credential === null ? null : (renamed?.get(credential) ?? credential);
  return JSON.stringify([code, name, policy, discriminator]);
}

function rows(findings: readonly Finding[]): Row[] {
  return findings
    .toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
    .map((finding) => {
      const { code, level, credential, policy, file, line, fingerprint, waivedBy } = finding;
      const { message, fix } = findingText(finding);
      return { code, level, credential, policy, message, fix, file, line, fingerprint, waivedBy };
    });
}
