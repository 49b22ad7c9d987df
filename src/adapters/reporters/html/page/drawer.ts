import type { Columns } from "../columns.ts";
import { detailParts } from "./detail-parts.ts";
import { element } from "./elements.ts";
import { readDetail } from "./page-data.ts";

const HASH = /^#credential\/(.+)$/;

/**
 * Shows the credential that the address names, over the page, until it is closed. Whoever had the focus has it again
 * then. Gives what must be done when the address changes.
 */
export function openDrawer(columns: Columns): () => Promise<void> {
  const title = element("h2", { id: "drawer-title", tabindex: -1 });
  const close = element("button", { type: "button", class: "close", "aria-label": "Close" }, "✕");
  const body = element("div", { class: "drawer-body" });
  const drawer = element(
    "dialog",
    { id: "drawer", "aria-labelledby": "drawer-title" },
    element("header", {}, title, close),
    body,
  );
  document.body.append(drawer);
  const rows = new Map(columns.name.map((name, row) => [name, row]));

  close.addEventListener("click", () => drawer.close());
  drawer.addEventListener("click", (event) => {
    // What is beside the drawer belongs to it, too, but to nothing within it.
    if (event.target === drawer) drawer.close();
  });
  drawer.addEventListener("close", () => {
    if (HASH.test(location.hash)) history.replaceState(null, "", location.pathname + location.search);
  });

  return async () => {
    const name = nameIn(location.hash);
    if (name === undefined) return drawer.close();
    const row = rows.get(name);
    const detail = row === undefined ? undefined : await readDetail(columns, row);
    if (nameIn(location.hash) !== name) return;
    title.textContent = name;
    body.replaceChildren(...(detail === undefined ? [missing(name)] : detailParts(detail, columns.asOf)));
    if (!drawer.open) drawer.showModal();
    body.scrollTop = 0;
    title.focus();
  };
}

function nameIn(hash: string): string | undefined {
  const [, encoded] = HASH.exec(hash) ?? [];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function missing(name: string): HTMLElement {
  return element("p", { class: "nothing" }, `This report has no credential ${name}.`);
}
