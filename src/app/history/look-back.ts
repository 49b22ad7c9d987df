import type { ReadSide } from "../../adapters/store/read-side.ts";
import type { AuditEntry } from "../../core/audit/entry.ts";
import type { PeriodFacts } from "../../core/compliance/check-input.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import { POLICY_DEFAULTS } from "../../core/documents/policy.ts";
import { instantIn } from "../../core/evaluate/credential-facts.ts";
import { approvalsIn } from "../../core/history/approvals.ts";
import { dueLedger, type LedgerSum } from "../../core/history/due-ledger.ts";
import type { PeriodInput } from "../../core/history/period-input.ts";
import { type Compromise, type SeenDocuments, seenDocuments } from "../../core/history/seen-documents.ts";
import { type Stories, storiesOf } from "../../core/history/stories.ts";
import { tellPeriod } from "../../core/history/tell-period.ts";
import { CreError } from "../../core/model/errors.ts";
import { addTo, durationSeconds, type Instant } from "../../core/model/instant.ts";
import { type Period, previousPeriod } from "../../core/period/period.ts";
import type { PeriodRows } from "../../core/report/history-schema.ts";
import { reviewsCount } from "../../core/reviews/guard.ts";
import type { Sight } from "../looking/sight.ts";
import { type Pasts, walkPast } from "./walk-past.ts";

/** What is looked back from. */
export interface Viewpoint {
  readonly side: ReadSide;
  /** Documents, records and clock of the instant that is looked back from. */
  readonly sight: Sight;
  /** The whole trail, as far as it can be read. */
  readonly entries: readonly AuditEntry[];
  readonly isMeant: (credential: string) => boolean;
  readonly step: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What happened in a period, with what a reader must know of how far the history reaches. */
export interface PeriodTold {
  readonly rows: PeriodRows;
  readonly facts: PeriodFacts;
  readonly warnings: readonly string[];
}

const DAY = 86_400;
/** A due date may be met as long before it as its policy gives; of certificates as long as they live. */
const LONGEST_LOOK_BACK = 400 * DAY;
/** Seconds within which people are to answer a compromise where no run does it for them. */
const PEOPLE_ANSWER_WITHIN = DAY;

/**
 * Reconstructs what happened in a period from the commits of both branches and the trail. Rejects with a CreError in a
 * clone that lacks older commits.
 */
export async function lookBack(view: Viewpoint, period: Period): Promise<PeriodTold> {
  const { sight, step, signal, side, entries } = view;
  const knownAt = sight.now;
  const pasts = await pastsOf(view);
  const before = previousPeriod(period);
  const since = addTo(before.from, -lookBackOf(sight.documents));
  step(`Reconstructing the period from the history since ${since.slice(0, 10)}.`);
  const ledger = dueLedger(sight.state.incidents);
  const seen = seenDocuments();
  let sumBefore: LedgerSum | undefined;
  let month = since.slice(0, 7);
  for await (const { at, ...change } of walkPast(pasts, since)) {
    signal.throwIfAborted();
    if (at > knownAt) break;
    if (at > period.from) sumBefore ??= ledger.sumAt(period.from);
    if (at.slice(0, 7) !== month) {
      month = at.slice(0, 7);
      step(`Following due dates: ${month}.`);
    }
    ledger.take({ at, ...change });
    if (change.documents !== undefined) seen.take(at, change.documents);
  }
  sumBefore ??= ledger.sumAt(period.from);
  const changes = await pasts.documents.changes(before.from, signal);
  const tell = (
    about: Period,
    instant: Instant,
    dueDates: LedgerSum,
    known: readonly AuditEntry[],
  ): ReturnType<typeof tellPeriod> => {
    const stories = storiesOf(known, sight.documents);
    const facts = { stories, seen, approvals: approvalsIn(known) };
    return tellPeriod({
      period: about,
      knownAt: instant,
      dueDates,
      changes,
      ...aboutPeople(view, about, facts),
    });
  };
  const told = tell(period, knownAt, ledger.sumAt(knownAt), entries);
  const reachesBack = pasts.documents.beginsAt <= before.from;
  const previous = reachesBack
    ? tell(
        before,
        before.to,
        sumBefore,
        entries.filter(({ time }) => time < before.to),
      ).rows
    : undefined;
  return {
    rows: {
      ...told.rows,
      previous:
        previous === undefined ? null : { from: before.from, to: before.to, figures: previous.figures },
    },
    facts: told.facts,
    warnings: warningsOf(period, knownAt, pasts),
  };

  async function pastsOf({ sight: { commit, state } }: Viewpoint): Promise<Pasts> {
    if (commit === undefined) {
      throw new CreError("no-history", "There is no commit yet, so there is no history to tell.", {
        fix: "Commit the documents; a period is told from then on.",
      });
    }
    const found = {
      documents: await side.past(commit),
      records: state.commit === undefined ? undefined : await side.past(state.commit),
    };
    if (found.documents.isCut || found.records?.isCut === true) throw shallow(found);
    return found;
  }
}

function shallow({ documents }: Pasts): CreError {
  const branch = documents.isCut ? "the default branch" : "the state branch";
  return new CreError(
    "shallow",
    `This clone lacks the older commits of ${branch}: no period can be told from it.`,
    {
      evidence: "it is a shallow clone",
      fix: "run: git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*' (in a workflow: fetch-depth: 0)",
    },
  );
}

/** So far before the period begins a rotation may have met one of its due dates. */
function lookBackOf({ policies }: Documents): number {
  const lengths = [...policies.values()].map(({ document: { spec } }) =>
    spec.renew !== undefined || spec.rotateWithin === undefined
      ? LONGEST_LOOK_BACK
      : durationSeconds(spec.rotateWithin),
  );
  return Math.min(LONGEST_LOOK_BACK, Math.max(DAY, ...lengths));
}

interface SeenFacts {
  readonly stories: Stories;
  readonly seen: SeenDocuments;
  readonly approvals: PeriodInput["approvals"];
}

type PeoplesPart = Omit<PeriodInput, "period" | "knownAt" | "dueDates" | "changes">;

/** What people said and did, and by which measure that is judged. */
function aboutPeople(
  { sight, isMeant }: Viewpoint,
  { from, to }: Period,
  { stories, seen, approvals }: SeenFacts,
): PeoplesPart {
  const { documents, evaluation, state } = sight;
  return {
    rotations: stories.rotations,
    compromises: compromisesOf(state.incidents, stories, seen),
    exceptions: seen.exceptionsIn(from, to),
    approvals,
    hasReviews: reviewsCount(documents.settings?.document.spec),
    rotatedByPeople: (name) => {
      const spec = documents.credentials.get(name)?.document.spec;
      return spec?.method !== "manual" || spec.rotatedAt === undefined
        ? undefined
        : instantIn(spec.rotatedAt);
    },
    answerWithin: (name) => {
      const evaluated = evaluation.credentials.get(name);
      if (evaluated?.source.document.spec.method !== "automated") return PEOPLE_ANSWER_WITHIN;
      // Half of it for the proof that the new version is used, half to end the old ones everywhere.
      const { confirmWithin } = evaluated.effective.emergency;
      return 2 * (confirmWithin ?? durationSeconds(POLICY_DEFAULTS.confirmWithin));
    },
    isMeant,
  };
}

/** By command and in documents; what a pull request writes down of an incident is the same compromise. */
function compromisesOf(
  incidents: Sight["state"]["incidents"],
  stories: Stories,
  seen: SeenDocuments,
): readonly Compromise[] {
  const commanded = [...incidents.values()]
    .filter(({ withdrawn }) => withdrawn === undefined)
    .map(({ id, credential, at, by, reason }) => ({
      id,
      credential: stories.incidents.get(id) ?? credential,
      at,
      by,
      reason,
    }));
  const known = new Set(commanded.map(({ credential, at }) => `${credential} ${at}`));
  const written = seen.compromises().filter(({ credential, at }) => !known.has(`${credential} ${at}`));
  return [...commanded, ...written];
}

function warningsOf({ words, from, to }: Period, knownAt: Instant, { documents, records }: Pasts): string[] {
  const warnings: string[] = [];
  if (knownAt < to) warnings.push(`The period ${words} had not ended: it is told up to ${knownAt}.`);
  if (documents.beginsAt > from) {
    warnings.push(
      `The history of the documents begins ${documents.beginsAt}, after the beginning of the period: of the time before nothing is told.`,
    );
  }
  if (records !== undefined && records.beginsAt > from) {
    warnings.push(
      `The records of runs begin ${records.beginsAt}, after the beginning of the period: of the time before only documents are told.`,
    );
  }
  return warnings;
}
