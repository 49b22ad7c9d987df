import { compareText } from "../../../../core/evaluate/order.ts";
import type { CredentialLine } from "../../../../core/report/api/api-schemas.ts";
import { urgencyOf } from "../../../../core/report/worst-first.ts";
import { type Columns, valueAt } from "../columns.ts";

/** Columns by which people choose, and group. */
export const FACETS = ["team", "service", "type", "method", "state"] as const;
export type Facet = (typeof FACETS)[number];

/** What rows can be sorted by; `worst`: those that need somebody first. */
export const SORTS = ["worst", "name", "state", "due", "rotated", "team", "service", "type"] as const;
export type Sort = (typeof SORTS)[number];

/** What somebody asked to see. */
export interface Query {
  readonly text: string;
  readonly states: ReadonlySet<string>;
  /** Value of each facet; absent: any. */
  readonly facets: Readonly<Partial<Record<Facet, string>>>;
  /** `key=value`; empty: any. */
  readonly label: string;
  readonly sort: Sort;
  readonly isDescending: boolean;
  /** A facet, or `label:KEY`; empty: no groups. */
  readonly group: string;
}

/** Some rows under one title. */
export interface Group {
  readonly title: string;
  readonly rows: readonly number[];
  /** How many of them are in use, and how many of those are inside of their policy. */
  readonly inUse: number;
  readonly compliant: number;
}

/** The rows that a query shows, in order; with groups where it asks for them. */
export interface Selection {
  readonly rows: readonly number[];
  readonly groups: readonly Group[] | undefined;
}

/** All rows, the worst first. */
export function worstRows(columns: Columns): readonly number[] {
  const { state, level, compliant, dueAt, name } = columns;
  const keys = name.map((_, row) => {
    const urgency = urgencyOf({
      state: valueAt(state, row),
      level: valueAt(level, row),
      compliantStrict: compliant[row] === 2,
      compliantAdjusted: compliant[row] !== 0,
    });
    return urgency * 1e11 + (valueAt(dueAt, row) ?? 5e10);
  });
  return name.map((_, row) => row).toSorted((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}

/** The rows that fit a query, of `worst`, which is all of them with the worst first. */
export function select(columns: Columns, worst: readonly number[], query: Query): Selection {
  const fits = fitOf(columns, query);
  const rows = sorted(columns, worst.filter(fits), query);
  return { rows, groups: query.group === "" ? undefined : groupsOf(columns, rows, query.group) };
}

function fitOf(columns: Columns, query: Query): (row: number) => boolean {
  const tests: ((row: number) => boolean)[] = [];
  if (query.states.size > 0) tests.push(anyOf(columns.state, (state) => query.states.has(state)));
  for (const facet of FACETS) {
    const wanted = query.facets[facet];
    if (wanted !== undefined) tests.push(anyOf<string>(columns[facet], (value) => value === wanted));
  }
  if (query.label !== "") {
    tests.push(anyOf(columns.labels, (labels) => labelTexts(labels).includes(query.label)));
  }
  const words = query.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  tests.push(...words.map((word) => hasWord(columns, word)));
  return (row) => tests.every((test) => test(row));
}

/** Whether a value of a column passes is asked once for each value, not for each row. */
function anyOf<Value>(
  { values, at }: { readonly values: readonly Value[]; readonly at: readonly number[] },
  passes: (value: Value) => boolean,
): (row: number) => boolean {
  const passing = values.map(passes);
  return (row) => passing[at[row] ?? 0] === true;
}

function hasWord(columns: Columns, word: string): (row: number) => boolean {
  const has = (text: string | null): boolean => text?.toLowerCase().includes(word) ?? false;
  const { name, type, service, team, contact, method, provider, state, policy, exception, labels } = columns;
  const tests = [
    ...[type, service, team, contact, method, state].map((column) => anyOf<string>(column, has)),
    ...[provider, policy, exception].map((column) => anyOf<string | null>(column, has)),
    anyOf(labels, (all) => labelTexts(all).some(has)),
  ];
  return (row) => has(name[row] ?? null) || tests.some((test) => test(row));
}

/** Labels as people write them. */
export function labelTexts(labels: CredentialLine["labels"]): readonly string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}

function sorted(columns: Columns, rows: readonly number[], { sort, isDescending }: Query): readonly number[] {
  const key = keyOf(columns, sort);
  if (key === undefined) return isDescending ? rows.toReversed() : rows;
  const turn = isDescending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    // What has none stands last whichever way.
    if (left === null || right === null) return (left === null ? 1 : 0) - (right === null ? 1 : 0);
    return (left - right) * turn;
  });
}

const STATE_ORDER = ["compromised", "expired", "stale", "active", "retired"];

function keyOf(columns: Columns, sort: Sort): ((row: number) => number | null) | undefined {
  const { dueAt, interval, state } = columns;
  if (sort === "worst") return undefined;
  // Rows come by name.
  if (sort === "name") return (row) => row;
  if (sort === "due") return (row) => valueAt(dueAt, row);
  if (sort === "rotated") return (row) => (valueAt(dueAt, row) ?? 0) - valueAt(interval, row);
  if (sort === "state") return (row) => STATE_ORDER.indexOf(valueAt(state, row));
  const { values, at } = columns[sort];
  const places = new Map(values.toSorted(compareText).map((value, place) => [value, place]));
  const ranks = values.map((value) => places.get(value) ?? 0);
  return (row) => ranks[at[row] ?? 0] ?? 0;
}

function groupsOf(columns: Columns, rows: readonly number[], by: string): readonly Group[] {
  const titles = titlesOf(columns, by);
  return [...Map.groupBy(rows, titles)]
    .toSorted(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : compareText(a, b)))
    .map(([title, members]) => {
      const used = members.filter((row) => valueAt(columns.state, row) !== "retired");
      return {
        title: title === "" ? "none" : title,
        rows: members,
        inUse: used.length,
        compliant: used.filter((row) => columns.compliant[row] === 2).length,
      };
    });
}

function titlesOf(columns: Columns, by: string): (row: number) => string {
  const facet = FACETS.find((name) => name === by);
  if (facet !== undefined) return (row) => valueAt<string>(columns[facet], row);
  const label = by.slice("label:".length);
  return (row) => valueAt(columns.labels, row)[label] ?? "";
}
