import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import type { Draft } from "../draft.ts";
import { STRONG } from "../page/sheet.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

interface AccessRow {
  readonly credential: string;
  readonly consumers: readonly string[];
  readonly principal: string;
  readonly kind: string;
  readonly purpose: string | null;
  readonly until: string | null;
}

const MOST = 1000;

/** Who may use what, as documents say it. */
export function declaredAccess({ sheet, headings, model }: Draft): void {
  headings.section("Declared access", {}, () => {
    sheet.paragraph("Declared in documents. Who can read the stores is not looked at.", STRONG);
    sheet.gap(4);
    const inUse = model.credentials.filter(({ state }) => state !== "retired");
    const undeclared = inUse.filter(({ access }) => access === null);
    const nobody = inUse.filter(({ access }) => access?.length === 0);
    sheet.paragraph(
      `Of ${counted(inUse.length, "credential")} in use, ${undeclared.length} do not say who has access, and ${nobody.length} say nobody.`,
    );
    sheet.gap(8);
    const rows = model.credentials.flatMap(rowsOf);
    if (rows.length > 0) {
      table(sheet, COLUMNS, rows, { most: MOST, rest: "csv/credentials.csv and report.json have them all" });
    }
    if (undeclared.length > 0) {
      headings.part(`Without declared access (${undeclared.length})`);
      sheet.paragraph(namesText(undeclared.map(({ name }) => name)));
    }
  });
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, 100).join(", ");
  return names.length > 100 ? `${shown} and ${names.length - 100} more` : shown;
}

function rowsOf({ name, access, consumers }: ReportModel["credentials"][number]): readonly AccessRow[] {
  return (access ?? []).map(({ principal, kind, purpose, until }) => ({
    credential: name,
    consumers: consumers.filter(({ consumer }) => consumer === principal).map(({ delivery }) => delivery),
    principal,
    kind,
    purpose,
    until,
  }));
}

const COLUMNS: readonly Column<AccessRow>[] = [
  {
    title: "Credential",
    share: 28,
    isHead: true,
    of: ({ credential }) => [{ text: credential, style: NAME }],
  },
  {
    title: "Principal",
    share: 28,
    of: ({ principal, kind, consumers }) => [
      { text: principal },
      {
        text: consumers.length === 0 ? kind : `${kind}, delivered by ${consumers.join(", ")}`,
        style: NOTE,
      },
    ],
  },
  { title: "Purpose", share: 34, of: ({ purpose }) => purpose ?? "not stated" },
  { title: "Until", share: 14, of: ({ until }) => until ?? "no end" },
];
