import { compromiseOver } from "../evaluate/compromise-over.ts";
import type { Finding } from "../evaluate/finding.ts";
import { markdownCode, markdownText } from "../text/encode/markdown.ts";
import type { IssuesInput } from "./issues-input.ts";
import { dayOf } from "./markdown-parts.ts";
import { ROTATION_CODES } from "./proof-of-handwork.ts";

/** What is known of a finding that is told no more. */
interface Gone {
  readonly fingerprint: string;
  readonly code: string | undefined;
  readonly credential: string | undefined;
}

/** What the comment says with which the issue of a finding is closed: what healed it, or why it is told no more. */
export function healingText(
  { fingerprint, code, credential }: Gone,
  { evaluation, state }: Pick<IssuesInput, "evaluation" | "state">,
  findings: FindingIndex,
): string {
  const finding = findings.byFingerprint.get(fingerprint);
  if (finding !== undefined) {
    if (finding.waivedBy !== null) {
      return `Waived by the exception ${markdownCode(finding.waivedBy)}. This is opened again when it ends.`;
    }
    return "The runner is at it by itself and nothing keeps it back: there is nothing to do for people now.";
  }
  const noMore = `Healed: no longer true on ${dayOf(evaluation.asOf)}.`;
  if (credential === undefined) return noMore;
  if (code === "compromised") return markdownText(compromiseOver(credential, evaluation, state));
  const evaluated = evaluation.credentials.get(credential);
  const name = markdownCode(credential);
  if (evaluated === undefined) return `${name} is no longer registered.`;
  if (evaluated.state === "retired") return `${name} is retired, and nothing of it is alive.`;
  if (code === undefined || !ROTATION_CODES.has(code)) return noMore;
  const successor = findings.rotationFindings.get(credential)?.[0];
  if (successor !== undefined && code.startsWith("rotation-")) {
    return `It is told as ${markdownCode(successor.code)} now, in an issue of its own (${markdownCode(successor.fingerprint)}).`;
  }
  const due = evaluated.dueAt === undefined ? "" : `, and is due on ${dayOf(evaluated.dueAt)}`;
  return `Healed: ${name} was last rotated on ${dayOf(evaluated.last)} (${markdownText(evaluated.lastSource, 200)})${due}.`;
}

/** The findings of an evaluation, as closings look them up. */
export interface FindingIndex {
  readonly byFingerprint: ReadonlyMap<string, Finding>;
  /** Not waived ones that say that a credential has to be rotated, by credential. */
  readonly rotationFindings: ReadonlyMap<string, readonly Finding[]>;
}

export function indexFindings({ findings }: IssuesInput["evaluation"]): FindingIndex {
  const due = findings.filter(
    ({ code, credential, waivedBy }) =>
      credential !== null && waivedBy === null && (code === "rotation-due" || code === "rotation-overdue"),
  );
  return {
    byFingerprint: new Map(findings.map((finding) => [finding.fingerprint, finding])),
    rotationFindings: Map.groupBy(due, ({ credential }) => credential ?? ""),
  };
}
