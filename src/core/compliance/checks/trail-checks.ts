import type { AuditEntry } from "../../audit/entry.ts";
import type { TrailFault } from "../../audit/verify.ts";
import { SETTINGS_DEFAULTS } from "../../documents/settings.ts";
import { addTo, durationSeconds, type Instant, secondsBetween } from "../../model/instant.ts";
import type { CheckInput } from "../check-input.ts";
import type { Check, Measurement, Tested } from "../check-result.ts";
import { notMeasured } from "../population.ts";

/** Whether the record itself can be relied on. */
export const TRAIL_CHECKS: readonly Check[] = [
  {
    id: "K16",
    name: "audit_chain",
    title: "The audit trail is whole and unchanged",
    formula:
      "entries of the trail without a fault / entries, unreadable lines, and heads that commits remember and the trail lost. The whole trail is verified, also for a part of the registry.",
    not: "entries that were never written. Who holds push rights can rewrite trail and commits together unless a head is kept at an outside place (`cre audit anchor`).",
    source: "trail",
    measure: auditChain,
  },
  {
    id: "K17",
    name: "audit_content",
    title: "Entries say who, what, when, in which run, and about what",
    formula:
      "entries with actor, event, time and run, and a credential where the event is about one / entries of the trail that can be read",
    not: "that actors are who they say: the name comes from the workflow or the login of the machine. Entries hold no version of the tool.",
    source: "trail",
    measure: auditContent,
  },
  {
    id: "K23",
    name: "evaluation_continuity",
    title: "Evaluation went on",
    formula:
      "at an instant: 1 if the newest entry of the trail is younger than twice `schedule.every`, else 0 / 1. In a period: stretches of twice `schedule.every` with an entry / all such stretches.",
    not: "that alerts were read. At an instant, that it went on before.",
    source: "trail",
    measure: evaluationContinuity,
  },
  {
    id: "K24",
    name: "retention",
    title: "The trail reaches back as far as it must",
    formula: "years or months that the trail reaches back / those that are asked for",
    not: "logs of other systems.",
    source: "people",
    measure: ({ trail }) => {
      const oldest = typeof trail === "object" ? trail.entries[0]?.time : undefined;
      const reach = oldest === undefined ? "" : ` The oldest entry of this one is from ${oldest}.`;
      return notMeasured(`Nothing says how far a trail must reach back.${reach}`);
    },
  },
  {
    id: "K25",
    name: "no_secret_material",
    title: "No document holds what looks like a secret",
    formula: "valid documents, which hold none / those, and the places that do",
    not: "code, other repositories, or secrets that look like words.",
    source: "documents",
    measure: noSecretMaterial,
  },
];

/** Faults that are about something missing, not about a line that is there. */
const ABOUT_LOST: ReadonlySet<TrailFault["code"]> = new Set([
  "head-missing",
  "anchor-missing",
  "empty",
  "misnamed",
]);

function auditChain({ trail, state }: CheckInput): Measurement {
  if (typeof trail !== "object") return notMeasured(trail ?? "The trail was not read.");
  const { verdict } = trail;
  const lines = new Map<string, string>();
  const lost = new Map<string, string>();
  let unreadable = 0;
  for (const { code, path, line, message } of verdict.faults) {
    const isLost = ABOUT_LOST.has(code) || line === 0;
    const id = isLost ? `${code} ${path}: ${message}` : `${path}:${line}`;
    const faults = isLost ? lost : lines;
    if (!isLost && code === "unparsable") unreadable += 1;
    if (!faults.has(id)) faults.set(id, message);
  }
  const head = verdict.head === undefined ? "no entry yet" : `head ${verdict.head.seq} ${verdict.head.hash}`;
  return {
    tested: [...lines, ...lost].map(([id, why]) => ({ id, why })),
    holding: Math.max(0, verdict.entries + unreadable - lines.size),
    evidence: `SHA-256 chain over the RFC 8785 form of ${verdict.entries} entries in ${verdict.segments} segments of ${state.branch}: ${head}.`,
  };
}

/** Events of these families are about one credential. */
const ABOUT_CREDENTIALS = /^(step|rotation|credential|evidence|incident|request|certificate)\./;

function auditContent({ trail }: CheckInput): Measurement {
  if (typeof trail !== "object") return notMeasured(trail ?? "The trail was not read.");
  let newest = "";
  let backwards = 0;
  const tested = trail.entries.map((entry, at): Tested => {
    if (entry.time < newest) backwards += 1;
    else newest = entry.time;
    const missing = missingIn(entry);
    const why = missing.length === 0 ? undefined : `without ${missing.join(", ")}`;
    return { id: `${at + 1}: entry ${entry.seq}`, why };
  });
  return {
    tested,
    evidence: `${tested.length} entries; ${backwards} have a time before an earlier entry's.`,
  };
}

function missingIn({ actor, event, time, run, credential }: AuditEntry): readonly string[] {
  const present = { actor, event, time, run, ...(ABOUT_CREDENTIALS.test(event) ? { credential } : {}) };
  return Object.entries(present).flatMap(([member, value]) =>
    value === undefined || value.trim() === "" ? [member] : [],
  );
}

function evaluationContinuity({ state, evaluation, documents, trail, period }: CheckInput): Measurement {
  const every = documents.settings?.document.spec.schedule?.every ?? SETTINGS_DEFAULTS.every;
  const longest = 2 * durationSeconds(every);
  if (period !== undefined && typeof trail === "object") {
    return {
      tested: stretches(period.from, period.to, longest, trail.entries),
      evidence: `Entries of the trail from ${period.from} to ${period.to}; the schedule is every ${every}.`,
    };
  }
  const newest = state.auditHead?.time;
  if (newest === undefined) return notMeasured("No run is on record.");
  const late = secondsBetween(newest as Instant, evaluation.asOf) > longest; // the time of an entry is an instant by schema
  return {
    tested: [{ id: "newest entry", why: late ? `the newest entry is of ${newest}` : undefined }],
    evidence: `Newest entry of the trail: ${newest}; the schedule is every ${every}.`,
  };
}

/** The period in pieces of one length, each tested for an entry. */
function stretches(
  from: Instant,
  to: Instant,
  length: number,
  entries: readonly AuditEntry[],
): readonly Tested[] {
  const count = Math.max(0, Math.ceil(secondsBetween(from, to) / length));
  const seen = new Set(entries.map(({ time }) => Math.floor(secondsBetween(from, time) / length)));
  return Array.from({ length: count }, (_, at) => ({
    id: addTo(from, at * length),
    why: seen.has(at) ? undefined : "no entry of the trail",
  }));
}

function noSecretMaterial({ scan }: CheckInput): Measurement {
  if (scan === undefined) return notMeasured("The documents were not searched.");
  const found = new Set(scan.found);
  return {
    tested: [...found].map((id) => ({ id, why: "a value looks like a secret" })),
    holding: scan.documents,
    evidence: `Every document that can be read; ${scan.documents} are valid.`,
  };
}
