import type { ReportModel } from "../../../core/report/report-schema.ts";

export type Cell = string | number | boolean | null;

/** One file: its titles, and the cells of each row. */
export interface Table {
  readonly titles: readonly string[];
  rows(model: ReportModel): Iterable<readonly Cell[]>;
}

/** Names of the fields of a row that are cells as they are. */
type CellField<Row> = { [Name in keyof Row]-?: Row[Name] extends Cell ? Name : never }[keyof Row];

/** A field that is a cell as it is, or what a cell holds; a list stands in one cell. */
export type Column<Row> = CellField<Row> | ((row: Row) => Cell | readonly string[]);

/** A table of the rows that a report has in one place; it is given its columns by their titles. */
export function table<Row>(
  rowsOf: (model: ReportModel) => readonly Row[],
): (columns: Readonly<Record<string, Column<Row>>>) => Table {
  return (columns) => {
    const cells = Object.values(columns);
    return {
      titles: Object.keys(columns),
      rows: (model) => rowsOf(model).map((row) => cells.map((column) => cellOf(row, column))),
    };
  };
}

function cellOf<Row>(row: Row, column: Column<Row>): Cell {
  // `as`: the type of a column admits only such fields, which the compiler cannot follow for a row of any type.
  const value = typeof column === "function" ? column(row) : (row[column] as Cell);
  return Array.isArray(value) ? value.join(" | ") : (value as Cell);
}
