import type { AuditEntry } from "../audit/entry.ts";

/** What the forge said of a document, as the trail has it. */
export interface Approval {
  readonly isApproved: boolean;
  readonly approvers: readonly string[];
}

/** Who approved what, by the trail's own words. */
export interface Approvals {
  /** The newest word on a document, or on what one commit made of it. */
  of(kind: string, name: string, commit?: string): Approval | undefined;
}

/** From the trail: what the forge says today may be another thing. */
export function approvalsIn(entries: readonly AuditEntry[]): Approvals {
  const said = new Map<string, Approval>();
  for (const { event, detail } of entries) {
    if (event !== "review.seen") continue;
    const { document, commit, verdict, approvers } = detail ?? {};
    if (typeof document !== "string") continue;
    const approval = { isApproved: verdict === "approved", approvers: textsIn(approvers) };
    said.set(document, approval);
    if (typeof commit === "string") said.set(`${document}@${commit}`, approval);
  }
  return {
    of: (kind, name, commit) =>
      said.get(commit === undefined ? `${kind} ${name}` : `${kind} ${name}@${commit}`),
  };
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one: unknown) => typeof one === "string") : [];
}
