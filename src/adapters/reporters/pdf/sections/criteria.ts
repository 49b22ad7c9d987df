import type { ReportModel } from "../../../../core/report/report-schema.ts";
import type { Draft } from "../draft.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

type Policy = ReportModel["policies"][number];

/** The policies that credentials were measured by, and what they rest on. */
export function criteria({ sheet, headings, model }: Draft): void {
  headings.section("Criteria applied", {}, () => {
    if (model.policies.length === 0) {
      sheet.paragraph("There are no policies: nothing says how long a credential may live.");
      return;
    }
    sheet.paragraph(
      "The organisation's own policies, at the commit on the cover. A credential that several match must meet each; the strictest gives its due date.",
    );
    sheet.gap(8);
    table(sheet, COLUMNS, model.policies);
  });
}

const COLUMNS: readonly Column<Policy>[] = [
  {
    title: "Policy",
    share: 25,
    isHead: true,
    of: ({ name, file, line }) => [
      { text: name, style: NAME },
      { text: `${file}:${line}`, style: NOTE },
    ],
  },
  { title: "Matches", share: 22, of: ({ matches }) => matches },
  { title: "Credentials", share: 11, align: "right", of: ({ credentials }) => String(credentials) },
  {
    title: "Interval",
    share: 20,
    of: ({ interval, warnBefore, enforcement, exceptions }) => [
      { text: interval },
      {
        text: `warns ${warnBefore} before; enforcement ${enforcement}; exceptions ${exceptions}`,
        style: NOTE,
      },
    ],
  },
  {
    title: "Basis",
    share: 26,
    of: ({ basis, reference, reviewedAt }) => [
      { text: basis ?? "none stated" },
      ...(reference === null ? [] : [{ text: reference, style: NOTE }]),
      ...(reviewedAt === null ? [] : [{ text: `reviewed ${reviewedAt}`, style: NOTE }]),
    ],
  },
];
