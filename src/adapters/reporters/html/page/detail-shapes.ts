import { toneOf } from "../tones.ts";
import { type Child, element, icon } from "./elements.ts";

/** A word with its picture, in its colour. */
export function badge(word: string): HTMLElement {
  return element("span", { class: `badge ${toneOf(word)}` }, icon(toneOf(word)), word);
}

/** A text of somebody in the middle of a sentence, whose direction it must not turn. */
export function said(text: string): HTMLElement {
  return element("bdi", {}, text);
}

/** Names with what they are; those of nothing are left out. */
export function list(pairs: readonly (readonly [string, Child])[]): HTMLElement {
  return element(
    "dl",
    { class: "facts" },
    pairs.flatMap(([name, value]) =>
      value === null ? [] : [element("div", {}, element("dt", {}, name), element("dd", {}, value))],
    ),
  );
}

/** A table whose first column names the row. */
export function table(titles: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": titles.join(", ") },
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          titles.map((title) => element("th", { scope: "col" }, title)),
        ),
      ),
      element(
        "tbody",
        {},
        rows.map((cells) =>
          element(
            "tr",
            {},
            cells.map((cell, at) =>
              at === 0 ? element("th", { scope: "row" }, cell) : element("td", {}, cell),
            ),
          ),
        ),
      ),
    ),
  );
}
