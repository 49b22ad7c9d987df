import { SETTINGS_DEFAULTS } from "../documents/settings.ts";
import { type Finding, LEVELS, type Level } from "../evaluate/finding.ts";
import { compareKeys } from "../evaluate/order.ts";
import { snoozesAt } from "../evaluate/snoozes.ts";
import { findingsToTell } from "../evaluate/telling.ts";
import type { ForgeIssue } from "../ports/forge.ts";
import type { IssuesInput } from "./issues-input.ts";
import { digestKey, type IssueKey } from "./markers.ts";

/** All that one owner is told by one issue, because it is too much for single ones. */
export interface Digest {
  /** A team; empty for what no team owns. */
  readonly owner: string;
  /** Most urgent first. */
  readonly findings: readonly Finding[];
}

/** Which issues there are to be. Every finding that is told is in one of the lists; an emergency may be in two. */
export interface Wanted {
  /** Each has an issue of its own. Most urgent first. */
  readonly singles: readonly Finding[];
  readonly digests: readonly Digest[];
  /** People asked for silence: what there is stays, nothing is made. */
  readonly snoozed: readonly Finding[];
}

/** Findings by what they ask of people, the most urgent first: level, then due date, then name. */
export function byUrgency(evaluation: IssuesInput["evaluation"]): (a: Finding, b: Finding) => number {
  const due = ({ credential }: Finding): string =>
    (credential === null ? undefined : evaluation.credentials.get(credential)?.dueAt) ?? "~";
  return (a, b) =>
    rankOf(b.level) - rankOf(a.level) ||
    compareKeys([due(a), a.credential ?? "", a.fingerprint], [due(b), b.credential ?? "", b.fingerprint]);
}

export function rankOf(level: Level): number {
  return LEVELS.indexOf(level);
}

/** The team that answers for a finding; empty: none does. */
export function ownerOf({ credential }: Finding, { credentials }: IssuesInput["evaluation"]): string {
  return (
    (credential === null ? undefined : credentials.get(credential)?.source.document.spec.owner.team) ?? ""
  );
}

/**
 * An owner with more findings than the limit gets one digest until they are fewer than half of it, so that issues do
 * not come and go around the limit. Emergencies keep issues of their own as long as they are within it.
 */
export function wantedIssues(input: IssuesInput, own: ReadonlyMap<IssueKey, readonly ForgeIssue[]>): Wanted {
  const { evaluation, documents, book, scope } = input;
  const told = findingsToTell(evaluation)
    .filter((finding) => isInScope(finding, scope))
    .toSorted(byUrgency(evaluation));
  if (scope.of === "emergencies") return { singles: told, digests: [], snoozed: [] };
  const isSnoozed = snoozedFinding(input);
  const snoozed = told.filter(isSnoozed);
  const limit = documents.settings?.document.spec.issues?.perOwner ?? SETTINGS_DEFAULTS.issuesPerOwner;
  const singles: Finding[] = [];
  const digests: Digest[] = [];
  const byOwner = Map.groupBy(
    told.filter((finding) => !isSnoozed(finding)),
    (finding) => ownerOf(finding, evaluation),
  );
  for (const [owner, findings] of byOwner) {
    const key = digestKey(owner);
    const isStorm =
      book.issues?.[key] !== undefined || (own.get(key) ?? []).some(({ state }) => state === "open");
    // With documents missing there may be more than there seem to be.
    const isLess = scope.of === "everything" && findings.length * 2 < limit;
    const needsDigest = findings.length > limit || (isStorm && !isLess);
    if (!needsDigest) {
      singles.push(...findings);
      continue;
    }
    digests.push({ owner, findings });
    const emergencies = findings.filter(({ level }) => level === "emergency");
    if (emergencies.length <= limit) singles.push(...emergencies);
  }
  return { singles: singles.toSorted(byUrgency(evaluation)), digests, snoozed };
}

function isInScope(finding: Finding, scope: IssuesInput["scope"]): boolean {
  switch (scope.of) {
    case "everything":
      return true;
    case "valid-documents":
      return rankOf(finding.level) >= rankOf("critical");
    case "emergencies":
      return (
        finding.level === "emergency" &&
        finding.credential !== null &&
        scope.credentials.has(finding.credential)
      );
  }
}

function snoozedFinding({ evaluation, documents }: IssuesInput): (finding: Finding) => boolean {
  const isSnoozed = snoozesAt(documents, evaluation.asOf);
  return ({ level, credential }) => {
    const source = credential === null ? undefined : evaluation.credentials.get(credential)?.source;
    return level !== "emergency" && source !== undefined && isSnoozed(source.document);
  };
}
