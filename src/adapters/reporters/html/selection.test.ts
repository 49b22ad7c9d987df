import { describe, expect, test } from "vitest";
import { credentialLines } from "../../../core/report/api/credential-lines.ts";
import { worstFirst } from "../../../core/report/worst-first.ts";
import { credential } from "../../../testing/evaluation/world.ts";
import { sampleReport, WORLD } from "../../../testing/report/sample-report.ts";
import { type Columns, columnsOf, valueAt } from "./columns.ts";
import { type Query, select, worstRows } from "./page/selection.ts";

const model = sampleReport([
  ...WORLD,
  credential("pci-one", { service: "orders" }, { labels: { scope: "pci", environment: "production" } }),
  credential("pci-two", {}, { labels: { scope: "pci" } }),
]);
const columns: Columns = columnsOf(credentialLines(model), model.identity.asOf);
const worst = worstRows(columns);

const ALL: Query = {
  text: "",
  states: new Set(),
  facets: {},
  label: "",
  sort: "worst",
  isDescending: false,
  group: "",
};

function namesOf(query: Partial<Query>): readonly string[] {
  return select(columns, worst, { ...ALL, ...query }).rows.map((row) => columns.name[row]!);
}

describe("the list", () => {
  test("begins with the worst, as every format does", () => {
    expect(namesOf({})).toEqual(worstFirst(model.credentials).map(({ name }) => name));
  });

  test("is searched by every word, in whatever column each stands", () => {
    expect(namesOf({ text: "ORDERS pci" })).toEqual(["pci-one"]);
    expect(namesOf({ text: "postgresql" })).toEqual(["database"]);
    expect(namesOf({ text: "season" })).toEqual(["waived"]);
    expect(namesOf({ text: "nothing of the kind" })).toEqual([]);
  });

  test("is narrowed down by states, facets and a label together", () => {
    const gone = new Set(["expired", "compromised"]);
    expect(namesOf({ states: gone })).toEqual(["leaked", "pci-one", "pci-two", "overdue", "waived"]);
    expect(namesOf({ facets: { service: "orders" }, label: "scope=pci" })).toEqual(["pci-one"]);
    expect(namesOf({ facets: { team: "orders", type: "ssh-key" } })).toEqual([]);
  });

  test("is sorted either way, with what has no date at the end of both", () => {
    const up = namesOf({ sort: "due" });
    const down = namesOf({ sort: "due", isDescending: true });
    expect(up.slice(-2).toSorted()).toEqual(["retired", "unmatched"]);
    expect(down.slice(-2).toSorted()).toEqual(["retired", "unmatched"]);
    const dueOf = (name: string) => valueAt(columns.dueAt, columns.name.indexOf(name));
    expect(dueOf(up[0]!)).toBeLessThan(dueOf(down[0]!)!);
    expect(namesOf({ sort: "name" })).toEqual([...columns.name]);
    expect(namesOf({ sort: "name", isDescending: true })).toEqual(columns.name.toReversed());
  });

  test("is grouped by an owner or a label, with those that have none last", () => {
    const byLabel = select(columns, worst, { ...ALL, group: "label:scope" }).groups!;
    expect(byLabel.map(({ title, rows }) => [title, rows.length])).toEqual([
      ["pci", 2],
      ["none", columns.name.length - 2],
    ]);
    const byTeam = select(columns, worst, { ...ALL, group: "team" }).groups!;
    const { teams } = model.scorecard;
    expect(byTeam.map(({ title, inUse, compliant }) => [title, inUse, compliant])).toEqual(
      teams.map(({ value, strict }) => [value, strict.denominator, strict.numerator]),
    );
  });
});
