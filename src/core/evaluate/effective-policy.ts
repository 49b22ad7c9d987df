import type { CredentialSpec } from "../documents/credential.ts";
import { defaultPeriod, POLICY_DEFAULTS, type Policy } from "../documents/policy.ts";
import { durationSeconds } from "../model/instant.ts";
import type { EffectivePolicy } from "../state/status.ts";
import type { FieldSource } from "./evaluation.ts";

type Span = "gracePeriod" | "quietPeriod" | "soakPeriod";

export interface Merged {
  readonly effective: EffectivePolicy;
  readonly sources: readonly FieldSource[];
}

interface Chosen {
  readonly value: string;
  /** null: the default holds. */
  readonly policy: string | null;
}

/**
 * What several matching policies say together: of grace, quiet and soak the longest, where a policy that is silent says
 * the default; window, in-place and emergency from the strictest `rotate` policy (without one, from the strictest).
 */
export function mergePolicies(strictestFirst: readonly Policy[], credential: CredentialSpec): Merged {
  const rotating = strictestFirst.filter(({ spec }) => spec.enforcement === "rotate");
  const lead = rotating[0] ?? strictestFirst[0];
  const grace = longest("gracePeriod", strictestFirst, defaultPeriod("gracePeriod", credential.type));
  const quiet = longest("quietPeriod", strictestFirst, defaultQuiet(credential));
  const soak = longest("soakPeriod", strictestFirst, defaultPeriod("soakPeriod", credential.type));
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
  const fromLead = (given: unknown): string | null =>
    given === undefined || lead === undefined ? null : lead.metadata.name;
  const enforcer = rotating[0] ?? strictestFirst.find(({ spec }) => spec.enforcement === "report");
  const sources: FieldSource[] = [
    {
      field: "enforcement",
      value: effective.rotate ? "rotate" : "report",
      policy: enforcer?.metadata.name ?? null,
    },
    { field: "gracePeriod", ...grace },
    { field: "quietPeriod", ...quiet },
    { field: "soakPeriod", ...soak },
    {
      field: "window",
      value:
        window === undefined
          ? "any time"
          : `${window.cron} for ${window.duration} (${window.timezone ?? "UTC"})`,
      policy: fromLead(window),
    },
    { field: "emergency.order", value: order, policy: fromLead(emergency?.order) },
    { field: "emergency.confirmWithin", value: confirmWithin, policy: fromLead(emergency?.confirmWithin) },
    { field: "inPlace.allowDowntime", value: inPlace?.allowDowntime ?? "none", policy: fromLead(inPlace) },
  ];
  return { effective, sources };
}

/** The longest that some policy says; of equal ones the strictest policy's. */
function longest(field: Span, policies: readonly Policy[], otherwise: string): Chosen {
  const silent = policies.length === 0 || policies.some(({ spec }) => spec[field] === undefined);
  const candidates: Chosen[] = policies.flatMap(({ spec, metadata }) =>
    spec[field] === undefined ? [] : [{ value: spec[field], policy: metadata.name }],
  );
  if (silent) candidates.push({ value: otherwise, policy: null });
  return candidates.reduce((a, b) => (durationSeconds(b.value) > durationSeconds(a.value) ? b : a));
}

/** That of its type, or the longest that some consumer may go without using the credential. */
function defaultQuiet({ type, deliver }: CredentialSpec): string {
  const idle = (deliver ?? []).flatMap(({ longestIdle }) => longestIdle ?? []);
  return [defaultPeriod("quietPeriod", type), ...idle].reduce((a, b) =>
    durationSeconds(b) > durationSeconds(a) ? b : a,
  );
}
