import { percentText } from "../../../../core/text/percent.ts";
import { type Columns, lineAt } from "../columns.ts";
import { credentialHash } from "../data-places.ts";
import { toneOf } from "../tones.ts";
import { daysText } from "./days-text.ts";
import { type Child, dateOf, element, icon } from "./elements.ts";
import type { Group, Selection, Sort } from "./selection.ts";

/** A line of the list: a credential by its row, or the head of a group. */
type Item = number | Group;

/** Lines beyond those in sight that are ready when somebody scrolls. */
const SPARE = 8;

const COLUMNS: readonly { readonly title: string; readonly sort?: Sort; readonly css: string }[] = [
  { title: "Credential", sort: "name", css: "c-name" },
  { title: "State", sort: "state", css: "c-state" },
  { title: "Due", sort: "due", css: "c-due" },
  { title: "Last rotated", sort: "rotated", css: "c-rotated" },
  { title: "Owner", sort: "team", css: "c-team" },
  { title: "Service", sort: "service", css: "c-service" },
  { title: "Type", sort: "type", css: "c-type" },
  { title: "Notes", css: "c-notes" },
];

/** The list of credentials, of which only what is in sight is in the page. */
export class Grid {
  readonly element: HTMLElement;
  readonly #columns: Columns;
  readonly #head: HTMLElement;
  readonly #body: HTMLElement;
  readonly #shown = new Map<number, HTMLElement>();
  readonly #closed = new Set<string>();
  #selection: Selection = { rows: [], groups: undefined };
  #items: readonly Item[] = [];
  /** The line that the keyboard is on. */
  #active = 0;

  constructor(columns: Columns, onSort: (sort: Sort) => void) {
    this.#columns = columns;
    this.#head = element(
      "div",
      { role: "row", class: "row head", "aria-rowindex": 1 },
      COLUMNS.map(({ title, sort, css }) => {
        const cell = element("div", { role: "columnheader", class: css });
        if (sort === undefined) {
          cell.append(title);
          return cell;
        }
        const button = element("button", { type: "button", "data-sort": sort }, title);
        button.addEventListener("click", () => onSort(sort));
        cell.append(button);
        return cell;
      }),
    );
    this.#body = element("div", { role: "rowgroup", class: "rows" });
    this.element = element(
      "div",
      {
        role: "grid",
        class: "grid",
        tabindex: -1,
        "aria-label": "Credentials",
        "aria-colcount": COLUMNS.length,
      },
      element("div", { role: "rowgroup", class: "grid-head" }, this.#head),
      this.#body,
    );
    this.element.addEventListener("scroll", () => this.#draw(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#body.addEventListener("focusin", (event) => this.#onFocus(event));
    new ResizeObserver(() => this.#draw(true)).observe(this.element);
  }

  /** Shows these rows from the first on. */
  show(selection: Selection, sort: Sort, isDescending: boolean): void {
    this.#selection = selection;
    this.#active = 0;
    this.element.scrollTop = 0;
    for (const button of this.#head.querySelectorAll("button")) {
      const isSorted = button.dataset["sort"] === sort;
      const order = isSorted ? (isDescending ? "descending" : "ascending") : "none";
      button.parentElement?.setAttribute("aria-sort", order);
    }
    this.#fill();
  }

  #fill(): void {
    const { rows, groups } = this.#selection;
    this.#items = groups === undefined ? rows : groups.flatMap((group) => this.#linesOf(group));
    this.element.setAttribute("aria-rowcount", String(this.#items.length + 1));
    this.#draw(true);
  }

  #linesOf(group: Group): readonly Item[] {
    const head: readonly Item[] = [group];
    return this.#closed.has(group.title) ? head : head.concat(group.rows);
  }

  #height(): number {
    return Number.parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 44;
  }

  #draw(isNew = false): void {
    const height = this.#height();
    this.#body.style.height = `${this.#items.length * height}px`;
    const first = Math.max(0, Math.floor(this.element.scrollTop / height) - SPARE);
    const last = Math.min(
      this.#items.length,
      Math.ceil((this.element.scrollTop + this.element.clientHeight) / height) + SPARE,
    );
    // The line that has the focus stays, however far away it is.
    const wanted = new Set([this.#active]);
    for (let at = first; at < last; at += 1) wanted.add(at);
    for (const [at, line] of this.#shown) {
      if (!isNew && wanted.has(at)) continue;
      line.remove();
      this.#shown.delete(at);
    }
    for (const at of wanted) {
      const item = this.#items[at];
      if (item === undefined || this.#shown.has(at)) continue;
      const line = typeof item === "number" ? this.#rowOf(item) : this.#headOf(item);
      line.setAttribute("aria-rowindex", String(at + 2));
      line.dataset["at"] = String(at);
      line.style.transform = `translateY(${at * height}px)`;
      this.#reach(line, at === this.#active);
      this.#shown.set(at, line);
      this.#body.append(line);
    }
  }

  #rowOf(row: number): HTMLElement {
    const line = lineAt(this.#columns, row);
    const cells: Record<string, Child> = {
      "c-name": element("a", { href: credentialHash(line.name), tabindex: -1 }, line.name),
      "c-state": element(
        "span",
        { class: `badge ${toneOf(line.state)}` },
        icon(toneOf(line.state)),
        line.state,
      ),
      "c-due": [
        dateOf(line.dueAt),
        line.daysUntilDue === null
          ? null
          : element("small", { class: line.daysUntilDue < 0 ? "late" : "soft" }, daysText(line.daysUntilDue)),
      ],
      "c-rotated": dateOf(line.lastRotatedAt),
      "c-team": element("bdi", {}, line.team),
      "c-service": element("bdi", {}, line.service),
      "c-type": line.type,
      "c-notes": notesOf(line),
    };
    const made = element(
      "div",
      { role: "row", class: `row ${toneOf(line.state)}` },
      COLUMNS.map(({ css }) =>
        element("div", { role: css === "c-name" ? "rowheader" : "gridcell", class: css }, cells[css]),
      ),
    );
    made.addEventListener("click", (event) => {
      if (!(event.target instanceof HTMLAnchorElement)) made.querySelector("a")?.click();
    });
    return made;
  }

  #headOf(group: Group): HTMLElement {
    const { title, rows, inUse, compliant } = group;
    const isOpen = !this.#closed.has(title);
    const button = element(
      "button",
      { type: "button", "aria-expanded": String(isOpen), tabindex: -1 },
      title,
    );
    button.addEventListener("click", () => {
      if (isOpen) this.#closed.add(title);
      else this.#closed.delete(title);
      this.#fill();
      this.#focus(this.#active);
    });
    const strict =
      inUse === 0
        ? "none in use"
        : `${compliant} of ${inUse} inside their policy (${percentText(compliant / inUse)})`;
    return element(
      "div",
      { role: "row", class: "row group" },
      element(
        "div",
        { role: "rowheader", "aria-colspan": COLUMNS.length },
        button,
        element("span", { class: "count" }, rows.length),
        element("span", { class: "soft" }, strict),
      ),
    );
  }

  #onFocus({ target }: FocusEvent): void {
    const line = target instanceof Element ? target.closest<HTMLElement>("[data-at]") : null;
    const at = Number(line?.dataset["at"] ?? this.#active);
    if (at === this.#active) return;
    const before = this.#shown.get(this.#active);
    if (before !== undefined) this.#reach(before, false);
    this.#active = at;
    if (line !== null) this.#reach(line, true);
  }

  /** Only one line is in the order of the tabulator key; arrows lead to the others. */
  #reach(line: HTMLElement, isReached: boolean): void {
    line.querySelector("a, button")?.setAttribute("tabindex", isReached ? "0" : "-1");
  }

  #onKey(event: KeyboardEvent): void {
    if (!(event.target instanceof Element) || !this.#body.contains(event.target)) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#height()) - 2);
    const last = this.#items.length - 1;
    const goal = new Map([
      ["ArrowDown", this.#active + 1],
      ["ArrowUp", this.#active - 1],
      ["PageDown", this.#active + page],
      ["PageUp", this.#active - page],
      ["Home", 0],
      ["End", last],
    ]).get(event.key);
    if (goal === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#focus(Math.min(Math.max(goal, 0), last));
  }

  #focus(at: number): void {
    const height = this.#height();
    const before = this.#shown.get(this.#active);
    if (before !== undefined) this.#reach(before, false);
    this.#active = at;
    const top = at * height;
    const room = this.element.clientHeight - this.#head.offsetHeight;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    if (top + height > this.element.scrollTop + room) this.element.scrollTop = top + height - room;
    this.#draw();
    const line = this.#shown.get(at);
    if (line === undefined) return;
    this.#reach(line, true);
    line.querySelector<HTMLElement>("a, button")?.focus({ preventScroll: true });
  }
}

function notesOf(line: ReturnType<typeof lineAt>): readonly Child[] {
  return [
    line.exception === null
      ? null
      : element("span", { class: "chip", title: `Exception ${line.exception}` }, "exception"),
    line.rotation === null ? null : element("span", { class: "chip" }, `rotation ${line.rotation}`),
    line.findings === 0
      ? null
      : element("span", { class: "chip" }, line.findings === 1 ? "1 finding" : `${line.findings} findings`),
  ];
}
