import { SETTINGS_DEFAULTS } from "../documents/settings.ts";
import { addTo, durationSeconds, parseInstant, secondsBetween } from "../model/instant.ts";
import { instantIn } from "./credential-facts.ts";
import type { EvaluationInput } from "./evaluation.ts";
import type { JudgedException } from "./exceptions.ts";
import type { Finding } from "./finding.ts";
import { makeFinding } from "./make-finding.ts";

const WARN_DAYS = 14;

/** What is wrong with the repository as a whole: exceptions, records without documents, a schedule that stopped. */
export function repositoryFindings(input: EvaluationInput, exceptions: readonly JudgedException[]): readonly Finding[] {
  return [...exceptionFindings(input, exceptions), ...removed(input), ...late(input)];
}

function exceptionFindings({ now, sha256 }: EvaluationInput, exceptions: readonly JudgedException[]): readonly Finding[] {
  return exceptions.flatMap(({ name, source, phase, void: nullity }): Finding[] => {
    const { spec } = source.document;
    const about = { discriminator: name, source, ...(spec.policy === undefined ? {} : { policy: spec.policy }) };
    const expiresAt = instantIn(spec.expiresAt);
    if (phase === "expired") return [makeFinding({ ...about, code: "exception-expired", level: "warning", facts: { exception: name, expiresAt } }, sha256)];
    if (nullity !== undefined) return [makeFinding({ ...about, code: nullity.code, level: "warning", facts: { exception: name, reason: nullity.reason } }, sha256)];
    const days = Math.ceil(secondsBetween(now, expiresAt) / 86_400);
    if (phase !== "running" || days > WARN_DAYS) return [];
    return [makeFinding({ ...about, code: "exception-expiring", level: "warning", facts: { exception: name, expiresAt, days } }, sha256)];
  });
}

/** A record whose document vanished while versions live on. */
function removed({ documents, state, sha256 }: EvaluationInput): readonly Finding[] {
  return [...state.statuses.values()]
    .filter(({ credential, versions }) => !documents.credentials.has(credential) && versions.some(({ live }) => live))
    .map(({ credential, versions }) =>
      makeFinding({ code: "removed-without-retirement", level: "critical", credential, facts: { live: versions.filter(({ live }) => live).length } }, sha256),
    );
}

/** Silence must mean health: the trail says when a run last happened. */
function late({ documents, state, now, sha256 }: EvaluationInput): readonly Finding[] {
  const newest = parseInstant(state.auditHead?.time ?? "");
  if (newest === undefined) return [];
  const every = documents.settings?.document.spec.schedule?.every ?? SETTINGS_DEFAULTS.every;
  if (addTo(newest, 2 * durationSeconds(every)) >= now) return [];
  return [makeFinding({ code: "enforcer-late", level: "critical", facts: { newest, every } }, sha256)];
}
