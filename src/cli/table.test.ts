import fc from "fast-check";
import { expect, test } from "vitest";
import { type Column, renderTable, wrap } from "./table.ts";

const plain = (width: number) => ({ width, style: (_: string, text: string) => text });

test("columns are as wide as what is in them, and lines have no trailing spaces", () => {
  const columns: Column[] = [{ title: "name" }, { title: "days", alignRight: true }, { title: "why" }];
  const rows = [
    ["a", "7", "x"],
    ["orders-db", "-12", ""],
  ];
  expect(renderTable(plain(Infinity), columns, rows)).toBe(
    ["NAME       DAYS  WHY", "a             7  x", "orders-db   -12", ""].join("\n"),
  );
});

test("the column that can spare most is shortened first, and the last goes on below itself", () => {
  const columns: Column[] = [
    { title: "name", shrinksTo: 6 },
    { title: "reason", shrinksTo: 10, wraps: true },
  ];
  expect(renderTable(plain(24), columns, [["orders-db", "the policy's window is closed"]])).toBe(
    ["NAME       REASON", "orders-db  the policy's", "           window is", "           closed", ""].join(
      "\n",
    ),
  );
});

test("no cell can break out of its line or steer the terminal", () => {
  const table = renderTable(plain(80), [{ title: "text" }], [["a\nb\u001b[2J\u202e"]]);
  expect(table).toBe("TEXT\na b\\u{1b}[2J\\u{202e}\n");
});

test("characters that are several code points count as one, and are never cut apart", () => {
  const columns: Column[] = [{ title: "n", shrinksTo: 3 }, { title: "m" }];
  expect(renderTable(plain(6), columns, [["👩‍👩‍👧e\u0301xyz", "1"]])).toBe("N    M\n👩‍👩‍👧e\u0301…  1\n");
});

test("a table of columns that can shrink fits, whatever is in it", () => {
  const columns: Column[] = [
    { title: "a", shrinksTo: 8 },
    { title: "b", shrinksTo: 8 },
    { title: "c", shrinksTo: 20, wraps: true },
  ];
  const word = fc.stringMatching(/^[a-z]{1,18}$/);
  const cell = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 40, max: 120 }),
      (rows, width) => {
        const lines = renderTable(plain(width), columns, rows).split("\n");
        expect(lines.filter((line) => line.length > width || line.endsWith(" "))).toEqual([]);
      },
    ),
  );
});

test("wrapped text keeps its words and fits, but for words that are longer", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^\S{1,30}$/), { minLength: 1 }),
      fc.integer({ min: 24, max: 200 }),
      (words, width) => {
        const lines = wrap(words.join(" "), width, "  ").split("\n");
        expect(lines.map((line) => line.trim()).join(" ")).toBe(words.join(" "));
        expect(
          lines.filter((line) => line.length > Math.min(width, 100) && line.trim().includes(" ")),
        ).toEqual([]);
      },
    ),
  );
});
