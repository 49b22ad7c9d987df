import { durationSeconds } from "../../model/instant.ts";
import { CREDENTIAL_TYPES } from "../common.ts";
import type { Sourced } from "../kinds.ts";
import { defaultPeriod, POLICY_DEFAULTS, type Policy, type PolicySpec } from "../policy.ts";
import { SETTINGS_DEFAULTS } from "../settings.ts";
import { applyRules } from "./apply-rules.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { requirablePaths } from "./requirable-paths.ts";
import { shown } from "./shown.ts";
import { seasonWithoutSlot, windowFaults } from "./windows.ts";

const DAY = 86_400;
const MARGIN = 2 * DAY;

/** Each policy can be kept: its spans fit each other, its window exists, and the fields it requires do. */
export function checkPolicies(input: CheckInput): readonly Fault[] {
  const rules = [spanFaults, requireFaults, windowFaults, leadWarning, slotWarning];
  return applyRules(input.documents.policies.values(), input, rules);
}

function spanFaults(source: Sourced<Policy>): Fault[] {
  const { rotateWithin, renew, emergency } = source.document.spec;
  const faults: Fault[] = [];
  if (rotateWithin !== undefined && durationSeconds(rotateWithin) < DAY) {
    faults.push({
      source,
      path: ["spec", "rotateWithin"],
      code: "rotate-within-too-short",
      message: `\`rotateWithin\` is ${rotateWithin}, less than a day`,
      fix: "use at least 1d",
    });
  }
  const [part, whole] = (renew?.fractionOfLifetime ?? "1/2").split("/").map(Number);
  if (part !== undefined && whole !== undefined && part >= whole) {
    faults.push({
      source,
      path: ["spec", "renew", "fractionOfLifetime"],
      code: "fraction-too-large",
      message: "`fractionOfLifetime` is not below 1: a certificate would be due before it exists",
      fix: "use a part of the lifetime, such as 1/3",
    });
  }
  if (emergency?.confirmWithin !== undefined && durationSeconds(emergency.confirmWithin) === 0) {
    faults.push({
      source,
      path: ["spec", "emergency", "confirmWithin"],
      code: "duration-zero",
      message: "`confirmWithin` is 0",
      fix: "give consumers time, such as 15m; or use `order: revoke-first`",
    });
  }
  return faults;
}

function requireFaults(source: Sourced<Policy>): Fault[] {
  const known = requirablePaths();
  return (source.document.spec.require ?? []).flatMap((field, at): Fault[] => {
    if (known.includes(field)) return [];
    return [
      {
        source,
        path: ["spec", "require", at],
        code: "required-field-unknown",
        message: `${shown(field)} is no field of a credential's \`spec\``,
        fix: didYouMean(field, known, "name a field such as owner.contact"),
      },
    ];
  });
}

/** The rotation starts `warnBefore` ahead of the due date, and must be through by then. */
function leadWarning(source: Sourced<Policy>): Fault[] {
  const { spec } = source.document;
  if (spec.enforcement !== "rotate") return [];
  const lead = durationSeconds(spec.warnBefore ?? POLICY_DEFAULTS.warnBefore);
  const needed = longest(spec, "gracePeriod") + longest(spec, "quietPeriod") + MARGIN;
  if (lead >= needed) return [];
  return [
    {
      source,
      path: spec.warnBefore === undefined ? ["spec"] : ["spec", "warnBefore"],
      at: "key",
      code: "lead-too-short",
      message: `\`warnBefore\` (${inHours(lead)}) is less than gracePeriod + quietPeriod + 48h (${inHours(needed)}): rotations will end after their due date`,
      fix: `set \`warnBefore\` to at least ${Math.ceil(needed / DAY)}d, or shorten the periods`,
      warning: true,
    },
  ];
}

function slotWarning(source: Sourced<Policy>, { documents }: CheckInput): Fault[] {
  const every = documents.settings?.document.spec.schedule?.every ?? SETTINGS_DEFAULTS.every;
  const { window } = source.document.spec;
  if (window === undefined || windowFaults(source).length > 0) return [];
  const season = seasonWithoutSlot(window, durationSeconds(every));
  if (season === undefined) return [];
  return [
    {
      source,
      path: ["spec", "window"],
      at: "key",
      code: "window-without-run",
      message: `the window contains none of the scheduled runs (every ${every} from 00:00 UTC) ${season}: nothing would start in it`,
      fix: `let it stay open for at least ${every}, or move it to where a run is`,
      warning: true,
    },
  ];
}

/** In seconds, over all types of credentials that the policy is for. */
function longest({ match, ...spec }: PolicySpec, field: "gracePeriod" | "quietPeriod"): number {
  const types = match?.types ?? CREDENTIAL_TYPES;
  return Math.max(...types.map((type) => durationSeconds(spec[field] ?? defaultPeriod(field, type))));
}

function inHours(span: number): string {
  return span % DAY === 0 ? `${span / DAY}d` : `${Math.round(span / 360) / 10}h`;
}
