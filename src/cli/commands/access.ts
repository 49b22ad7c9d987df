import type { AccessReport } from "../../core/access/access-rows.ts";
import { counted } from "../../core/text/counted.ts";
import type { Command } from "../command.ts";
import { json, lookOptions, shortTime, soundness, tellDifference, wantsJson } from "../looking.ts";
import { AS_OF } from "../options.ts";
import { tellProblems } from "../problem-lines.ts";
import { renderTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const DECLARED =
  "This is the access that documents declare; who can read the stores where secrets lie is not looked at.";

export const access: Command = {
  name: "access",
  group: "Prove",
  summary: "Who could use what, and when: of one credential, of one principal, in a period.",
  detail: [
    "Read from the history of the documents: since when and by which commit and pull request somebody was given access, who approved that, and when it ended. Without a period: whoever has access now; of a principal all that it ever had, with what is still known to it and so must be rotated when it leaves.",
    "It is declared access. A principal is a name as documents write it: members of groups are not looked up.",
  ],
  args: [{ name: "NAME", summary: "Only this credential.", required: false }],
  options: [
    { name: "principal", value: "P", summary: "Only this service, group or person." },
    {
      name: "period",
      value: "P",
      summary: "Whoever had access at some time of it: 2026-Q3, 2026-09, FROM..TO.",
    },
    AS_OF,
  ],
  examples: [
    { line: "cre access orders-db", does: "Who can use it now, since when and by whose approval" },
    { line: "cre access --principal alice", does: "What a leaver could use, and what must be rotated" },
    { line: "cre access --period 2026-Q3 --format json", does: "Everybody's access in a quarter" },
  ],
  run: async (invocation, context) => {
    const { lookAtAccess } = await import("../../app/looking/access.ts");
    const { parsePeriod } = await import("../../core/period/period.ts");
    const [credential, principal, words] = [
      invocation.args[0],
      invocation.value("principal"),
      invocation.value("period"),
    ];
    const { sight, report } = await lookAtAccess(lookOptions(invocation, context), {
      ...(credential === undefined ? {} : { credential }),
      ...(principal === undefined ? {} : { principal }),
      ...(words === undefined ? {} : { period: parsePeriod(words) }),
    });
    const { terminal } = context;
    tellDifference(sight, context);
    tellProblems(terminal, sight.problems);
    if (wantsJson(invocation)) {
      terminal.result(json(report));
    } else {
      terminal.result(accessText(report, principal !== undefined, terminal));
      terminal.note(DECLARED);
    }
    return soundness(sight);
  },
};

function accessText({ rows, period }: AccessReport, isOfOne: boolean, terminal: Terminal): string {
  const head = period === null ? "" : `From ${period.from} until before ${period.to} (${period.words}).\n\n`;
  if (rows.length === 0) return `${head}Nobody has declared access.\n`;
  const table = renderTable(
    terminal,
    [
      { title: "credential", shrinksTo: 12 },
      { title: "principal", shrinksTo: 12 },
      { title: "kind" },
      { title: "from" },
      { title: "to" },
      { title: "by", shrinksTo: 10 },
      { title: "approved by", shrinksTo: 10 },
      ...(isOfOne ? [{ title: "rotated" }, { title: "still known" }] : []),
      { title: "purpose", shrinksTo: 12, wraps: true },
    ],
    rows.map((row) => [
      row.credential,
      row.principal,
      row.kind,
      shortTime(row.from),
      row.to === null ? "-" : shortTime(row.to),
      row.pullRequest === null ? row.commit.slice(0, 10) : `#${row.pullRequest}`,
      row.approvers.join(", ") || "-",
      ...(isOfOne ? [row.lastRotatedAt === null ? "-" : shortTime(row.lastRotatedAt), row.stillKnown] : []),
      row.purpose ?? "-",
    ]),
  );
  return `${head}${table}${isOfOne ? leaverText(rows) : ""}`;
}

/** What has to be done when this principal leaves. */
function leaverText(rows: AccessReport["rows"]): string {
  const names = new Set(
    rows.filter(({ stillKnown }) => stillKnown === "yes").map(({ credential }) => credential),
  );
  if (names.size === 0) return "\nNothing that is in use now is known to it.\n";
  return `\n${counted(names.size, "credential")} to rotate when it leaves: ${[...names].join(", ")}.\n`;
}
