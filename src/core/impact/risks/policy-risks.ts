import type { Match } from "../../documents/common.ts";
import { POLICY_DEFAULTS, type Policy, type PolicySpec } from "../../documents/policy.ts";
import { durationSeconds } from "../../model/instant.ts";
import { type Difference, differenceText } from "../differences.ts";
import type { Pair } from "../pairs.ts";
import { type RiskDraft, riskAt, specPath } from "./risk-at.ts";

/** Policies that are gone or ask for less. One that asks for more is no risk. */
export function policyRisks(pairs: readonly Pair<Policy>[]): readonly RiskDraft[] {
  return pairs.flatMap(({ before, after }) => {
    if (before === undefined || before === after) return [];
    if (after === undefined) {
      return [riskAt(before, "policy-removed", "the policy is gone: it asks nothing of anybody any more")];
    }
    const looser = loosened(before.document.spec, after.document.spec);
    const path = specPath(looser[0]?.path);
    return looser.length === 0 ? [] : [riskAt(after, "policy-loosened", differenceText(looser), { path })];
  });
}

/** The fields in which a policy asks for less than before. */
function loosened(old: PolicySpec, now: PolicySpec): readonly Difference[] {
  const missing = (old.require ?? []).filter((path) => now.require?.includes(path) !== true);
  return [
    ...grown("rotateWithin", old.rotateWithin, now.rotateWithin, Infinity),
    ...renewal(old.renew, now.renew),
    ...changedIf(stopsRotating(old, now), "enforcement", old.enforcement, now.enforcement ?? "report"),
    ...changedIf(isNarrower(old.match, now.match), "match", old.match, now.match),
    ...(["gracePeriod", "quietPeriod", "soakPeriod"] as const).flatMap((period) =>
      shrunk(period, old[period], now[period], durationSeconds(POLICY_DEFAULTS[period])),
    ),
    ...changedIf(allowsMoreDowntime(old, now), "inPlace", old.inPlace, now.inPlace),
    ...changedIf(isOpened(old, now), "exceptions.allowed", false, now.exceptions?.allowed),
    ...grown("exceptions.maxDuration", longestException(old), longestException(now), 0),
    ...changedIf(missing.length > 0, "require", old.require, now.require),
    ...grown(
      "emergency.confirmWithin",
      old.emergency?.confirmWithin,
      now.emergency?.confirmWithin,
      durationSeconds(POLICY_DEFAULTS.confirmWithin),
    ),
  ];
}

function changedIf(isLooser: boolean, path: string, before: unknown, after: unknown): readonly Difference[] {
  return isLooser ? [{ path, before, after }] : [];
}

type Span = string | undefined;

/** `none`: seconds that hold where nothing is said. */
function grown(path: string, before: Span, after: Span, none: number): readonly Difference[] {
  return changedIf(secondsOr(after, none) > secondsOr(before, none), path, before, after);
}

function shrunk(path: string, before: Span, after: Span, none: number): readonly Difference[] {
  return changedIf(secondsOr(after, none) < secondsOr(before, none), path, before, after);
}

function secondsOr(text: string | undefined, none: number): number {
  return text === undefined ? none : durationSeconds(text);
}

function longestException({ exceptions }: PolicySpec): string {
  return exceptions?.maxDuration ?? POLICY_DEFAULTS.exceptionMaxDuration;
}

function stopsRotating(old: PolicySpec, now: PolicySpec): boolean {
  return old.enforcement === "rotate" && now.enforcement !== "rotate";
}

function isOpened({ exceptions: old }: PolicySpec, { exceptions: now }: PolicySpec): boolean {
  return old?.allowed === false && now?.allowed !== false;
}

function allowsMoreDowntime({ inPlace: old }: PolicySpec, { inPlace: now }: PolicySpec): boolean {
  return now !== undefined && secondsOr(now.allowDowntime, 0) > secondsOr(old?.allowDowntime, -1);
}

/** Of several ends the one nearest to the expiry counts, so that a shorter span, or a new bound, is later. */
function renewal(old: PolicySpec["renew"], now: PolicySpec["renew"]): readonly Difference[] {
  if (old === undefined) return [];
  if (now === undefined) return [{ path: "renew", before: old, after: now }];
  const isLater =
    (now.beforeExpiry !== undefined &&
      durationSeconds(now.beforeExpiry) < secondsOr(old.beforeExpiry, Infinity)) ||
    partOr(now.fractionOfLifetime) < partOr(old.fractionOfLifetime) ||
    (old.ari === true && now.ari !== true);
  return isLater ? [{ path: "renew", before: old, after: now }] : [];
}

function partOr(fraction: string | undefined): number {
  if (fraction === undefined) return Infinity;
  const [part = 1, whole = 1] = fraction.split("/").map(Number);
  return part / whole;
}

/** Conditions are and-ed: a new one, or one with fewer values, leaves credentials out. */
function isNarrower(old: Match | undefined, now: Match | undefined): boolean {
  if (now === undefined) return false;
  const lists = (["types", "services", "names"] as const).some((key) => {
    const [before, after] = [old?.[key], now[key]];
    if (after === undefined) return false;
    const kept: ReadonlySet<string> = new Set(after);
    return before === undefined || before.some((value) => !kept.has(value));
  });
  const labels = Object.entries(now.labels ?? {}).some(([key, value]) => old?.labels?.[key] !== value);
  return lists || labels;
}
