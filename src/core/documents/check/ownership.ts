import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { shown } from "./shown.ts";

/** The owning team is known, and labels are those that the settings ask for. */
export function checkOwnership(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [teamFaults, labelFaults]);
}

function teamFaults(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  const { team } = source.document.spec.owner;
  const known = Object.keys(documents.settings?.document.spec.teams ?? {});
  if (known.length === 0 || known.includes(team)) return [];
  return [
    {
      source,
      path: ["spec", "owner", "team"],
      code: "team-unknown",
      message: `the team ${shown(team)} is none of \`Settings.teams\``,
      fix: didYouMean(team, known, `use one of ${known.join(", ")}, or ask the security team to add it`),
    },
  ];
}

function labelFaults(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  const given = source.document.metadata.labels ?? {};
  return Object.entries(documents.settings?.document.spec.labels ?? {}).flatMap(([name, rule]): Fault[] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const choice = rule.values?.join(", ");
    if (value === undefined) {
      if (!rule.required) return [];
      return [
        {
          source,
          path: ["metadata", "labels"],
          at: "key",
          code: "label-missing",
          message: `the label ${shown(name)} is missing`,
          fix: `add it${choice === undefined ? "" : `, with one of ${choice}`}`,
        },
      ];
    }
    if (rule.values === undefined || rule.values.includes(value)) return [];
    return [
      {
        source,
        path: ["metadata", "labels", name],
        code: "label-value-unknown",
        message: `the label ${shown(name)} is ${shown(value)}, which is none of ${choice}`,
        fix: didYouMean(value, rule.values, `use one of ${choice}`),
      },
    ];
  });
}
