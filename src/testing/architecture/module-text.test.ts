import { describe, expect, test } from "vitest";
import { readModule } from "./module-text.ts";

function imports(source: string): string[] {
  return readModule("a.ts", source).imports.map(
    ({ kind, specifier, line }) => `${line} ${kind} ${specifier}`,
  );
}

describe("imports", () => {
  test.each([
    ['import { a } from "./a.ts";', "1 value ./a.ts"],
    ["import { a } from './a.ts'", "1 value ./a.ts"],
    ['import a from "a";', "1 value a"],
    ['import a, { b } from "a";', "1 value a"],
    ['import * as a from "a";', "1 value a"],
    ['import "./effect.ts";', "1 value ./effect.ts"],
    ['import type { A } from "./a.ts";', "1 type ./a.ts"],
    ['import { type A, b } from "./a.ts";', "1 value ./a.ts"],
    ['import type from "./a.ts";', "1 value ./a.ts"],
    ['import {\n  a,\n  from,\n} from "./a.ts";', "1 value ./a.ts"],
    ['/* c */ import /* { x } from "x" */ { a } from // no\n "./a.ts";', "1 value ./a.ts"],
    ['export { a } from "./a.ts";', "1 re-export ./a.ts"],
    ['export * from "./a.ts";', "1 re-export ./a.ts"],
    ['export * as ns from "./a.ts";', "1 re-export ./a.ts"],
    ['export type { A } from "./a.ts";', "1 type ./a.ts"],
    ['const a = await import("./a.ts");', "1 dynamic ./a.ts"],
    ["const a = await import(`./a.ts`);", "1 dynamic ./a.ts"],
    ['const f = () => {\n  return import(\n    "./a.ts");\n};', "2 dynamic ./a.ts"],
    ['const s = `${(await import("./a.ts")).x}`;', "1 dynamic ./a.ts"],
  ])("are seen in %j", (source, expected) => {
    expect(imports(source)).toEqual([expected]);
  });

  test.each([
    ['// import { a } from "./a.ts";'],
    ['/* export * from "./a.ts"; */'],
    ["const s = 'import { a } from \"./a.ts\"';"],
    ['const s = "export * from \\"./a.ts\\"";'],
    ['const s = `import { a } from "./a.ts"`;'],
    ['const s = `${"x"} import "./a.ts" ${`import "./b.ts"`}`;'],
    ['const r = /import "x"/;'],
    ["const r = x.replace(/[\"'`]/g, \"import './a.ts'\");"],
    ["const url = import.meta.url;"],
    ["const a = table.import;"],
    ["export const a = 1;"],
    ["export { a };"],
    ["const a = await import(name);"],
  ])("are not seen in %j", (source) => {
    expect(imports(source)).toEqual([]);
  });

  test("keep their line after strings, templates and comments that span lines", () => {
    expect(imports('/*\n\n*/ const a = `\n${b}\n`;\n"x\\\ny";\nimport "./a.ts";')).toEqual([
      "8 value ./a.ts",
    ]);
  });

  test("are seen after a division, which begins no regular expression", () => {
    expect(imports('const a = b / 2; const c = (d) / 2;\nimport "./a.ts"; const e = 1 / 2;')).toEqual([
      "2 value ./a.ts",
    ]);
  });
});

describe("exports", () => {
  test.each([
    ["export default function f() {}", 1],
    ["const a = 1;\nexport { a as default };", 2],
    ["export const a = 1;", undefined],
    ["switch (a) { default: break; }", undefined],
  ])("a default export in %j is on line %s", (source, line) => {
    expect(readModule("a.ts", source).defaultExportLine).toBe(line);
  });

  test.each([
    ['export { a } from "./a.ts";\nexport type { B } from "./b.ts";', true],
    ['import { a } from "./a.ts";\nexport { a };', true],
    ['export * from "./a.ts";', true],
    ['export { a } from "./a.ts";\nexport const b = 1;', false],
    ['import { a } from "./a.ts";\na();', false],
    ["", false],
  ])("%j is a barrel: %s", (source, isBarrel) => {
    expect(readModule("a.ts", source).isBarrel).toBe(isBarrel);
  });
});

test("lines are counted as an editor counts them", () => {
  expect(readModule("a.ts", "a\nb\n").lines).toBe(2);
  expect(readModule("a.ts", "a\nb").lines).toBe(2);
});
