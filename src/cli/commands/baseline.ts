import type { BaselineWritten } from "../../app/writing/baseline.ts";
import { counted } from "../../core/text/counted.ts";
import type { Command } from "../command.ts";
import { usageError } from "../command-line.ts";
import { json, lookOptions, wantsJson } from "../looking.ts";
import { actorOf } from "../repository.ts";
import { renderTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { given } from "../writing.ts";

export const baseline: Command = {
  name: "baseline",
  group: "Write documents",
  summary: "Grandfather today's violations: exceptions whose ends are spread until a date.",
  detail: [
    "For adopting an estate that is overdue already. Writes Exception documents into exceptions/baseline-DAY.yaml, for a review like any other change: of each policy one for every week, production and what is overdue for longest first. No end is later than the policy's exceptions.maxDuration. What is compromised or past its own end is never waived.",
    "What an exception covers already is left as it is: the same command again writes nothing.",
  ],
  args: [],
  options: [
    {
      name: "until",
      value: "INSTANT|DURATION",
      required: true,
      summary: "The last end, or how long until then.",
    },
    {
      name: "per-week",
      value: "N",
      summary: "Credentials that end in one week; default: spread evenly until the end.",
    },
    { name: "justification", value: "TEXT", summary: "Why; 20 characters or more. There is a default." },
    { name: "requested-by", value: "PERSON", summary: "Who asks; default: you." },
    {
      name: "approved-by",
      value: "PERSON",
      summary: "Who approved it; another person. Needed where no forge records reviews.",
    },
  ],
  examples: [
    { line: "cre baseline --until 90d", does: "A quarter of a year to catch up, evenly" },
    { line: "cre baseline --until 2027-03-01 --per-week 20", does: "Twenty credentials a week" },
  ],
  run: async (invocation, context) => {
    const { writeBaseline } = await import("../../app/writing/baseline.ts");
    const perWeek = countOption(invocation.value("per-week"));
    const written = await writeBaseline(lookOptions(invocation, context), {
      until: invocation.value("until") ?? "",
      requestedBy: invocation.value("requested-by") ?? actorOf(context.env),
      ...given(invocation, { justification: "justification", approvedBy: "approved-by" }),
      ...(perWeek === undefined ? {} : { perWeek }),
    });
    const { terminal } = context;
    for (const { subject, longest, expiresAt, credentials } of written.shortened) {
      terminal.warn(
        `Note: ${subject} allows exceptions of at most ${longest}: ${counted(credentials, "credential")} cannot go beyond ${expiresAt.slice(0, 10)}.`,
      );
    }
    terminal.result(wantsJson(invocation) ? json(written) : baselineText(written, terminal));
    if (written.exceptions.length > 0) {
      terminal.note(
        written.reviewed
          ? "They count once another person has approved the change and it is on the default branch."
          : "They count once they are committed and on the default branch.",
      );
    }
    return 0;
  },
};

function countOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usageError(`--per-week cannot be \`${text}\`.`, "Write a whole number from 1 on.");
}

function baselineText(written: BaselineWritten, terminal: Terminal): string {
  const { exceptions, refused, perWeek } = written;
  const files = [...new Set(exceptions.map(({ file }) => file))];
  const credentials = new Set(exceptions.flatMap((exception) => exception.credentials)).size;
  const head =
    exceptions.length === 0
      ? "There is nothing to waive that is not waived already.\n"
      : `${terminal.style("bold", files.join(", "))}: ${counted(exceptions.length, "exception")} for ${counted(credentials, "credential")}, at most ${perWeek} a week.\n`;
  const waived = renderTable(
    terminal,
    [
      { title: "ends" },
      { title: "from", shrinksTo: 12 },
      { title: "credentials", shrinksTo: 20, wraps: true },
    ],
    exceptions.map(({ expiresAt, subject, credentials: names }) => [
      expiresAt.slice(0, 10),
      "policy" in subject ? subject.policy : subject.finding,
      namesText(names),
    ]),
  );
  const rest = renderTable(
    terminal,
    [
      { title: "not waived", shrinksTo: 18 },
      { title: "finding" },
      { title: "why", shrinksTo: 20, wraps: true },
    ],
    refused.map(({ credential, finding, reason }) => [credential, finding, reason]),
  );
  return [head, ...(exceptions.length === 0 ? [] : [waived]), ...(refused.length === 0 ? [] : [rest])].join(
    "\n",
  );
}

/** Enough names to know what it is about. */
function namesText(names: readonly string[]): string {
  const told = names.slice(0, 5).join(", ");
  return names.length <= 5 ? told : `${told} and ${names.length - 5} more`;
}
