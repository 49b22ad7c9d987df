import { compareText } from "../../../../core/evaluate/order.ts";
import { counted } from "../../../../core/text/counted.ts";
import type { Columns } from "../columns.ts";
import { toneOf } from "../tones.ts";
import { element, icon } from "./elements.ts";
import { type Facet, labelTexts, type Query, SORTS, type Sort } from "./selection.ts";

const STATES = ["compromised", "expired", "stale", "active", "retired"];

const CHOICES: readonly (readonly [Facet, string])[] = [
  ["team", "Owner"],
  ["service", "Service"],
  ["type", "Type"],
  ["method", "Method"],
];

const SORT_TITLES: Readonly<Record<Sort, string>> = {
  worst: "Worst first",
  name: "Name",
  state: "State",
  due: "Due date",
  rotated: "Last rotated",
  team: "Owner",
  service: "Service",
  type: "Type",
};

export const EVERYTHING: Query = {
  text: "",
  states: new Set(),
  facets: {},
  label: "",
  sort: "worst",
  isDescending: false,
  group: "",
};

/** What people choose with above the list. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #status = element("p", { role: "status", class: "result" });
  readonly #onQuery: (query: Query) => void;
  readonly #search = element("input", {
    type: "search",
    id: "search",
    placeholder: "Name, owner, service, policy, label …",
    autocomplete: "off",
    spellcheck: "false",
  });
  readonly #reset = element("button", { type: "button", class: "quiet-button", hidden: true }, "Show all");
  readonly #selects = new Map<string, HTMLSelectElement>();
  readonly #states = new Map<string, HTMLButtonElement>();
  #query: Query = EVERYTHING;

  constructor(columns: Columns, onQuery: (query: Query) => void) {
    this.#onQuery = onQuery;
    this.#search.addEventListener("input", () => this.#ask({ text: this.#search.value }));
    this.#reset.addEventListener("click", () => this.#clear());
    this.element = element(
      "div",
      { class: "toolbar", role: "search", "aria-label": "Credentials" },
      element("div", { class: "field wide" }, element("label", { for: "search" }, "Search"), this.#search),
      CHOICES.map(([facet, title]) =>
        this.#choice(facet, title, optionsOf(columns[facet].values), (value) => this.#facet(facet, value)),
      ),
      this.#choice("label", "Label", labelsOf(columns), (label) => this.#ask({ label })),
      this.#choice("group", "Group by", groupsOf(columns), (group) => this.#ask({ group }), "no groups"),
      this.#choice(
        "sort",
        "Sort by",
        SORTS.filter((sort) => sort !== "worst").map((sort) => [sort, SORT_TITLES[sort]]),
        (value) => this.sortBy(SORTS.find((sort) => sort === value) ?? "worst", false),
        SORT_TITLES.worst,
      ),
      element(
        "div",
        { class: "state-filter", role: "group", "aria-label": "States" },
        this.#stateButtons(columns),
      ),
      element("div", { class: "outcome" }, this.#status, this.#reset),
    );
  }

  /** The same column again turns the order around. */
  sortBy(sort: Sort, mayTurn = true): void {
    const isDescending = mayTurn && this.#query.sort === sort && !this.#query.isDescending;
    const select = this.#selects.get("sort");
    if (select !== undefined) select.value = sort === "worst" ? "" : sort;
    this.#ask({ sort, isDescending });
  }

  /** Shows only one state, or all again. */
  onlyState(state: string): void {
    const isAlone = this.#query.states.size === 1 && this.#query.states.has(state);
    this.#choose(isAlone ? new Set() : new Set([state]));
  }

  /** Says how many there are. */
  tell(shown: number, all: number): void {
    this.#status.textContent =
      shown === all ? counted(all, "credential") : `${shown} of ${counted(all, "credential")}`;
  }

  #stateButtons({ state }: Columns): readonly HTMLElement[] {
    const numbers = new Map<string, number>();
    for (const at of state.at) {
      const word = state.values[at] ?? "";
      numbers.set(word, (numbers.get(word) ?? 0) + 1);
    }
    return STATES.filter((word) => numbers.has(word)).map((word) => {
      const button = element(
        "button",
        { type: "button", class: `toggle ${toneOf(word)}`, "aria-pressed": "false" },
        icon(toneOf(word)),
        word,
        element("span", { class: "count" }, numbers.get(word)),
      );
      button.addEventListener("click", () => {
        const states = new Set(this.#query.states);
        if (!states.delete(word)) states.add(word);
        this.#choose(states);
      });
      this.#states.set(word, button);
      return button;
    });
  }

  #choose(states: ReadonlySet<string>): void {
    for (const [word, button] of this.#states) button.setAttribute("aria-pressed", String(states.has(word)));
    this.#ask({ states });
  }

  #facet(facet: Facet, value: string): void {
    const { [facet]: _former, ...facets } = this.#query.facets;
    this.#ask({ facets: value === "" ? facets : { ...facets, [facet]: value } });
  }

  #choice(
    id: string,
    title: string,
    options: readonly (readonly [value: string, title: string])[],
    onChange: (value: string) => void,
    any = "any",
  ): HTMLElement {
    const select = element(
      "select",
      { id: `choose-${id}` },
      element("option", { value: "" }, any),
      options.map(([value, text]) => element("option", { value }, text)),
    );
    select.addEventListener("change", () => onChange(select.value));
    this.#selects.set(id, select);
    return element("div", { class: "field" }, element("label", { for: `choose-${id}` }, title), select);
  }

  #clear(): void {
    this.#search.value = "";
    for (const select of this.#selects.values()) select.value = "";
    this.#query = EVERYTHING;
    this.#choose(new Set());
    this.#search.focus();
  }

  #ask(change: Partial<Query>): void {
    this.#query = { ...this.#query, ...change };
    const { text, states, facets, label, group, sort } = this.#query;
    const isAll =
      text === "" &&
      states.size === 0 &&
      Object.keys(facets).length === 0 &&
      label === "" &&
      group === "" &&
      sort === "worst";
    this.#reset.hidden = isAll;
    this.#onQuery(this.#query);
  }
}

function optionsOf(values: readonly string[]): readonly (readonly [string, string])[] {
  return values.toSorted(compareText).map((value) => [value, value]);
}

function labelsOf({ labels }: Columns): readonly (readonly [string, string])[] {
  return optionsOf([...new Set(labels.values.flatMap(labelTexts))]);
}

function groupsOf({ labels }: Columns): readonly (readonly [string, string])[] {
  const keys = new Set(labels.values.flatMap((all) => Object.keys(all)));
  return [
    ...CHOICES.map(([facet, title]) => [facet, title] as const),
    ["state", "State"] as const,
    ...[...keys].toSorted(compareText).map((key) => [`label:${key}`, `Label ${key}`] as const),
  ];
}
