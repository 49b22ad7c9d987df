import { instantIn } from "../../evaluate/credential-facts.ts";
import type { EvaluatedCredential } from "../../evaluate/evaluation.ts";
import type { JudgedException } from "../../evaluate/exceptions.ts";
import { namesOf } from "../../evaluate/match.ts";
import { addTo, type Instant } from "../../model/instant.ts";
import { reviewsCount } from "../../reviews/guard.ts";
import type { CheckInput } from "../check-input.ts";
import type { Check, Measurement, Tested } from "../check-result.ts";
import { exceptionsInScope, notMeasured } from "../population.ts";

/** Who may do what, and what happens in an emergency. */
export const GOVERNANCE_CHECKS: readonly Check[] = [
  {
    id: "K07",
    name: "compromise_response",
    title: "Compromised versions are dead",
    formula:
      "at an instant: compromises on record of which no version from before still lives / compromises on record that were not withdrawn. In a period: those whose old version was read back as dead in time / compromises reported.",
    not: "detection. At an instant also not how fast it went. For credentials that people rotate, the date they wrote is all there is.",
    source: "documents",
    measure: compromiseResponse,
  },
  {
    id: "K15",
    name: "exception_governance",
    title: "Exceptions in force are justified, approved by others, bounded and compensated",
    formula:
      "exceptions in force that count, with compensating controls and approved before they began where the forge says when / exceptions in force about credentials of the registry",
    not: "that the justification is good, or that the compensating controls exist.",
    source: "documents",
    measure: exceptionGovernance,
  },
  {
    id: "K18",
    name: "segregation_of_duties",
    title: "Changes were approved by somebody else",
    formula:
      "at an instant: exceptions in force that the forge says another person approved / exceptions in force. In a period: changes of policies, exceptions and targets approved by another person / such changes.",
    not: "at an instant, changes of policies. Without a forge nothing: names in git and in documents are what people write.",
    source: "documents",
    measure: segregationOfDuties,
  },
  {
    id: "K19",
    name: "change_path",
    title: "Commits reached the default branch through reviewed changes only",
    formula: "commits of the period that a reviewed change brought / commits of the period",
    not: "changes of the branch protection itself.",
    source: "people",
    measure: () => notMeasured("The forge's protection of the default branch is not recorded."),
  },
];

function compromiseResponse(input: CheckInput): Measurement {
  const { period } = input;
  if (period !== undefined) {
    return {
      tested: period.compromises.map(({ id, reportedAt, revokedAt, within }) => {
        const by = addTo(reportedAt, within);
        const late = revokedAt === undefined || revokedAt > by;
        return { id, why: late ? `the old version was not read back as dead by ${by}` : undefined };
      }),
      evidence: `Compromises reported from ${period.from} to ${period.to}.`,
    };
  }
  const credentials = [...input.evaluation.credentials.values()];
  const byName = new Map(
    credentials.flatMap((one) => namesOf(one.source.document).map((name) => [name, one] as const)),
  );
  const tested: Tested[] = credentials.flatMap((credential) => {
    const { compromised } = credential.source.document.spec;
    if (compromised === undefined) return [];
    return [{ id: `document of ${credential.name}`, why: burns(credential, instantIn(compromised.at)) }];
  });
  const gone: string[] = [];
  for (const { id, credential, at, withdrawn } of input.state.incidents.values()) {
    const about = byName.get(credential);
    if (withdrawn !== undefined) continue;
    if (about === undefined) gone.push(id);
    else tested.push({ id, why: burns(about, at) });
  }
  return {
    tested,
    excluded: [{ reason: "its credential is not in the registry, or not in scope", ids: gone }],
    evidence: `Incidents on record and compromises in documents as of ${input.evaluation.asOf}.`,
  };
}

/** The compromise that burns a credential is the newest one: an older one may be over. */
function burns({ compromise, live, last, source }: EvaluatedCredential, at: Instant): string | undefined {
  if (compromise === undefined) return undefined;
  const byVersions = source.document.spec.method !== "manual" && live.length > 0;
  const alive = byVersions ? live.some(({ createdAt }) => createdAt <= at) : last <= at;
  return alive ? `a version from before ${at} lives` : undefined;
}

function exceptionGovernance(input: CheckInput): Measurement {
  const all = exceptionsInScope(input);
  const ended = all.filter(({ phase }) => phase === "expired").length;
  return {
    tested: all
      .filter(({ phase }) => phase === "running")
      .map((exception) => ({ id: exception.name, why: shortcomingOf(exception) })),
    excluded: [
      { reason: "not in force", ids: all.filter(({ phase }) => phase !== "running").map(({ name }) => name) },
    ],
    evidence: `Exceptions about credentials of the registry as of ${input.evaluation.asOf}; ${ended} that are over still have a document.`,
  };
}

function shortcomingOf({ source, startsAt, review, void: nullity }: JudgedException): string | undefined {
  if (nullity !== undefined) return nullity.reason;
  if (source.document.spec.compensatingControls === undefined) return "no compensating controls are named";
  if (review?.approvedAt === undefined || review.approvedAt <= startsAt) return undefined;
  return `it began ${startsAt}, before its approval ${review.approvedAt}`;
}

function segregationOfDuties(input: CheckInput): Measurement {
  const { period, documents } = input;
  const hasReviews = reviewsCount(documents.settings?.document.spec);
  const isProven = period?.changes.some(({ approval }) => approval !== "none") === true;
  if (period !== undefined && (hasReviews || isProven)) {
    return {
      tested: period.changes.map(({ id, approval }) => ({
        id,
        why: approval === "none" ? "nothing proves that another person approved it" : undefined,
      })),
      evidence: `Changes from ${period.from} to ${period.to}, by reviews of the forge and signed trailers.`,
    };
  }
  if (!hasReviews) {
    return notMeasured(
      "The settings name no forge, and approvals that stand in documents prove nothing by themselves.",
    );
  }
  return {
    tested: exceptionsInScope(input)
      .filter(({ phase }) => phase === "running")
      .map(({ name, review }) => ({
        id: name,
        why:
          review === undefined
            ? "the forge was not yet asked who approved it"
            : review.verdict === "approved"
              ? undefined
              : review.reason,
      })),
    evidence: "Reviews as the forge told them. Changes of policies need the history of a period.",
  };
}
