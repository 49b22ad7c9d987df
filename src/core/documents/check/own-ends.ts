import { matches } from "../../evaluate/match.ts";
import { durationSeconds } from "../../model/instant.ts";
import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import type { PolicySpec } from "../policy.ts";
import { applyRules } from "./apply-rules.ts";
import type { CheckInput, Fault } from "./fault.ts";

/** What Microsoft Entra gives where nobody says how long a client secret lives. */
const ENTRA_LIFETIME = "180d";

/** A secret that its provider ends by itself is rotated before that, or its consumers are out. */
export function checkOwnEnds(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [lifetimeWarning]);
}

function lifetimeWarning(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  const entra = source.document.spec.provider?.["entra-application"];
  if (entra === undefined) return [];
  const connection = documents.connections.get(entra.connection)?.document.spec.entra;
  const lifetime = entra.lifetime ?? connection?.lifetime ?? ENTRA_LIFETIME;
  const late = [...documents.policies.values()]
    .map(({ document }) => document)
    .filter(({ spec }) => matches(spec.match, source.document));
  if (late.length === 0 || late.some(({ spec }) => isInTime(spec, durationSeconds(lifetime)))) return [];
  const [policy] = late;
  return [
    {
      source,
      path: ["spec", "provider", "entra-application", ...(entra.lifetime === undefined ? [] : ["lifetime"])],
      at: "key",
      code: "ends-before-due",
      message: `new client secrets end after ${lifetime}, before the policy ${policy?.metadata.name} has them replaced`,
      fix: "let them live longer, or add `renew: { beforeExpiry: 30d }` to the policy",
      warning: true,
    },
  ];
}

/** By its age or by its end, whichever is asked for. */
function isInTime({ rotateWithin, renew }: PolicySpec, lifetime: number): boolean {
  const byAge = rotateWithin !== undefined && durationSeconds(rotateWithin) < lifetime;
  const byEnd = renew?.beforeExpiry !== undefined || renew?.fractionOfLifetime !== undefined;
  return byAge || byEnd;
}
