import { addTo, parseInstant, secondsBetween } from "../../model/instant.ts";
import type { CheckInput } from "../check-input.ts";
import type { Check, Measurement } from "../check-result.ts";
import { HOLDS, notMeasured, testCredentials } from "../population.ts";

const DAY = 86_400;
/** The longest that the reason of a policy may go without a review. */
const REVIEWED_WITHIN = 365;

/** Whether the registry is whole, and each entry says what it must. */
export const INVENTORY_CHECKS: readonly Check[] = [
  {
    id: "K03",
    name: "inventory_completeness",
    title: "What the sources show is registered",
    formula: "registered credentials that discovery saw / all that discovery saw",
    not: "anything in places that no source covers.",
    source: "documents",
    measure: inventoryCompleteness,
  },
  {
    id: "K04",
    name: "discovery_coverage",
    title: "Every declared source was looked at lately",
    formula: "declared sources with a look that succeeded in time / declared sources",
    not: "that all places of the organisation are declared as sources.",
    source: "documents",
    measure: discoveryCoverage,
  },
  {
    id: "K05",
    name: "metadata_completeness",
    title: "Owner, service, purpose of access and environment are declared",
    formula:
      "credentials with declared access, a purpose for each of its entries, the label `environment` and every label that the settings require / credentials that are not retired. Type, service and owner are there by the schema.",
    not: "that what is declared is true, that the owner still works here, or who can really read the value.",
    source: "documents",
    measure: metadataCompleteness,
  },
  {
    id: "K06",
    name: "policy_basis",
    title: "Each credential has a policy that says why its numbers are what they are",
    formula:
      "credentials that match a policy, of which every one has a `basis` with a reason / credentials that are not retired",
    not: "the quality of the reason.",
    source: "documents",
    measure: policyBasis,
  },
  {
    id: "K06R",
    name: "policy_review",
    title: "The analysis behind each policy is named and was reviewed in the last year",
    formula: `credentials whose every matching policy has a \`basis\` with a reference and a review at most ${REVIEWED_WITHIN} days ago / credentials that match a policy`,
    not: "what the analysis says, or that the review was more than a date.",
    source: "documents",
    measure: policyReview,
  },
  {
    id: "K10",
    name: "unused_credentials",
    title: "Credentials are in use",
    formula: "credentials used within the allowed days / credentials whose provider tells of their use",
    not: "that the use was legitimate.",
    source: "documents",
    measure: unusedCredentials,
  },
  {
    id: "K20",
    name: "owner_review",
    title: "Owners confirmed that credentials are still needed",
    formula: "credentials whose owner confirmed them within the interval / credentials that are not retired",
    not: "that the confirmation was thought about.",
    source: "people",
    measure: () => notMeasured("Confirmations of owners are not recorded."),
  },
  {
    id: "K21",
    name: "leaver_rotation",
    title: "What leavers knew was rotated in time",
    formula:
      "credentials that leavers could use and that were rotated in time / credentials that leavers could use",
    not: "accounts and sessions of the leaver.",
    source: "people",
    measure: () => notMeasured("Nobody tells this repository who left and when."),
  },
  {
    id: "K22",
    name: "default_changed",
    title: "Values that a vendor set were changed before use",
    formula: "credentials marked as set by a vendor that were changed before use / credentials so marked",
    not: "that all of them were found.",
    source: "people",
    measure: () => notMeasured("No document says that a value was set by a vendor."),
  },
];

function inventoryCompleteness({ discovery }: CheckInput): Measurement {
  if (discovery === undefined) {
    return notMeasured("No discovery is on record, so nothing says what is unmanaged.");
  }
  const unmanaged = discovery.unmanaged.map((id) => ({ id: `unmanaged ${id}`, why: "nobody registered it" }));
  return {
    tested: [...discovery.matched.map((id) => ({ id, why: undefined })), ...unmanaged],
    evidence: `What ${discovery.sources.length} sources showed in their last look.`,
  };
}

function discoveryCoverage({ discovery, evaluation }: CheckInput): Measurement {
  if (discovery === undefined) {
    return notMeasured("No discovery is on record, so no look at a source is proven.");
  }
  const { asOf } = evaluation;
  return {
    tested: discovery.sources.map(({ name, scannedAt, within }) => {
      if (scannedAt === undefined) return { id: name, why: "no look at it succeeded" };
      const late = addTo(scannedAt, within) < asOf;
      return { id: name, why: late ? `the last look that succeeded was at ${scannedAt}` : undefined };
    }),
    evidence: `Sources that the settings declare, as of ${asOf}.`,
  };
}

function metadataCompleteness(input: CheckInput): Measurement {
  const { labels = {} } = input.documents.settings?.document.spec ?? {};
  const required = Object.keys(labels).filter((label) => labels[label]?.required === true);
  const wanted = [...new Set(["environment", ...required])].toSorted();
  return testCredentials(
    input,
    `Documents of the registry; labels asked for: ${wanted.join(", ")}.`,
    ({ source }) => {
      const { spec, metadata } = source.document;
      const without = (spec.access ?? []).filter(({ purpose }) => purpose === undefined);
      const missing = [
        ...(spec.access === undefined ? ["access is not declared"] : []),
        ...(without.length === 0
          ? []
          : [`no purpose for ${without.length} of ${spec.access?.length} who have access`]),
        ...wanted
          .filter((label) => !Object.hasOwn(metadata.labels ?? {}, label))
          .map((label) => `no label ${label}`),
      ];
      return missing.length === 0 ? HOLDS : { why: missing.join("; ") };
    },
  );
}

function policyBasis(input: CheckInput): Measurement {
  const { policies } = input.documents;
  return testCredentials(input, "Policies that match each credential.", ({ obligations }) => {
    if (obligations.length === 0) return { why: "no policy matches" };
    const bare = obligations.filter(({ policy }) => policies.get(policy)?.document.spec.basis === undefined);
    if (bare.length === 0) return HOLDS;
    return { why: `no basis in ${bare.map(({ policy }) => policy).join(", ")}` };
  });
}

function policyReview(input: CheckInput): Measurement {
  const { asOf } = input.evaluation;
  const verdicts = new Map(
    [...input.documents.policies].map(([name, { document }]) => {
      const { reference, reviewedAt } = document.spec.basis ?? {};
      const reviewed = parseInstant(reviewedAt ?? "");
      if (reference === undefined) return [name, `${name} names no analysis`];
      if (reviewed === undefined || reviewed > asOf) return [name, `${name} has no review`];
      const old = secondsBetween(reviewed, asOf) > REVIEWED_WITHIN * DAY;
      return [name, old ? `${name} was reviewed ${reviewed.slice(0, 10)}` : undefined];
    }),
  );
  return testCredentials(input, `Policies that match each credential, as of ${asOf}.`, ({ obligations }) => {
    if (obligations.length === 0) return { outside: "no policy matches" };
    const wrong = obligations.flatMap(({ policy }) => verdicts.get(policy) ?? []);
    return wrong.length === 0 ? HOLDS : { why: wrong.join("; ") };
  });
}

function unusedCredentials(input: CheckInput): Measurement {
  const { usage, evaluation } = input;
  if (usage === undefined) {
    return notMeasured("The records hold no last use of versions in use, so nothing says what is unused.");
  }
  const evidence = `Last uses as providers tell them; at most ${usage.days} days are allowed.`;
  return testCredentials(input, evidence, ({ name }) => {
    const last = usage.lastUsed.get(name);
    if (last === undefined) return { outside: "its provider tells nothing of its use" };
    return secondsBetween(last, evaluation.asOf) > usage.days * DAY ? { why: `last used ${last}` } : HOLDS;
  });
}
