import { gapSince } from "../alerts/gap.ts";
import { SETTINGS_DEFAULTS } from "../documents/settings.ts";
import { parseInstant, secondsBetween } from "../model/instant.ts";
import type { ReportInput } from "./report-input.ts";
import type { ReportModel } from "./report-schema.ts";

const MOST_FAULTS = 20;

/** Whether the enforcer runs, and whether what it wrote can be believed. */
export function healthOf(input: ReportInput): ReportModel["health"] {
  const { evaluation, documents, state, chain, invalidDocuments } = input;
  const { asOf } = evaluation;
  const settings = documents.settings?.document.spec;
  const { verdict, comparedWithCommits } = chain;
  const newestEntry = verdict.head ?? state.auditHead;
  const newest = parseInstant(newestEntry?.time ?? "");
  return {
    newestEntry: newestEntry === undefined ? null : { ...newestEntry },
    secondsSinceNewestEntry: newest === undefined ? null : secondsBetween(newest, asOf),
    schedule: settings?.schedule?.every ?? SETTINGS_DEFAULTS.every,
    late: gapSince(newest, settings, asOf) !== undefined,
    chain: {
      verdict: verdict.ok ? (verdict.entries === 0 ? "empty" : "whole") : "broken",
      entries: verdict.entries,
      segments: verdict.segments,
      comparedWithCommits,
      faults: verdict.faults.length,
      firstFaults: verdict.faults
        .slice(0, MOST_FAULTS)
        .map(({ code, path, line, message }) => ({ code, path, line, message })),
    },
    unreadableRecords: (state.unreadable ?? []).map(({ path, problem }) => ({ path, problem })),
    invalidDocuments,
  };
}
