import { type Columns, lineAt } from "../columns.ts";
import { dateOf, element } from "./elements.ts";

const MOST = 1000;
const TITLES = [
  "Credential",
  "State",
  "Due",
  "Last rotated",
  "Owner",
  "Service",
  "Type",
  "Policy",
  "Exception",
];

/**
 * While the page is printed, a plain table of the rows that are chosen stands where the list is, and everything that
 * is folded is open.
 */
export function printRows(columns: Columns, place: HTMLElement, rows: () => readonly number[]): void {
  const folded: HTMLDetailsElement[] = [];
  const made: HTMLElement[] = [];
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) {
      if (details.open) continue;
      details.open = true;
      folded.push(details);
    }
    const printed = tableOf(columns, rows());
    made.push(printed);
    place.append(printed);
  });
  window.addEventListener("afterprint", () => {
    for (const details of folded.splice(0)) details.open = false;
    for (const printed of made.splice(0)) printed.remove();
  });
}

function tableOf(columns: Columns, rows: readonly number[]): HTMLElement {
  const left = rows.length - MOST;
  return element(
    "div",
    { class: "printed" },
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          TITLES.map((title) => element("th", { scope: "col" }, title)),
        ),
      ),
      element(
        "tbody",
        {},
        rows.slice(0, MOST).map((row) => rowOf(columns, row)),
      ),
    ),
    left > 0 ? element("p", {}, `${left} more are in api/v1/credentials.json.`) : null,
  );
}

function rowOf(columns: Columns, row: number): HTMLElement {
  const { name, state, dueAt, lastRotatedAt, team, service, type, policy, exception } = lineAt(columns, row);
  const cells = [
    state,
    dateOf(dueAt),
    dateOf(lastRotatedAt),
    team,
    service,
    type,
    policy ?? "–",
    exception ?? "–",
  ];
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    cells.map((cell) => element("td", {}, cell)),
  );
}
