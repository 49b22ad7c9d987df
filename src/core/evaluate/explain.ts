import type { Instant } from "../model/instant.ts";
import type { CredentialState, EvaluatedCredential, EvaluationResult, FieldSource } from "./evaluation.ts";
import type { JudgedException } from "./exceptions.ts";
import type { Finding, Level } from "./finding.ts";
import { findingText } from "./message.ts";

export interface ExplainedFact {
  readonly fact: string;
  readonly value: string;
  /** Who says so: a place in a document, or the record. */
  readonly source: string;
}

export interface ExplainedException {
  readonly name: string;
  /** The policy or the code whose findings it is about. */
  readonly about: string;
  readonly startsAt: Instant;
  readonly expiresAt: Instant;
  readonly counts: boolean;
  /** Why it counts or not. */
  readonly why: string;
  readonly place: string;
}

export interface ExplainedFinding {
  readonly code: string;
  readonly level: Level;
  readonly policy: string | null;
  readonly waivedBy: string | null;
  readonly fingerprint: string;
  readonly message: string;
  readonly fix: string;
}

/** Why a credential is in its state, as data. */
export interface Explanation {
  readonly name: string;
  readonly state: CredentialState;
  readonly level: Level;
  readonly dueAt: Instant | null;
  /** The strictest policy, whose dates are the credential's. */
  readonly policy: string | null;
  /** What the sums start from, and who says so. */
  readonly facts: readonly ExplainedFact[];
  readonly obligations: readonly {
    readonly policy: string;
    readonly enforcement: "report" | "rotate";
    readonly startAt: Instant | null;
    readonly dueAt: Instant | null;
    readonly arithmetic: string;
    readonly exception: string | null;
  }[];
  readonly exceptions: readonly ExplainedException[];
  readonly effective: readonly FieldSource[];
  readonly findings: readonly ExplainedFinding[];
}

/** Undefined when nobody has that name. */
export function explainCredential(result: EvaluationResult, name: string): Explanation | undefined {
  const evaluated = result.credentials.get(name);
  if (evaluated === undefined) return undefined;
  return {
    name,
    state: evaluated.state,
    level: evaluated.level,
    dueAt: evaluated.dueAt ?? null,
    policy: evaluated.policy ?? null,
    facts: factsAbout(evaluated),
    obligations: evaluated.obligations.map((obligation) => ({
      policy: obligation.policy,
      enforcement: obligation.enforcement,
      startAt: obligation.startAt ?? null,
      dueAt: obligation.dueAt ?? null,
      arithmetic: obligation.arithmetic,
      exception: obligation.exception ?? null,
    })),
    exceptions: evaluated.exceptions.map(explainException),
    effective: evaluated.effectiveSources,
    findings: evaluated.findings.map(explainFinding),
  };
}

/** A finding by its fingerprint, with its credential if it is about one; undefined when there is none now. */
export function explainFingerprint(
  result: EvaluationResult,
  fingerprint: string,
): { readonly finding: Finding; readonly credential: Explanation | undefined } | undefined {
  const finding = result.findings.find((finding) => finding.fingerprint === fingerprint);
  if (finding === undefined) return undefined;
  const { credential } = finding;
  return { finding, credential: credential === null ? undefined : explainCredential(result, credential) };
}

function factsAbout(evaluated: EvaluatedCredential): readonly ExplainedFact[] {
  const { source, last, lastSource, endsAt, endSource, live, compromise } = evaluated;
  const { spec } = source.document;
  const place = `${source.file}:${source.line}`;
  return [
    { fact: "last", value: last, source: lastSource },
    ...optional("own end", endsAt, endSource ?? place),
    { fact: "createdAt", value: spec.createdAt, source: place },
    ...optional("rotatedAt", spec.rotatedAt, place),
    ...optional("expiresAt", spec.expiresAt, place),
    ...optional("retiredAt", spec.retiredAt, place),
    ...optional("compromised", compromise?.at, compromise?.because ?? place),
    ...live.map(({ handle, createdAt, declared, promoted }) => ({
      fact: `live version ${handle}`,
      value: createdAt,
      source: `record: ${promoted ? "promoted" : "not promoted"}${declared === true ? ", date declared by people" : ""}`,
    })),
  ];
}

/** What an exception is about, and why it counts or not. */
export function explainException(exception: JudgedException): ExplainedException {
  const { name, source, startsAt, expiresAt, phase, void: nullity, review } = exception;
  const { policy, finding } = source.document.spec;
  const phases = {
    future: `from ${startsAt} on`,
    running: `until ${expiresAt}`,
    expired: `ended at ${expiresAt}`,
  };
  return {
    name,
    about: policy === undefined ? `findings ${finding}` : `the policy ${policy}`,
    startsAt,
    expiresAt,
    counts: phase === "running" && nullity === undefined,
    why: nullity?.reason ?? (review === undefined ? phases[phase] : `${phases[phase]}; ${review.reason}`),
    place: `${source.file}:${source.line}`,
  };
}

function explainFinding(finding: Finding): ExplainedFinding {
  const { code, level, policy, waivedBy, fingerprint } = finding;
  return { code, level, policy, waivedBy, fingerprint, ...findingText(finding) };
}

function optional(fact: string, value: string | undefined, source: string): readonly ExplainedFact[] {
  return value === undefined ? [] : [{ fact, value, source }];
}
