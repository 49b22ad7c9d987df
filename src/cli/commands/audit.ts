import type { AuditEntry } from "../../core/audit/entry.ts";
import type { TrailVerdict } from "../../core/audit/verify.ts";
import { CreError } from "../../core/model/errors.ts";
import { counted } from "../../core/text/counted.ts";
import type { Command } from "../command.ts";
import { json, lookOptions, shortTime, wantsJson } from "../looking.ts";
import { AS_OF } from "../options.ts";
import { renderTable, wrap } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const COLUMNS = [
  { title: "seq", alignRight: true },
  { title: "time" },
  { title: "credential", shrinksTo: 10 },
  { title: "event", shrinksTo: 12 },
  { title: "step", shrinksTo: 6 },
  { title: "outcome" },
  { title: "by", shrinksTo: 8 },
] as const;

export const audit: Command = {
  name: "audit",
  group: "Prove",
  summary: "The trail: what happened, when, by whom; of one credential or of all.",
  args: [{ name: "NAME", summary: "Only this credential, also under its former names.", required: false }],
  options: [AS_OF],
  examples: [{ line: "cre audit orders-db", does: "The life of one credential" }],
  run: async (invocation, context) => {
    const { storyOf } = await import("../../app/looking/trail.ts");
    const entries = await storyOf(lookOptions(invocation, context), invocation.args[0]);
    const { terminal } = context;
    terminal.result(wantsJson(invocation) ? json({ entries }) : storyText(entries, terminal));
    return 0;
  },
};

function storyText(entries: readonly AuditEntry[], terminal: Terminal): string {
  if (entries.length === 0) return "The trail says nothing yet.\n";
  const rows = entries.map((entry) => [
    String(entry.seq),
    shortTime(entry.time),
    entry.credential ?? "-",
    entry.event,
    entry.step ?? "-",
    entry.outcome ?? "-",
    entry.actor,
  ]);
  const [title = "", ...lines] = renderTable(terminal, COLUMNS, rows).trimEnd().split("\n");
  const told = entries.flatMap((entry, at) => [lines[at] ?? "", ...factLines(entry, terminal)]);
  return `${[title, ...told].join("\n")}\n`;
}

function factLines({ detail, attempt, rotation }: AuditEntry, terminal: Terminal): readonly string[] {
  const facts = Object.entries({ rotation, attempt, ...detail }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${typeof value === "string" ? value : JSON.stringify(value)}`],
  );
  if (facts.length === 0) return [];
  return wrap(facts.join(" "), terminal.width, "      ")
    .split("\n")
    .map((line) => terminal.style("dim", line));
}

export const auditVerify: Command = {
  name: "audit verify",
  group: "Prove",
  summary: "Check the chain: any edit, deletion, reordering, truncation or fork is found and located.",
  detail: [
    "Compares the chain also with what every commit of the state branch recorded as its head. Against somebody who rewrote the branch itself only an anchor helps that was kept elsewhere (`cre audit anchor`). Exit 3 when anything is wrong.",
  ],
  args: [],
  options: [
    { name: "anchor", value: "HASH", summary: "A head that was kept elsewhere; it must be in the chain." },
    AS_OF,
  ],
  examples: [
    { line: "cre audit verify --anchor HASH", does: "Prove that nothing was changed since the anchor" },
  ],
  run: async (invocation, context) => {
    const { verifiedTrail } = await import("../../app/looking/trail.ts");
    const anchor = invocation.value("anchor")?.toLowerCase();
    if (anchor !== undefined && !/^[0-9a-f]{64}$/.test(anchor)) {
      throw new CreError("anchor-malformed", "An anchor is 64 hex digits.", {
        fix: "`cre audit anchor` prints one.",
      });
    }
    const verdict = await verifiedTrail(lookOptions(invocation, context), anchor);
    const { terminal } = context;
    terminal.result(wantsJson(invocation) ? json(verdict) : verdictText(verdict, anchor, terminal));
    return verdict.ok ? 0 : 3;
  },
};

function verdictText(verdict: TrailVerdict, anchor: string | undefined, terminal: Terminal): string {
  const { faults, ok, entries, segments, head } = verdict;
  const size = `${counted(entries, "entry", "entries")} in ${counted(segments, "segment")}`;
  if (ok) {
    const end = head === undefined ? "" : `, head ${head.hash} (entry ${head.seq}, ${head.time})`;
    const held = anchor === undefined ? "" : "; it holds the anchor";
    return `${terminal.style("green", "The chain is whole")}: ${size}${end}${held}.\n`;
  }
  const lines = faults.map(({ path, line, code, message }) => {
    const place = line === 0 ? path : `${path}:${line}`;
    return `${terminal.style("bold", place)} ${terminal.style("red", code)} ${message}\n`;
  });
  const fix = "Compare with another clone and ask who could push to the state branch.";
  return `${lines.join("")}${terminal.style("red", "The chain is broken")}: ${counted(faults.length, "fault")}, ${size}.\nFix: ${fix}\n`;
}

export const auditAnchor: Command = {
  name: "audit anchor",
  group: "Prove",
  summary: "Print the head of the chain, to be kept in another place.",
  args: [],
  options: [AS_OF],
  examples: [{ line: "cre audit anchor", does: "The head, for an outside place" }],
  run: async (invocation, context) => {
    const { trailAnchor } = await import("../../app/looking/trail.ts");
    const head = await trailAnchor(lookOptions(invocation, context));
    if (head === undefined) {
      throw new CreError("audit-empty", "There is no trail yet.", { fix: "The first run begins it." });
    }
    const { seq, hash, time, commit } = head;
    const { terminal } = context;
    terminal.note(`Entry ${seq} of ${time}, commit ${commit}.`);
    terminal.result(wantsJson(invocation) ? json({ seq, hash, time, commit }) : `${hash}\n`);
    return 0;
  },
};
