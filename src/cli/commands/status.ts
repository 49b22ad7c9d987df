import { worstExit } from "../../core/model/exit-code.ts";
import type { OpenWork } from "../../core/report/open-work.ts";
import type { RotationLine } from "../../core/rotation/rotation-line.ts";
import type { Command } from "../command.ts";
import { json, known, lookFor, shortTime, soundness, wantsJson } from "../looking.ts";
import { CLOCK } from "../options.ts";
import { standsCell } from "../state-style.ts";
import { renderTable, wrap } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const COLUMNS = [
  { title: "credential", shrinksTo: 18 },
  { title: "step" },
  { title: "stands" },
  { title: "since" },
  { title: "waits for", shrinksTo: 20, wraps: true },
] as const;

export const status: Command = {
  name: "status",
  group: "Look",
  summary: "Open rotations: their step, what each waits for, since when, and what you can do.",
  detail: [
    "Also holds in force, incidents, and requests that no run has taken up yet. Exit 3 when a rotation needs a person; a healthy wait is 0.",
  ],
  args: [{ name: "NAME", summary: "Only this credential.", required: false }],
  options: [...CLOCK],
  examples: [{ line: "cre status", does: "What is going on" }],
  run: async (invocation, context) => {
    const { openWork } = await import("../../core/report/open-work.ts");
    const sight = await lookFor(invocation, context);
    const [asked] = invocation.args;
    const name = asked === undefined ? undefined : await known(sight, asked);
    const work = openWork(sight, name);
    const { terminal } = context;
    terminal.result(
      wantsJson(invocation) ? json({ asOf: sight.now, ...work }) : workText(work, name, terminal),
    );
    const needsPerson = work.rotations.some(({ stands }) => stands === "parked" || stands === "behind");
    return worstExit([soundness(sight), needsPerson ? 3 : 0]);
  },
};

function workText(work: OpenWork, name: string | undefined, terminal: Terminal): string {
  const { rotations, holds, incidents, requests } = work;
  const rows = rotations.map((line) => [
    line.credential,
    line.step ?? "-",
    standsCell(line.stands),
    shortTime(line.since),
    line.until === null ? line.waitsFor : `${line.waitsFor}, until ${line.until}`,
  ]);
  const nothing = name === undefined ? "No rotation is open.\n" : `${name} has no record yet.\n`;
  const others = [
    ...incidents.map(
      ({ id, credential, by, reason }) => `Incident ${id}: ${credential}, by ${by}: ${reason}`,
    ),
    ...holds.map(
      ({ id, covers, until, reason }) =>
        `Hold ${id}: ${covers}, ${until === null ? "until people act" : `until ${until}`}: ${reason}`,
    ),
    ...requests.map(
      ({ verb, credential, by, reason }) => `Asked for: ${verb} ${credential}, by ${by}: ${reason}`,
    ),
  ].map((text) => `${wrap(text, terminal.width)}\n`);
  return [
    rows.length === 0 ? nothing : renderTable(terminal, COLUMNS, rows),
    ...rotations.filter(({ help }) => help.length > 0).map((line) => helpText(line, terminal)),
    ...(others.length === 0 ? [] : ["\n", ...others]),
  ].join("");
}

function helpText({ credential, help, signingRequest }: RotationLine, terminal: Terminal): string {
  const request =
    signingRequest === undefined
      ? ""
      : `\n${terminal.style("bold", credential)}: have this signed (its key is at the targets already and never leaves them)\n${signingRequest.trimEnd()}\n`;
  return `${request}\n${terminal.style("bold", credential)}: what you can do\n${help.map((line) => `  ${line}\n`).join("")}`;
}
