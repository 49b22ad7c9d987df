import type { IssueEntry } from "../state/issue-book.ts";
import { markdownText } from "../text/encode/markdown.ts";
import { type FindingIndex, healingText } from "./healing-text.ts";
import type { IssuesInput } from "./issues-input.ts";
import type { IssueView, Step } from "./keep-issue.ts";
import { DASHBOARD, type IssueKey } from "./markers.ts";
import { stillOld } from "./proof-of-handwork.ts";

/** What an issue needs whose finding, or storm, is over: it is closed with a word about what ended it. */
export function closeHealed(
  key: IssueKey,
  view: IssueView,
  input: IssuesInput,
  findings: FindingIndex,
): Step {
  if (key === DASHBOARD) return {};
  const { entry, issue } = view;
  const fingerprint = key.startsWith("finding ") ? key.slice("finding ".length) : undefined;
  if (fingerprint !== undefined && entry !== undefined) {
    const missing = unproven(fingerprint, entry, input, findings);
    const step = missing === undefined ? undefined : holdOpen(key, entry, view, missing);
    if (step !== undefined) return step;
  }
  if (issue?.state !== "open") return entry === undefined ? {} : { note: "drop" };
  const finding = fingerprint === undefined ? undefined : findings.byFingerprint.get(fingerprint);
  const comment =
    fingerprint === undefined
      ? "The storm is over: what is left is told by issues of its own."
      : healingText({ fingerprint, code: entry?.code, credential: entry?.credential }, input, findings);
  const reason = (finding?.waivedBy ?? null) === null ? "completed" : "not-planned";
  return {
    action: {
      kind: "change",
      key,
      number: issue.number,
      comment,
      change: { state: "closed", reason },
      entry: "drop",
    },
  };
}

/** A person says that it is rotated, but what showed the old version shows it still; undefined: nothing is missing. */
function unproven(
  fingerprint: string,
  { before, credential }: IssueEntry,
  { evaluation, state }: IssuesInput,
  { byFingerprint, rotationFindings }: FindingIndex,
): string | undefined {
  if (before === undefined || credential === undefined) return undefined;
  // Not written down yet, waived, or told by another finding: then it is no claim of a rotation.
  if (byFingerprint.has(fingerprint) || rotationFindings.has(credential)) return undefined;
  const evaluated = evaluation.credentials.get(credential);
  if (evaluated === undefined || evaluated.state === "retired") return undefined;
  if (evaluated.source.document.spec.method !== "manual") return undefined;
  return stillOld(before, evaluated, state.statuses.get(credential));
}

/** Says once what is missing, and opens it once again when people close it without that; undefined: they have their way. */
function holdOpen(key: IssueKey, entry: IssueEntry, { issue }: IssueView, missing: string): Step | undefined {
  if (issue === undefined || entry.inDigest === true || entry.refusedAt !== undefined) return undefined;
  const { number: _number, ...facts } = entry;
  const words = `The date is written down, but ${markdownText(missing)}.`;
  const say = { kind: "change", key, number: issue.number } as const;
  if (issue.state === "open") {
    if (entry.unproven !== undefined) return {};
    const comment = `${words} This closes when a new one is seen.`;
    return { action: { ...say, comment, entry: { ...facts, unproven: 1 } } };
  }
  if (entry.unproven === 2) return undefined;
  return {
    action: {
      ...say,
      comment: `${words} Closed once more, it stays closed.`,
      change: { state: "open" },
      entry: { ...facts, unproven: 2 },
    },
  };
}
