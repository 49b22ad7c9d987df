import type { ReadSide } from "../../adapters/store/read-side.ts";
import { type AccessSpan, accessLog, isWithin } from "../../core/access/access-log.ts";
import { type AccessReport, accessRows } from "../../core/access/access-rows.ts";
import { entriesOf } from "../../core/audit/trail.ts";
import { approvalsIn } from "../../core/history/approvals.ts";
import { CreError } from "../../core/model/errors.ts";
import { addTo, type Instant, instantOf } from "../../core/model/instant.ts";
import type { Period } from "../../core/period/period.ts";
import { nearest } from "../../core/text/nearest.ts";
import { documentsSince } from "../history/walk-past.ts";
import { judge, lookAtMoment, stateBranchOf } from "./look-around.ts";
import type { LookOptions, Sight } from "./sight.ts";

/** Whose access is asked for; what is absent restricts nothing. */
export interface AccessQuestion {
  readonly credential?: string;
  /** Exactly so, but for upper and lower case. */
  readonly principal?: string;
  /** Absent: whoever has access now, or, of a principal, all that it ever had. */
  readonly period?: Period;
}

export interface AccessSight {
  readonly sight: Sight;
  readonly report: AccessReport;
}

/**
 * Who could use what, and when, as the committed documents declared it: nobody's stores are asked. Rejects with a
 * CreError for a credential or principal that no document ever named, and in a clone that lacks the history.
 */
export async function lookAtAccess(options: LookOptions, question: AccessQuestion): Promise<AccessSight> {
  const moment = await lookAtMoment(options);
  const evenIfBroken = true;
  const tip = await moment.side.readState(stateBranchOf(moment.sight.documents), moment.at, evenIfBroken);
  options.signal.throwIfAborted();
  const sight = judge(moment, tip);
  const { commit } = sight;
  const all = commit === undefined ? [] : await spansUntil(moment.side, commit, options.signal);
  const spans = chosen(all, question, sight.now);
  const commits = await moment.side.commitFacts([...new Set(spans.map(({ by }) => by))]);
  const approvals = approvalsIn(entriesOf(await moment.side.readAudit(tip)));
  const rows = accessRows(spans, {
    lastRotatedAt: (credential) => {
      const evaluated = sight.evaluation.credentials.get(credential);
      return evaluated === undefined || evaluated.state === "retired" ? undefined : evaluated.last;
    },
    commit: (id) => commits.get(id),
    approvers: (credential, by) => {
      const approval = approvals.of("Credential", credential, by);
      return approval?.isApproved === true ? approval.approvers : [];
    },
  });
  const { period } = question;
  return {
    sight,
    report: {
      apiVersion: "cre/v1",
      kind: "Access",
      asOf: sight.now,
      commit: commit ?? null,
      period: period === undefined ? null : { ...period },
      rows,
    },
  };
}

async function spansUntil(
  side: ReadSide,
  commit: string,
  signal: AbortSignal,
): Promise<readonly AccessSpan[]> {
  const past = await side.past(commit);
  if (past.isCut) {
    throw new CreError(
      "shallow",
      "This clone lacks older commits: nobody can say here since when access was declared.",
      {
        fix: "Run: git fetch --unshallow (in a workflow: fetch-depth: 0).",
      },
    );
  }
  const log = accessLog();
  for await (const { at, commit: by, documents } of documentsSince(past, instantOf(0))) {
    log.take(at, by, documents);
    signal.throwIfAborted();
  }
  return log.spans();
}

function chosen(spans: readonly AccessSpan[], question: AccessQuestion, now: Instant): readonly AccessSpan[] {
  const { credential, principal } = question;
  const wanted = principal?.toLowerCase();
  if (credential !== undefined) known("credential", credential, spans, (span) => span.credential);
  if (principal !== undefined) known("principal", principal, spans, (span) => span.principal);
  return spans.filter(
    (span) =>
      (credential === undefined || span.credential === credential) &&
      (wanted === undefined || span.principal.toLowerCase() === wanted) &&
      isMeant(span, question, now),
  );
}

function isMeant(span: AccessSpan, { principal, period }: AccessQuestion, now: Instant): boolean {
  if (period !== undefined) return isWithin(span, period.from, period.to);
  return principal === undefined ? isWithin(span, now, addTo(now, 1)) : span.from <= now;
}

function known(
  what: "credential" | "principal",
  name: string,
  spans: readonly AccessSpan[],
  nameOf: (span: AccessSpan) => string,
): void {
  const names = new Map(spans.map((span) => [nameOf(span).toLowerCase(), nameOf(span)]));
  if (names.has(name.toLowerCase())) return;
  const near = names.get(nearest(name.toLowerCase(), names.keys()) ?? "");
  throw new CreError(`${what}-unknown`, `No document ever declared access of the ${what} \`${name}\`.`, {
    fix:
      near === undefined
        ? "`cre access` shows who has access now."
        : `Did you mean \`${near}\`? \`cre access\` shows who has access now.`,
  });
}
