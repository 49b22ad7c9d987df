// What the dashboard does where scripts run: the list of all credentials, and one of them in full.
import { openDrawer } from "./drawer.ts";
import { byId, element } from "./elements.ts";
import { Grid } from "./grid.ts";
import { readColumns } from "./page-data.ts";
import { printRows } from "./print-table.ts";
import { type Query, type Selection, select, worstRows } from "./selection.ts";
import { showTools } from "./theme-switch.ts";
import { EVERYTHING, Toolbar } from "./toolbar.ts";

async function start(place: HTMLElement): Promise<void> {
  const columns = await readColumns();
  const worst = worstRows(columns);
  const shown: { selection: Selection } = { selection: { rows: worst, groups: undefined } };

  const show = (query: Query): void => {
    shown.selection = select(columns, worst, query);
    grid.show(shown.selection, query.sort, query.isDescending);
    toolbar.tell(shown.selection.rows.length, worst.length);
  };
  const toolbar = new Toolbar(columns, show);
  const grid = new Grid(columns, (sort) => toolbar.sortBy(sort));
  place.append(toolbar.element, grid.element);
  place.hidden = false;
  show(EVERYTHING);
  // Programs that look at the page see by it that all of it is there.
  document.documentElement.dataset["ready"] = "true";

  pressTiles(toolbar);
  printRows(columns, place, () => shown.selection.rows);
  const follow = openDrawer(columns);
  window.addEventListener("hashchange", () => void follow());
  await follow();
}

/** The numbers of the scorecard choose what they count. */
function pressTiles(toolbar: Toolbar): void {
  for (const tile of document.querySelectorAll<HTMLElement>("[data-state]")) {
    const state = tile.dataset["state"] ?? "";
    const button = element("button", { type: "button" }, `Show ${state} credentials`);
    button.addEventListener("click", () => {
      toolbar.onlyState(state);
      byId("credentials").scrollIntoView();
    });
    tile.append(button);
  }
}

showTools();
const place = document.getElementById("grid");
if (place !== null) {
  start(place).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    place.hidden = false;
    place.replaceChildren(
      element(
        "p",
        { class: "nothing" },
        `This browser cannot show the list (${why}). It is in api/v1/credentials.json.`,
      ),
    );
  });
} else {
  document.documentElement.dataset["ready"] = "true";
}
