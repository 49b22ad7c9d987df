import { markdownTable } from "markdown-table";
import type { ImpactReport } from "../../core/impact/impact-report.ts";
import { markdownCell, markdownCode, markdownText } from "../../core/text/encode/markdown.ts";
import {
  causesText,
  comingsAndGoings,
  dayText,
  fractionText,
  holdNote,
  moveText,
  standingText,
  toldStandings,
} from "./impact-words.ts";

/** By which the one comment of a pull request is known. */
export const IMPACT_MARKER = "<!-- cre:impact -->";

/** GitHub refuses a comment of more than 65,536 characters. */
const MOST_CHARACTERS = 60_000;

/** How much of each table is shown, and how much more can be unfolded. */
interface Room {
  readonly shown: number;
  readonly folded: number;
  /** Characters of a cell, before they are encoded. */
  readonly cell: number;
}

/** From plenty to hardly any: the first with which the comment is short enough is taken. */
const ROOMS: readonly Room[] = [
  { shown: 20, folded: 200, cell: 300 },
  { shown: 20, folded: 60, cell: 300 },
  { shown: 20, folded: 20, cell: 300 },
  { shown: 20, folded: 0, cell: 150 },
  { shown: 10, folded: 0, cell: 100 },
  { shown: 3, folded: 0, cell: 60 },
];

/**
 * The report as the comment of a pull request, in GitHub's Markdown: the marker first, then the worst first. At most
 * 60,000 characters whatever the report holds, and nothing of people's texts is more than plain words in it.
 */
export function impactComment(report: ImpactReport): string {
  for (const room of ROOMS) {
    const comment = commentWithin(report, room);
    if (comment.length <= MOST_CHARACTERS) return comment;
  }
  return [...opening(report), "The rest is too long for a comment: `cre impact` shows it."].join("\n\n");
}

function commentWithin(report: ImpactReport, room: Room): string {
  return `${[
    ...opening(report),
    ...problems(report, room),
    ...risks(report, room),
    ...(saysNothing(report) ? [] : compliance(report)),
    ...standings(report, room),
    ...dueDates(report, room),
    ...rotations(report, room),
    ...registry(report, room),
    ...findings(report, room),
    ...closing(report),
  ].join("\n\n")}\n`;
}

function opening({ headline }: ImpactReport): readonly string[] {
  return [IMPACT_MARKER, "### What this change does to credentials", `**${headline}**`];
}

function saysNothing({ compliance: { before, after }, standings: changes }: ImpactReport): boolean {
  return (
    changes.length === 0 &&
    before.population === after.population &&
    before.strict === after.strict &&
    before.adjusted === after.adjusted
  );
}

function problems({ problems: found }: ImpactReport, room: Room): readonly string[] {
  if (found.length === 0) return [];
  const count = found.length === 1 ? "is 1 problem" : `are ${found.length} problems`;
  return [
    `> [!CAUTION]\n> There ${count} in documents. What they are about counts as unchanged here, and no rotation starts before they are mended.`,
    ...table(
      ["Where", "Problem", "Fix"],
      found,
      ({ file, line, message, fix }) => [code(`${file}:${line}`, room), text(message, room), text(fix, room)],
      room,
    ),
  ];
}

function risks(report: ImpactReport, room: Room): readonly string[] {
  const { risks: found } = report;
  if (found.length === 0) return [];
  const note = holdNote(report);
  return [
    "#### High-risk changes",
    ...table(
      ["What", "Where", "Change"],
      found,
      ({ kind, name, code: risk, file, line, message }) => [
        `${kind} ${code(name, room)}<br>${text(risk.replaceAll("-", " "), room)}`,
        code(`${file}:${line}`, room),
        text(message, room),
      ],
      room,
    ),
    ...(note === undefined ? [] : [`> [!IMPORTANT]\n> ${markdownText(note)}`]),
  ];
}

function compliance({ compliance: { before, after } }: ImpactReport): readonly string[] {
  return [
    "#### Compliance",
    markdownTable([
      ["", "Before", "After"],
      ["Strict", fractionText(before.strict, before), fractionText(after.strict, after)],
      ["With exceptions", fractionText(before.adjusted, before), fractionText(after.adjusted, after)],
    ]),
  ];
}

function standings(report: ImpactReport, room: Room): readonly string[] {
  const told = toldStandings(report);
  if (told.length === 0) return [];
  const waits = told.some(({ exception }) => exception !== null);
  return [
    "#### Credentials that count differently",
    ...table(
      ["Credential", "Before", "After", "Why"],
      told,
      ({ credential, before, after, exception, causes }) => [
        code(credential, room),
        standingText(before),
        after === "failing" ? "**failing**" : standingText(after),
        text(exception === null ? causesText(causes) : `the exception ${exception}`, room),
      ],
      room,
    ),
    ...(waits ? ["Exceptions of this change count once another person has approved it."] : []),
  ];
}

function dueDates({ dueDates: moves }: ImpactReport, room: Room): readonly string[] {
  if (moves.length === 0) return [];
  return [
    "#### Due dates that move",
    ...table(
      ["Credential", "Before", "After", "Moves", "Why"],
      moves,
      (move) => [
        code(move.credential, room),
        dayText(move.before),
        dayText(move.after),
        move.loosening ? `**${moveText(move)}**` : moveText(move),
        text(causesText(move.causes), room),
      ],
      room,
    ),
  ];
}

function rotations({ rotations: { follow, noLonger } }: ImpactReport, room: Room): readonly string[] {
  const list = (title: string, why: string, found: typeof follow): readonly string[] =>
    found.length === 0
      ? []
      : [
          `#### ${title}`,
          ...table(
            ["Credential", "Action", why],
            found,
            ({ credential, action, reason }) => [code(credential, room), action, text(reason, room)],
            room,
          ),
        ];
  return [
    ...list("Rotations that the next run starts", "Why", follow),
    ...list("Rotations that it no longer starts", "Why not", noLonger),
  ];
}

function registry(report: ImpactReport, room: Room): readonly string[] {
  const rows = comingsAndGoings(report);
  if (rows.length === 0) return [];
  return [
    "#### What comes and goes",
    ...table(
      ["Credential", "Change", "Where"],
      rows,
      ({ credential, what, place }) => [
        code(credential, room),
        text(what, room),
        place === "" ? "" : code(place, room),
      ],
      room,
    ),
  ];
}

function findings({ findings: { appeared, vanished } }: ImpactReport, room: Room): readonly string[] {
  const list = (title: string, found: typeof appeared): readonly string[] => {
    if (found.length === 0) return [];
    const rows = table(
      ["Level", "Finding", "What"],
      found,
      ({ level, code: finding, message }) => [level, code(finding, room), text(message, room)],
      room,
    );
    return [folded(`${title}: ${found.length}`, rows)];
  };
  return [...list("Findings that appear", appeared), ...list("Findings that go away", vanished)];
}

function closing({ notes, base, asOf }: ImpactReport): readonly string[] {
  const compared = base === null ? "" : `, compared with ${markdownCode(base.slice(0, 10))}`;
  return [
    ...notes.map((note) => `> [!NOTE]\n> ${markdownText(note)}`),
    `<sub>As of ${asOf}${compared}. <code>cre impact --since REF</code> shows the same on your machine.</sub>`,
  ];
}

/** The first rows, the next ones folded away, and how many are left after that. */
function table<T>(
  titles: readonly string[],
  items: readonly T[],
  cells: (item: T) => readonly string[],
  room: Room,
): readonly string[] {
  const shown = items.slice(0, room.shown);
  const more = items.slice(room.shown, room.shown + room.folded);
  const left = items.length - shown.length - more.length;
  // Cells are not filled up: nobody reads the source, and spaces count.
  const rendered = (some: readonly T[]): string =>
    markdownTable([titles, ...some.map(cells)], { alignDelimiters: false });
  return [
    rendered(shown),
    ...(more.length === 0 ? [] : [folded(`${more.length} more`, [rendered(more)])]),
    ...(left === 0 ? [] : [`… and ${left} more.`]),
  ];
}

function folded(title: string, inner: readonly string[]): string {
  return `<details><summary>${title}</summary>\n\n${inner.join("\n\n")}\n\n</details>`;
}

function text(words: string, room: Room): string {
  return markdownCell(words, room.cell);
}

/** In a table a bar ends the cell even inside of code, and a backslash before it makes that hard to stop. */
function code(words: string, room: Room): string {
  return /[|\\]/.test(words) ? markdownCell(words, room.cell) : markdownCode(words, room.cell);
}
