import type { CredentialSpec } from "../documents/credential.ts";
import { POLICY_DEFAULTS, type Policy } from "../documents/policy.ts";
import { durationSeconds } from "../model/instant.ts";
import type { EffectivePolicy } from "../state/status.ts";
import type { FieldSource } from "./evaluation.ts";

type Span = "gracePeriod" | "quietPeriod" | "soakPeriod";

export interface Merged {
  readonly effective: EffectivePolicy;
  readonly sources: readonly FieldSource[];
}

/**
 * What several matching policies say together: of grace, quiet and soak the longest; window, in-place and emergency
 * from the strictest `rotate` policy (else the strictest). `strictestFirst` is sorted that way.
 */
export function mergePolicies(strictestFirst: readonly Policy[], credential: CredentialSpec): Merged {
  const rotating = strictestFirst.filter(({ spec }) => spec.enforcement === "rotate");
  const lead = rotating[0] ?? strictestFirst[0];
  const leadName = lead?.metadata.name ?? null;
  const grace = longest("gracePeriod", strictestFirst, POLICY_DEFAULTS.gracePeriod);
  const quiet = longest("quietPeriod", strictestFirst, defaultQuiet(credential));
  const soak = longest("soakPeriod", strictestFirst, POLICY_DEFAULTS.soakPeriod);
  const { window, emergency, inPlace } = lead?.spec ?? {};
  const order = emergency?.order ?? POLICY_DEFAULTS.emergencyOrder;
  const confirmWithin = emergency?.confirmWithin ?? POLICY_DEFAULTS.confirmWithin;
  const effective: EffectivePolicy = {
    rotate: rotating.length > 0,
    gracePeriod: durationSeconds(grace.value),
    quietPeriod: durationSeconds(quiet.value),
    soakPeriod: durationSeconds(soak.value),
    ...(window === undefined ? {} : { window }),
    emergency: { order, confirmWithin: durationSeconds(confirmWithin) },
    ...(inPlace === undefined ? {} : { allowDowntime: durationSeconds(inPlace.allowDowntime) }),
  };
  const sources: FieldSource[] = [
    { field: "enforcement", value: rotating.length > 0 ? "rotate" : "report", policy: rotating[0]?.metadata.name ?? null },
    { field: "gracePeriod", ...grace },
    { field: "quietPeriod", ...quiet },
    { field: "soakPeriod", ...soak },
    { field: "window", value: window === undefined ? "any time" : `${window.cron} for ${window.duration} (${window.timezone ?? "UTC"})`, policy: window === undefined ? null : leadName },
    { field: "emergency.order", value: order, policy: emergency?.order === undefined ? null : leadName },
    { field: "emergency.confirmWithin", value: confirmWithin, policy: emergency?.confirmWithin === undefined ? null : leadName },
    { field: "inPlace.allowDowntime", value: inPlace?.allowDowntime ?? "none", policy: inPlace === undefined ? null : leadName },
  ];
  return { effective, sources };
}

function longest(field: Span, policies: readonly Policy[], otherwise: string): { readonly value: string; readonly policy: string | null } {
  let found: { value: string; policy: string | null } | undefined;
  for (const { spec, metadata } of policies) {
    const value = spec[field];
    if (value === undefined || (found !== undefined && durationSeconds(found.value) >= durationSeconds(value))) continue;
    found = { value, policy: metadata.name };
  }
  return found ?? { value: otherwise, policy: null };
}

/** 7 days, or the longest that some consumer may go without using the credential. */
function defaultQuiet(credential: CredentialSpec): string {
  const idle = (credential.deliver ?? []).flatMap(({ longestIdle }) => longestIdle ?? []);
  return [POLICY_DEFAULTS.quietPeriod, ...idle].reduce((a, b) => (durationSeconds(b) > durationSeconds(a) ? b : a));
}
