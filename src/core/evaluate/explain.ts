import type { Instant } from "../model/instant.ts";
import type { CredentialState, EvaluationResult, FieldSource } from "./evaluation.ts";
import type { Level } from "./finding.ts";
import { findingText } from "./message.ts";

/** Why a credential is in its state, as data. */
export interface Explanation {
  readonly name: string;
  readonly state: CredentialState;
  readonly dueAt: Instant | null;
  /** What the sums start from, and who says so. */
  readonly facts: readonly { readonly fact: string; readonly value: string; readonly source: string }[];
  readonly obligations: readonly {
    readonly policy: string;
    readonly enforcement: "report" | "rotate";
    readonly startAt: Instant | null;
    readonly dueAt: Instant | null;
    readonly arithmetic: string;
    readonly exception: string | null;
  }[];
  readonly effective: readonly FieldSource[];
  readonly findings: readonly { readonly code: string; readonly level: Level; readonly waivedBy: string | null; readonly message: string }[];
}

/** Undefined when nobody has that name. */
export function explainCredential(result: EvaluationResult, name: string): Explanation | undefined {
  const evaluated = result.credentials.get(name);
  if (evaluated === undefined) return undefined;
  const { state, dueAt, last, lastSource, compromise, source, obligations, effectiveSources, findings } = evaluated;
  const { spec } = source.document;
  const optional = (fact: string, value: string | undefined, from: string) => (value === undefined ? [] : [{ fact, value, source: from }]);
  return {
    name,
    state,
    dueAt: dueAt ?? null,
    facts: [
      { fact: "last", value: last, source: lastSource },
      { fact: "createdAt", value: spec.createdAt, source: `${source.file}:${source.line}` },
      ...optional("rotatedAt", spec.rotatedAt, `${source.file}:${source.line}`),
      ...optional("expiresAt", spec.expiresAt, `${source.file}:${source.line}`),
      ...optional("retiredAt", spec.retiredAt, `${source.file}:${source.line}`),
      ...optional("compromised", compromise?.at, compromise?.because ?? ""),
    ],
    obligations: obligations.map((obligation) => ({
      policy: obligation.policy,
      enforcement: obligation.enforcement,
      startAt: obligation.startAt ?? null,
      dueAt: obligation.dueAt ?? null,
      arithmetic: obligation.arithmetic,
      exception: obligation.exception ?? null,
    })),
    effective: effectiveSources,
    findings: findings.map((finding) => ({ code: finding.code, level: finding.level, waivedBy: finding.waivedBy, message: findingText(finding).message })),
  };
}
