import { expect, test } from "vitest";
import { failAt } from "../core/evaluate/fail-at.ts";
import { hiddenTexts } from "./hidden-texts.ts";
import { problemAnnotation, shownAnnotations } from "./outcome.ts";
import { summaryTables } from "./summary-page.ts";

const PROBLEM = {
  file: "registry/a.yaml",
  line: 3,
  column: 5,
  code: "schema",
  message: "bad",
  fix: "mend it",
};

test("an annotation stands at the file as it lies in the workspace", () => {
  expect(problemAnnotation("error", PROBLEM, ".").file).toBe("registry/a.yaml");
  expect(problemAnnotation("error", PROBLEM, "./security/").file).toBe("security/registry/a.yaml");
});

test("of each level ten are told, errors first, and warnings never push errors out", () => {
  const many = (level: "error" | "warning", count: number) =>
    Array.from({ length: count }, () => problemAnnotation(level, PROBLEM, "."));
  const shown = shownAnnotations([...many("warning", 30), ...many("error", 12)]).map(({ level }) => level);
  expect(shown).toEqual([
    ...Array.from({ length: 10 }, () => "error"),
    ...Array.from({ length: 10 }, () => "warning"),
  ]);
});

test("a page stays below what GitHub takes, and counts what it leaves out", () => {
  const row = ["`x`|<b>".repeat(1000), "☃".repeat(1000)];
  const table = { title: "T", columns: ["A", "B"], rows: Array.from({ length: 2000 }, () => row) };
  const page = summaryTables([table, table, table, table, table]);
  expect(Buffer.byteLength(page)).toBeLessThan(1024 * 1024);
  expect(page).toMatch(/\d+ more: the report file has them all/);
});

test("a cell is text and nothing else", () => {
  const page = summaryTables([
    { title: "T", columns: ["A"], rows: [["| x |\n\n# big <img src=x> [a](https://e.example) @acme/all"]] },
  ]);
  expect(page.split("\n").filter((line) => line.startsWith("|"))).toHaveLength(3);
  expect(page).not.toMatch(/(?<!\\)<|(?<!\\)\]|@acme|^# /m);
});

test("a finding at the level or above fails the step, a waived one does not", () => {
  const critical = { level: "critical", waivedBy: null } as const;
  expect(failAt(undefined, [critical])).toBe(0);
  expect(failAt("warning", [critical])).toBe(1);
  expect(failAt("emergency", [critical])).toBe(0);
  expect(failAt("critical", [{ ...critical, waivedBy: "freeze" }])).toBe(0);
});

test("of hidden texts the longest goes first, so that no rest of it remains", () => {
  const hidden = hiddenTexts();
  hidden.add("secret");
  hidden.add("secret-and-more");
  expect(hidden.remove("a secret-and-more b secret")).toBe("a *** b ***");
});
