import { gapSince } from "../../alerts/gap.ts";
import { addTo, parseInstant, secondsBetween } from "../../model/instant.ts";
import { FAILING_RUNS } from "../../state/alert-book.ts";
import type { EvaluationInput } from "../evaluation.ts";
import type { FindingDraft } from "./make-finding.ts";

const DAY = 86_400;
/** Days before its end at which people are told of the runner's token, the last one first. */
const TOKEN_STAGES = [1, 7, 14] as const;
/** How long a time without runs is told after it: long enough for everybody's digest. */
const GAP_IS_TOLD = 2 * DAY;

/** What is wrong with the enforcer itself: the trail says when it ran last, and runs have recorded what they saw. */
export function watchDrafts(input: EvaluationInput): readonly FindingDraft[] {
  return [
    ...lateDrafts(input),
    ...gapDrafts(input),
    ...scheduleDrafts(input),
    ...tokenDrafts(input),
    ...secretDrafts(input),
    ...channelDrafts(input),
  ];
}

/** Silence must mean health. */
function lateDrafts({ documents, state, now }: EvaluationInput): readonly FindingDraft[] {
  const newest = parseInstant(state.auditHead?.time ?? "");
  const gap = gapSince(newest, documents.settings?.document.spec, now);
  if (gap === undefined) return [];
  return [{ code: "enforcer-late", level: "critical", facts: { newest: gap.since, every: gap.every } }];
}

function gapDrafts({ state, now }: EvaluationInput): readonly FindingDraft[] {
  return (state.books?.alerts?.watch?.gaps ?? [])
    .filter(({ until }) => addTo(until, GAP_IS_TOLD) > now)
    .map(({ since, until, every }) => ({
      code: "enforcer-late",
      level: "critical",
      discriminator: since,
      facts: { newest: since, until, every },
    }));
}

function scheduleDrafts({ state }: EvaluationInput): readonly FindingDraft[] {
  return (state.books?.alerts?.watch?.disabled ?? []).map(({ workflow, detail }) => ({
    code: "schedule-disabled",
    level: "critical",
    discriminator: workflow,
    facts: { workflow, detail },
  }));
}

function tokenDrafts({ state, now }: EvaluationInput): readonly FindingDraft[] {
  const endsAt = state.books?.alerts?.watch?.tokenEnds;
  if (endsAt === undefined) return [];
  const seconds = secondsBetween(now, endsAt);
  if (seconds <= 0) {
    return [{ code: "token-ending", level: "critical", facts: { endsAt, ended: 1, within: 0 } }];
  }
  const within = TOKEN_STAGES.find((days) => seconds <= days * DAY);
  if (within === undefined) return [];
  const level = within === 1 ? "critical" : "warning";
  return [{ code: "token-ending", level, facts: { endsAt, days: Math.ceil(seconds / DAY), within } }];
}

function secretDrafts({ state }: EvaluationInput): readonly FindingDraft[] {
  return Object.entries(state.books?.alerts?.watch?.absent ?? {}).flatMap(([zone, secrets]) =>
    secrets.map(
      ({ reference, usedBy }): FindingDraft => ({
        code: "secret-absent",
        level: "critical",
        discriminator: `${zone} ${reference} ${usedBy}`,
        facts: { reference, usedBy, zone },
      }),
    ),
  );
}

function channelDrafts({ state }: EvaluationInput): readonly FindingDraft[] {
  return Object.entries(state.books?.alerts?.failing ?? {})
    .filter(([, { runs }]) => runs >= FAILING_RUNS)
    .map(([destination, { since, reason }]) => ({
      code: "channel-failing",
      level: "critical",
      discriminator: destination,
      facts: { destination, since, reason },
    }));
}
