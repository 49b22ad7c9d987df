import type { Authorization, Order } from "acme-client";
import { EffectError } from "../../../core/model/errors.ts";
import { type Problem, problemIn, problemText } from "./failure.ts";
import { authorizationsOf } from "./order.ts";
import type { Site } from "./site.ts";

/** Types of problems that no further try can end. */
const FINAL: ReadonlySet<string> = new Set([
  "caa",
  "rejectedIdentifier",
  "unsupportedIdentifier",
  "invalidProfile",
]);

/** Why an order came to nothing, in the CA's words for each name. */
export async function orderProblem(site: Site, order: Order, signal: AbortSignal): Promise<EffectError> {
  // `as`: what the CA says of it, which acme-client's types leave open.
  const own = problemIn((order as { error?: unknown }).error);
  const authorizations = await authorizationsOf(site, order, signal).catch(() => []);
  return challengeProblem(site, authorizations, own, order.status);
}

/** The same for proofs that failed. */
export function challengeProblem(
  { ca, way, provider }: Site,
  authorizations: readonly Authorization[],
  own: Problem | undefined,
  status: string,
): EffectError {
  const failed = authorizations.flatMap((one) => {
    const problem = problemOf(one);
    return problem === undefined ? [] : [{ name: nameOf(one), problem }];
  });
  const each = failed.map(({ name, problem }) => `${name}: ${problemText(problem)}`);
  const types = [...failed.map(({ problem }) => problem.type), own?.type ?? ""];
  const isFinal = types.some((type) => FINAL.has(type));
  const evidence = [...(own === undefined ? [] : [problemText(own)]), ...each].join("; ");
  if (failed.length === 0) {
    return new EffectError("refused", "acme-order-failed", `the order at ${ca.label} is ${status}`, {
      ...(evidence === "" ? {} : { evidence }),
      fix: "nothing: another order is placed",
      retryable: !isFinal,
    });
  }
  const names = failed.map(({ name }) => name).join(", ");
  return new EffectError("refused", "acme-challenge-failed", `${ca.label} does not take ${names} for ours`, {
    evidence,
    fix: way.type === "http-01" ? httpFix(provider.challenge["http-01"]) : DNS_FIX,
    retryable: !isFinal,
  });
}

const DNS_FIX =
  "check that the zone of each name is the one that is changed, and that its name servers answer the public with it";

function httpFix(http: Site["provider"]["challenge"]["http-01"]): string {
  const where =
    http?.listen === undefined ? "the place where the files are put" : `this runner (${http.listen})`;
  return `check that port 80 of each name leads the public to ${where}, without a login in between`;
}

function problemOf({ status, challenges }: Authorization): Problem | undefined {
  if (status === "valid" || status === "pending") return undefined;
  for (const challenge of challenges) {
    // `as`: acme-client's types leave out why a challenge failed.
    const problem = problemIn((challenge as { error?: unknown }).error);
    if (problem !== undefined) return problem;
  }
  return { type: status, detail: "", parts: [] };
}

export function nameOf({ identifier, wildcard }: Authorization): string {
  return wildcard === true ? `*.${identifier.value}` : identifier.value;
}
