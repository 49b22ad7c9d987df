import type { Credential } from "../documents/credential.ts";
import type { Instant } from "../model/instant.ts";
import type { StateFacts } from "../state/facts.ts";
import { type CredentialFacts, instantIn } from "./credential-facts.ts";
import type { EvaluatedCredential } from "./evaluation.ts";
import { namesOf } from "./match.ts";
import { compareKeys } from "./order.ts";

type Compromise = NonNullable<EvaluatedCredential["compromise"]>;

/**
 * The newest compromise that still burns a live version: the document's block, or an incident that was not withdrawn,
 * also one of a former name. Without records of versions (manual ones never have) it burns while the last rotation is
 * not later.
 */
export function burningCompromise(
  credential: Credential,
  facts: CredentialFacts,
  state: StateFacts,
): Compromise | undefined {
  const oldest = facts.observed ? oldestOf(facts.live.map(({ createdAt }) => createdAt)) : facts.last;
  if (oldest === undefined) return undefined;
  const burning = declared(credential, state).filter(({ at }) => oldest <= at);
  const [newest] = burning.toSorted((a, b) => compareKeys([b.at, a.because], [a.at, b.because]));
  return newest && { ...newest, revokeFirst: burning.some(({ revokeFirst }) => revokeFirst) };
}

/** Somebody says that it is compromised, whether a version from before that is alive or not. */
export function isDeclaredCompromised(credential: Credential, state: StateFacts): boolean {
  return declared(credential, state).length > 0;
}

function declared(credential: Credential, state: StateFacts): readonly Compromise[] {
  const { compromised } = credential.spec;
  const found: Compromise[] = [];
  if (compromised !== undefined) {
    const because = `compromised block (${compromised.reportedBy})`;
    found.push({ at: instantIn(compromised.at), because, revokeFirst: false });
  }
  const names = namesOf(credential);
  for (const { id, credential: about, at, revokeFirst, withdrawn } of state.incidents.values()) {
    if (withdrawn !== undefined || !names.includes(about)) continue;
    found.push({ at, because: `incident ${id}`, revokeFirst: revokeFirst === true });
  }
  return found;
}

function oldestOf(instants: readonly Instant[]): Instant | undefined {
  return instants.toSorted()[0];
}
