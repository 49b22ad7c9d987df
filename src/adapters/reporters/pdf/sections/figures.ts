import { type Figure, figuresOf } from "../../../../core/report/figures.ts";
import type { Draft } from "../draft.ts";
import { type Column, table } from "../page/table.ts";

/** Every figure by the name that all formats give it, so that they can be compared. */
export function figuresPage({ sheet, headings, model }: Draft): void {
  headings.section("Figures", {}, () => {
    sheet.paragraph("The same names and numbers stand in every format of this report.");
    sheet.gap(8);
    table(sheet, COLUMNS, figuresOf(model));
  });
}

const COLUMNS: readonly Column<Figure>[] = [
  { title: "Figure", share: 70, isHead: true, of: ({ name }) => name },
  { title: "Value", share: 30, align: "right", of: ({ value }) => String(value) },
];
