import type { Credential } from "../documents/credential.ts";
import type { Instant } from "../model/instant.ts";
import type { StateFacts } from "../state/facts.ts";
import type { CredentialFacts } from "./credential-facts.ts";
import { instantIn } from "./credential-facts.ts";
import type { EvaluatedCredential } from "./evaluation.ts";

/**
 * The newest compromise that still burns a live version: the document's block, or an incident that was not withdrawn.
 * A credential that nobody observes (manual, delegated) burns while its last rotation is not later.
 */
export function burningCompromise(credential: Credential, facts: CredentialFacts, state: StateFacts): EvaluatedCredential["compromise"] {
  const name = credential.metadata.name;
  const names = new Set([name, ...(credential.metadata.formerNames ?? [])]);
  const { compromised } = credential.spec;
  const declared: { at: Instant; because: string; revokeFirst: boolean }[] =
    compromised === undefined ? [] : [{ at: instantIn(compromised.at), because: `compromised block (${compromised.reportedBy})`, revokeFirst: false }];
  for (const incident of state.incidents.values()) {
    if (!names.has(incident.credential) || incident.withdrawn !== undefined) continue;
    declared.push({ at: incident.at, because: `incident ${incident.id}`, revokeFirst: incident.revokeFirst === true });
  }
  const oldest = facts.observed ? facts.live.map(({ createdAt }) => createdAt).sort()[0] : facts.last;
  if (oldest === undefined) return undefined;
  const burning = declared.filter(({ at }) => oldest <= at).sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const [newest] = burning;
  return newest === undefined ? undefined : { ...newest, revokeFirst: burning.some(({ revokeFirst }) => revokeFirst) };
}
