type Cell = string | number | boolean | null;

/** A column of a file: its title, and its cell of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => Cell;
}

/** Names of the fields of a row that are cells as they are. */
type CellField<Row> = { [Name in keyof Row]-?: Row[Name] extends Cell ? Name : never }[keyof Row];

/** The column of one field. */
export function column<Row>(title: string, field: CellField<Row>): Column<Row> {
  // `as`: the type of `field` admits only such fields, which the compiler cannot follow for a row of any type.
  return { title, of: (row) => row[field] as Cell };
}
