import { summarize } from "../evaluate/evaluation-report.ts";
import type { Finding } from "../evaluate/finding.ts";
import { findingsToTell } from "../evaluate/telling.ts";
import { addTo, type Instant, parseInstant } from "../model/instant.ts";
import { isOpen } from "../rotation/transition.ts";
import type { IssueEntry } from "../state/issue-book.ts";
import { markdownCode } from "../text/encode/markdown.ts";
import { percentText } from "../text/percent.ts";
import { rotationWords } from "./finding-text.ts";
import type { IssuesInput } from "./issues-input.ts";
import { bodyOf, dayOf, markdownTable } from "./markdown-parts.ts";
import { DASHBOARD, digestKey, findingKey, markerOf } from "./markers.ts";
import { byUrgency, ownerOf, rankOf } from "./wanted-issues.ts";

export const DASHBOARD_TITLE = "Credential dashboard";

/** Lines of each list; what is more is counted. */
const ROWS = 50;
const HORIZONS = [30, 60, 90] as const;
const DAY = 86_400;

/** Codes that nothing but a person can end. */
const NEEDS_PERSON: ReadonlySet<string> = new Set([
  "rotation-parked",
  "state-behind",
  "adoption-ambiguous",
  "drift",
  "certificate-awaited",
  "target-changed",
  "compromised",
]);

type DashboardInput = Pick<IssuesInput, "evaluation" | "state" | "documents" | "book" | "scope">;
type Block = readonly string[];

/**
 * Where everything stands, to the day: it changes only when something that it tells does. `health` is the chain's
 * head of the day's first run.
 */
export function dashboardBody(
  input: DashboardInput,
  health: { readonly day: string; readonly seq: number },
): string {
  const { scope } = input;
  const invalid =
    scope.of === "valid-documents"
      ? [[`**${scope.problems} problems in documents**: nothing new starts. \`cre validate\` shows them.`]]
      : [];
  return bodyOf([
    [markerOf(DASHBOARD)],
    [
      `Last run: ${health.day}, whose first run found ${health.seq} entries in the audit trail. Kept up to date by the runner; pin it if it helps.`,
    ],
    ...invalid,
    ...complianceBlocks(input),
    ...personBlocks(input),
    ...rotationBlocks(input),
    ...dueBlocks(input),
    ...exceptionBlocks(input),
    ["`cre evaluate`, `cre plan` and `cre status` show more."],
  ]);
}

function complianceBlocks({ evaluation }: DashboardInput): readonly Block[] {
  const credentials = [...evaluation.credentials.values()];
  const { active, stale, expired, compromised, retired, waived } = summarize(credentials);
  const population = credentials.length - retired;
  const strict =
    active + stale === 0 ? 0 : credentials.filter(({ compliantStrict }) => compliantStrict).length;
  const share = (count: number): string =>
    population === 0 ? "none" : `${percentText(count / population)} (${count} of ${population})`;
  return [
    ["### Compliance"],
    markdownTable(["Strict", "Adjusted by exceptions"], [[share(strict), share(strict + waived)]]),
    markdownTable(
      ["Active", "Stale", "Expired", "Compromised", "Retired"],
      [[active, stale, expired, compromised, retired].map(String)],
    ),
  ];
}

function personBlocks(input: DashboardInput): readonly Block[] {
  const { evaluation } = input;
  const needing = findingsToTell(evaluation)
    .filter((finding) => needsPerson(finding, input))
    .toSorted(byUrgency(evaluation));
  const single = needing.filter((finding) => digestOf(finding, input) === undefined);
  const rows = [...digestRows(needing, input), ...single.map((finding) => findingRow(finding, input))]
    .toSorted((a, b) => rankOf(b.level) - rankOf(a.level))
    .map(({ cells }) => cells);
  return [
    ["### Needs a person"],
    rows.length === 0
      ? ["Nothing."]
      : markdownTable(["Level", "Credential", "What", "Due", "Issue"], rows.slice(0, ROWS)),
    ...more(rows.length),
  ];
}

interface PersonRow {
  readonly level: Finding["level"];
  readonly cells: readonly string[];
}

function findingRow(finding: Finding, { evaluation, book }: DashboardInput): PersonRow {
  const { credential, level, code, fingerprint } = finding;
  const due = credential === null ? undefined : evaluation.credentials.get(credential)?.dueAt;
  const name = credential === null ? "(repository)" : markdownCode(credential);
  const entry = book.issues?.[findingKey(fingerprint)];
  const day = due === undefined ? "" : dayOf(due);
  return { level, cells: [level, name, code.replaceAll("-", " "), day, referenceTo(entry)] };
}

/** One line for each owner whose violations a digest tells. */
function digestRows(needing: readonly Finding[], input: DashboardInput): readonly PersonRow[] {
  const inDigests = needing.filter((finding) => digestOf(finding, input) !== undefined);
  const byOwner = Map.groupBy(inDigests, (finding) => ownerOf(finding, input.evaluation));
  return [...byOwner].flatMap(([owner, findings]) => {
    const [worst] = findings;
    if (worst === undefined) return [];
    const whose = owner === "" ? "of no team" : `of ${markdownCode(owner)}`;
    const entry = input.book.issues?.[digestKey(owner)];
    const what = `${findings.length} violations ${whose}`;
    return [{ level: worst.level, cells: [worst.level, what, "", "", referenceTo(entry)] }];
  });
}

/** The digest that tells a finding which has no open issue of its own. */
function digestOf(finding: Finding, { book, evaluation }: DashboardInput): IssueEntry | undefined {
  const own = book.issues?.[findingKey(finding.fingerprint)];
  if (own !== undefined && own.inDigest !== true) return undefined;
  return book.issues?.[digestKey(ownerOf(finding, evaluation))];
}

/** What the forge turns into a link. */
function referenceTo(entry: IssueEntry | undefined): string {
  return entry === undefined ? "" : `#${entry.number}`;
}

function needsPerson({ code, level, credential }: Finding, { evaluation }: DashboardInput): boolean {
  if (NEEDS_PERSON.has(code) || rankOf(level) >= rankOf("critical")) return true;
  const spec = credential === null ? undefined : evaluation.credentials.get(credential)?.source.document.spec;
  return spec?.method === "manual" && code === "rotation-due";
}

function rotationBlocks({ state, evaluation }: DashboardInput): readonly Block[] {
  const open = [...state.statuses.values()]
    .filter(({ rotation }) => isOpen(rotation))
    .toSorted((a, b) => (a.credential < b.credential ? -1 : 1));
  const rows = open
    .slice(0, ROWS)
    .map((status) => [markdownCode(status.credential), rotationWords(status, evaluation.asOf) ?? ""]);
  return [
    ["### Rotations under way"],
    rows.length === 0 ? ["None."] : markdownTable(["Credential", "Stands"], rows),
    ...more(open.length),
  ];
}

function dueBlocks({ evaluation }: DashboardInput): readonly Block[] {
  const today = midnight(evaluation.asOf);
  const due = [...evaluation.credentials.values()].flatMap(({ state, dueAt }) =>
    state === "retired" || dueAt === undefined || dueAt < today ? [] : [dueAt],
  );
  const within = (days: number): number => due.filter((dueAt) => dueAt < addTo(today, days * DAY)).length;
  return [
    ["### Due"],
    markdownTable(
      HORIZONS.map((days) => `In ${days} days`),
      [HORIZONS.map((days) => String(within(days)))],
    ),
  ];
}

function midnight(instant: Instant): Instant {
  return parseInstant(dayOf(instant)) ?? instant;
}

function exceptionBlocks({ evaluation }: DashboardInput): readonly Block[] {
  const ending = evaluation.findings.filter(({ code }) => code === "exception-expiring");
  if (ending.length === 0) return [];
  const rows = ending
    .map(({ facts }) => [String(facts["expiresAt"] ?? ""), String(facts["exception"] ?? "")] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, ROWS)
    .map(([end, name]) => [markdownCode(name), dayOf(end)]);
  return [
    ["### Exceptions that end soon"],
    markdownTable(["Exception", "Ends"], rows),
    ...more(ending.length),
  ];
}

function more(count: number): readonly Block[] {
  return count > ROWS ? [[`And ${count - ROWS} more.`]] : [];
}
