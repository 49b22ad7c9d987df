import type { Credential } from "../documents/credential.ts";
import type { Policy } from "../documents/policy.ts";
import type { Instant } from "../model/instant.ts";
import type { Circumstances } from "./circumstances.ts";
import type { CredentialFacts } from "./credential-facts.ts";
import { dueDateOf } from "./due-date.ts";
import type { EvaluatedCredential, Obligation } from "./evaluation.ts";
import { type JudgedException, waiverOf } from "./exceptions.ts";
import { matches } from "./match.ts";
import { compareKeys, compareText } from "./order.ts";

/** What one policy that matches a credential asks of it. */
export interface Duty {
  readonly policy: Policy;
  readonly obligation: Obligation;
}

/** One duty for each policy that matches, by the policy's name. */
export function dutiesOf(
  credential: Credential,
  facts: CredentialFacts,
  about: readonly JudgedException[],
  { policies, input }: Circumstances,
): readonly Duty[] {
  return policies
    .filter(({ spec }) => matches(spec.match, credential))
    .map((policy) => {
      const due = dueDateOf(policy.spec, facts);
      const obligation: Obligation = {
        policy: policy.metadata.name,
        enforcement: policy.spec.enforcement ?? "report",
        dueAt: due?.dueAt,
        startAt: due?.startAt,
        arithmetic: due?.arithmetic ?? "this policy gives it no date",
        exception: waiverOf(about, { policy: policy.metadata.name }, input.documents).by,
      };
      return { policy, obligation };
    });
}

/** Earliest due first, ties by name; those without a date come last. */
export function byStrictness(a: Obligation, b: Obligation): number {
  return compareKeys([a.dueAt ?? "~", a.policy], [b.dueAt ?? "~", b.policy]);
}

export interface Start {
  readonly due: EvaluatedCredential["rotationDue"];
  readonly excepted: string | undefined;
}

/**
 * Whether some `rotate` policy makes it due now. No rotation starts while every one of those is excepted; a `report`
 * policy starts none, so that its exception changes nothing here.
 */
export function startOf(obligations: readonly Obligation[], now: Instant): Start {
  const due = obligations.filter(
    ({ enforcement, startAt }) => enforcement === "rotate" && startAt !== undefined && startAt <= now,
  );
  const strictest = due.toSorted(byStrictness)[0];
  if (strictest?.dueAt === undefined) return { due: undefined, excepted: undefined };
  const exceptions = due.flatMap(({ exception }) => exception ?? []).toSorted(compareText);
  if (exceptions.length === due.length) return { due: undefined, excepted: exceptions[0] };
  return { due: { policy: strictest.policy, dueAt: strictest.dueAt }, excepted: undefined };
}
