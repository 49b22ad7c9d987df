import type { Credential } from "../documents/credential.ts";
import type { Documents } from "../documents/kinds.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import type { Finding, Level } from "../evaluate/finding.ts";
import { snoozesAt } from "../evaluate/snoozes.ts";
import { findingsToTell } from "../evaluate/telling.ts";
import type { Instant } from "../model/instant.ts";
import type { StateFacts } from "../state/facts.ts";
import type { Status } from "../state/status.ts";

export type AlertLevel = Exclude<Level, "none">;

/** A finding that people are told of, with what routes and urgency depend on. */
export interface Subject {
  readonly finding: Finding;
  readonly level: AlertLevel;
  /** Of what draws near in stages (14, 7, 1 days): the stage it is in. */
  readonly within: number | undefined;
  /** The registered credential that it is about; undefined: it is about the repository. */
  readonly document: Credential | undefined;
  readonly dueAt: Instant | undefined;
  readonly snoozed: boolean;
  /** Its rotation is under way, which is an answer. */
  readonly underWay: boolean;
}

/** What an open rotation does away with by itself. */
const ENDED_BY_ROTATION: ReadonlySet<string> = new Set([
  "rotation-due",
  "rotation-overdue",
  "past-end",
  "compromised",
]);

/** Everything that is open and told, by fingerprint, in the order of the evaluation. */
export function subjectsOf(
  evaluation: EvaluationResult,
  documents: Documents,
  { statuses }: Pick<StateFacts, "statuses">,
): ReadonlyMap<string, Subject> {
  const isSnoozed = snoozesAt(documents, evaluation.asOf);
  return new Map(
    findingsToTell(evaluation).flatMap((finding) => {
      const subject = subjectOf(finding, evaluation, statuses);
      if (subject === undefined) return [];
      const { level, document } = subject;
      const snoozed = level !== "emergency" && document !== undefined && isSnoozed(document);
      return [[finding.fingerprint, snoozed ? { ...subject, snoozed } : subject]];
    }),
  );
}

/** One finding with what routes and urgency depend on; undefined: it has no level. */
export function subjectOf(
  finding: Finding,
  evaluation: EvaluationResult,
  statuses: StateFacts["statuses"],
): Subject | undefined {
  const { level, credential, code, facts } = finding;
  if (level === "none") return undefined;
  const evaluated = credential === null ? undefined : evaluation.credentials.get(credential);
  const within = facts["within"];
  return {
    finding,
    level,
    within: typeof within === "number" ? within : undefined,
    document: evaluated?.source.document,
    dueAt: evaluated?.dueAt,
    snoozed: false,
    underWay: credential !== null && ENDED_BY_ROTATION.has(code) && isUnderWay(statuses.get(credential)),
  };
}

function isUnderWay(status: Status | undefined): boolean {
  const { rotation } = status ?? {};
  return rotation?.outcome === "open" && rotation.recipe !== "adopt" && rotation.recipe !== "retire";
}

/** How bad something is, or was when it was told. */
export interface Severity {
  readonly level: AlertLevel;
  readonly within?: number | undefined;
}

const RANK: Readonly<Record<AlertLevel, number>> = { emergency: 0, critical: 1, warning: 2 };

/** Whether what is known now is worse than what was told: a higher level, or a nearer stage. */
export function isWorse(now: Severity, told: Severity): boolean {
  if (RANK[now.level] !== RANK[told.level]) return RANK[now.level] < RANK[told.level];
  return now.within !== undefined && told.within !== undefined && now.within < told.within;
}

/** Whether the level is a higher one than it was when it was told, whatever the stage. */
export function hasRisen(told: Pick<Severity, "level">, { level }: Pick<Severity, "level">): boolean {
  return RANK[level] < RANK[told.level];
}

export function compareLevels(a: AlertLevel, b: AlertLevel): number {
  return RANK[a] - RANK[b];
}
