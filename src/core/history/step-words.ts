import type { AuditEvent } from "../audit/entry.ts";
import type { Step } from "../state/status.ts";

const DONE: Readonly<Partial<Record<Step, string>>> = {
  adopt: "recorded and marked at its provider",
  request: "new version ordered",
  issue: "new version made",
  apply: "new version in force",
  stage: "new version staged at its targets",
  push: "new version pushed to its target",
  promote: "new version in use",
  abort: "unused new version dropped",
  deactivate: "old version deactivated",
  reactivate: "old version live again",
  revoke: "old version ended",
  contain: "what the old version had minted was ended",
};

/** What an applied effect means, for people. */
export function doneText(step: Step): string {
  return DONE[step] ?? `${step} done`;
}

/** What stands for a new version's use: somebody's word, or only that nobody can tell. */
export function confirmedText(event: Pick<AuditEvent, "detail"> | undefined): string {
  return event?.detail?.["proof"] === "none" ? "new version taken as in use" : "new version proven in use";
}
