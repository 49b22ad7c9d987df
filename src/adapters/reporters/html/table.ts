import { counted } from "../../../core/text/counted.ts";
import { html, type Markup } from "./markup.ts";

type Cell = string | number | Markup;

/** A column of a table: its title, its cell of a row, and whether its cells are numbers. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => Cell;
  /** Cells are numbers or dates: they stand below each other. */
  readonly isNumber?: boolean;
}

/** How a table is introduced, and where the rest of a long one is. */
export interface TableTexts {
  readonly caption: string;
  /** File that has all rows. */
  readonly rest: string;
}

/** More rows make no page better: the files beside it have them all. */
const MOST_ROWS = 200;

/** A table whose first column names the row; of a long list the first rows and where the others are. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { caption, rest }: TableTexts,
  most = MOST_ROWS,
): Markup {
  const shown = rows.slice(0, most);
  const left = rows.length - shown.length;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title, isNumber }) => html`<th scope="col"${numeric(isNumber)}>${title}</th>`)}</tr></thead>
<tbody>${shown.map((row) => html`<tr>${columns.map((column, at) => cellOf(column, at, row))}</tr>\n`)}</tbody>
</table></div>${left === 0 ? "" : html`<p class="more">${counted(left, "row")} more in <code>${rest}</code>.</p>`}`;
}

function cellOf<Row>({ of, isNumber }: Column<Row>, at: number, row: Row): Markup {
  return at === 0
    ? html`<th scope="row"${numeric(isNumber)}>${of(row)}</th>`
    : html`<td${numeric(isNumber)}>${of(row)}</td>`;
}

function numeric(isNumber: boolean | undefined): Markup {
  return isNumber === true ? html` class="number"` : html``;
}
