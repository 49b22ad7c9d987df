import { nearest } from "../../text/nearest.ts";
import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import type { SettingsSpec } from "../settings.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { shown } from "./shown.ts";

/** The owning team is known, and labels are those that the settings ask for. */
export function checkOwnership({ documents }: CheckInput): readonly Fault[] {
  const settings = documents.settings?.document.spec;
  if (settings === undefined) return [];
  return [...documents.credentials.values()].flatMap((source) => [
    ...teamFaults(source, settings),
    ...labelFaults(source, settings),
  ]);
}

function teamFaults(source: Sourced<Credential>, { teams }: SettingsSpec): Fault[] {
  const { team } = source.document.spec.owner;
  const known = Object.keys(teams ?? {});
  if (known.length === 0 || known.includes(team)) return [];
  const near = nearest(team, known);
  return [
    {
      source,
      path: ["spec", "owner", "team"],
      code: "team-unknown",
      message: `the team ${shown(team)} is none of \`Settings.teams\``,
      fix:
        near === undefined
          ? `use one of ${known.join(", ")}, or ask the security team to add it`
          : `did you mean \`${near}\`?`,
    },
  ];
}

function labelFaults(source: Sourced<Credential>, { labels }: SettingsSpec): Fault[] {
  const given = source.document.metadata.labels ?? {};
  return Object.entries(labels ?? {}).flatMap(([name, rule]): Fault[] => {
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
    const near = nearest(value, rule.values);
    return [
      {
        source,
        path: ["metadata", "labels", name],
        code: "label-value-unknown",
        message: `the label ${shown(name)} is ${shown(value)}, which is none of ${choice}`,
        fix: near === undefined ? `use one of ${choice}` : `did you mean \`${near}\`?`,
      },
    ];
  });
}
