import type { Instant } from "../model/instant.ts";
import { secondsBetween } from "../model/instant.ts";
import type { EvaluationResult } from "./evaluation.ts";
import type { Finding } from "./finding.ts";

/** Seconds before its deadline from which on even a rotation that goes well is told. */
const CLOSE = 3 * 86_400;
/** Codes that say that a rotation does not go on by itself. */
const STUCK: ReadonlySet<string> = new Set([
  "rotation-held",
  "rotation-parked",
  "state-behind",
  "adoption-ambiguous",
  "drift",
  "target-changed",
  "certificate-awaited",
]);

/**
 * The findings that people are told of beyond reports, in the order of the evaluation: nothing that is waived, and no
 * due rotation that the runner does by itself as long as nothing keeps it back and more than three days are left.
 */
export function findingsToTell({ findings, credentials, asOf }: EvaluationResult): readonly Finding[] {
  const stuck = new Set(
    findings.flatMap(({ code, credential, waivedBy }) =>
      waivedBy === null && credential !== null && STUCK.has(code) ? [credential] : [],
    ),
  );
  const goesWell = ({ code, credential, facts }: Finding): boolean => {
    if (code !== "rotation-due" || credential === null || stuck.has(credential)) return false;
    if (facts["way"] !== "automatic" && facts["way"] !== "underway") return false;
    const dueAt: Instant | undefined = credentials.get(credential)?.dueAt;
    return dueAt === undefined || secondsBetween(asOf, dueAt) > CLOSE;
  };
  return findings.filter(
    (finding) => finding.waivedBy === null && finding.level !== "none" && !goesWell(finding),
  );
}
