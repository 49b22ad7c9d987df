import type { CredentialRow } from "../../../../core/report/report-schema.ts";
import { worstFirst } from "../../../../core/report/worst-first.ts";
import { counted } from "../../../../core/text/counted.ts";
import type { Draft } from "../draft.ts";
import { COLORS, STATE_COLORS } from "../page/colors.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

const MOST = 1000;

/** Every credential, or the thousand that need somebody most. */
export function credentials({ sheet, headings, model }: Draft): void {
  const rows = worstFirst(model.credentials);
  headings.section("Credentials, the worst first", { onNewPage: true }, () => {
    sheet.paragraph(
      rows.length > MOST
        ? `The worst ${MOST} of ${counted(rows.length, "credential")}; csv/credentials.csv and report.json have the whole population.`
        : `All ${counted(rows.length, "credential")}, at the file and line of the commit on the cover.`,
    );
    sheet.gap(8);
    if (rows.length === 0) return;
    table(sheet, CREDENTIAL_COLUMNS, rows, {
      most: MOST,
      rest: "csv/credentials.csv has the whole population",
    });
  });
}

const CREDENTIAL_COLUMNS: readonly Column<CredentialRow>[] = [
  {
    title: "Credential",
    share: 30,
    isHead: true,
    of: ({ name, type, file, line }) => [
      { text: name, style: NAME },
      { text: `${type}, ${file}:${line}`, style: NOTE },
    ],
  },
  {
    title: "State",
    share: 17,
    of: ({ state, findings }) => [
      { text: state, dot: STATE_COLORS[state] },
      ...(findings === 0 ? [] : [{ text: counted(findings, "finding"), style: NOTE }]),
    ],
  },
  {
    title: "Due",
    share: 13,
    of: ({ dueAt, daysUntilDue }) =>
      dueAt === null
        ? "no date"
        : [
            { text: day(dueAt) },
            { text: counted(daysUntilDue ?? 0, "day"), style: daysStyle(daysUntilDue ?? 0) },
          ],
  },
  {
    title: "Last rotated",
    share: 16,
    of: ({ lastRotatedAt, lastRotatedSource }) => [
      { text: day(lastRotatedAt) },
      { text: lastRotatedSource, style: NOTE },
    ],
  },
  {
    title: "Owner",
    share: 22,
    of: ({ team, service, contact }) => [
      { text: team },
      { text: service, style: NOTE },
      { text: contact, style: NOTE },
    ],
  },
  {
    title: "Policy",
    share: 21,
    of: ({ policy, exception }) => [
      { text: policy ?? "none" },
      ...(exception === null ? [] : [{ text: `exception ${exception}`, style: NOTE }]),
    ],
  },
];

function day(instant: string): string {
  return instant.slice(0, 10);
}

function daysStyle(days: number) {
  return days < 0 ? { ...NOTE, color: COLORS.danger } : NOTE;
}
