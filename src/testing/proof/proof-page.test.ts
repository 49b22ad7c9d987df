import { expect, test } from "vitest";
import { withTables } from "./proof-page.ts";

const PAGE =
  "# Proof\n\n<!-- proof: kills-* -->\nold\n<!-- /proof -->\n\nText.\n\n<!-- proof: other -->\nkept\n<!-- /proof -->\n";
const table = (name: string, rows: number) => ({
  name,
  title: `Title of ${name}`,
  summary: `${rows} rows.`,
  head: ["a"],
  rows: Array.from({ length: rows }, (_, index) => [index]),
});

test("tables of the last run take their places, and what was not run stays", () => {
  const page = withTables(PAGE, [table("kills-b", 1), table("kills-a", 2), table("unasked", 1)]);
  expect(page).not.toContain("old");
  expect(page.indexOf("Title of kills-a")).toBeLessThan(page.indexOf("Title of kills-b"));
  expect(page).toContain("| a |\n| --- |\n| 0 |\n| 1 |\n");
  expect(page).toContain("kept");
  expect(page).not.toContain("unasked");
  expect(withTables(page, [table("kills-b", 1), table("kills-a", 2)])).toBe(page);
});

test("long tables are folded away", () => {
  expect(withTables(PAGE, [table("kills-a", 40)])).toContain("<details><summary>All 40 rows</summary>");
});

test("of a table that nobody would read in a page there is what it comes to, and where it is", () => {
  const page = withTables(PAGE, [table("kills-a", 300)]);
  expect(page).toContain("300 rows.\n\nIts 300 rows are in `test-results/kills-a.md` after a test run.");
  expect(page).not.toContain("| 299 |");
});
