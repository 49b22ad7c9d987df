import type { Credential } from "../credential.ts";
import { COMPLETING_KINDS, deliverKind, PUSH_ONLY_KINDS } from "../deliver.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { shown } from "./shown.ts";

/** Who receives the new secret may use it, and at most one target takes it without staging. */
export function checkDeliveries(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [
    consumerFaults,
    pushFaults,
    completionFaults,
  ]);
}

function consumerFaults(source: Sourced<Credential>): Fault[] {
  const { deliver = [], access = [] } = source.document.spec;
  return deliver.flatMap(({ consumer }, at): Fault[] => {
    if (consumer === undefined || access.some(({ principal }) => principal === consumer)) return [];
    const principals = access.map(({ principal }) => principal);
    return [
      {
        source,
        path: ["spec", "deliver", at, "consumer"],
        code: "consumer-without-access",
        message: `the consumer ${shown(consumer)} is no principal of \`access\``,
        fix: didYouMean(consumer, principals, "add it to `spec.access`: who receives the secret can use it"),
      },
    ];
  });
}

/** A key waits at its targets for days until its certificate comes: not every target can have the two brought one by one. */
function completionFaults(source: Sourced<Credential>): Fault[] {
  const { provider, deliver = [] } = source.document.spec;
  if (provider?.csr === undefined) return [];
  return deliver.map(deliverKind).flatMap((kind, at): Fault[] => {
    if (COMPLETING_KINDS.includes(kind)) return [];
    return [
      {
        source,
        path: ["spec", "deliver", at, kind],
        at: "key",
        code: "cannot-complete",
        message: `${kind} cannot hold a key that waits for its certificate, as the provider csr has it`,
        fix: `deliver to one of ${COMPLETING_KINDS.join(", ")}, and let the others read from there`,
      },
    ];
  });
}

function pushFaults(source: Sourced<Credential>): Fault[] {
  const kinds = (source.document.spec.deliver ?? []).map(deliverKind);
  const pushing = kinds.flatMap((kind, at) => (PUSH_ONLY_KINDS.includes(kind) ? [{ at, kind }] : []));
  const first = pushing[0];
  if (first === undefined) return [];
  return pushing.slice(1).map(({ at, kind }) => ({
    source,
    path: ["spec", "deliver", at, kind],
    at: "key",
    code: "second-push",
    message: `${kind} can only push, and so can ${first.kind} before it: a second push could fail after the first`,
    fix: "keep one delivery that can only push; let the others read from a target that stages",
  }));
}
