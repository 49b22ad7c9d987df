import { describe, expect, test } from "vitest";
import {
  forceViolations,
  purityViolations,
  revealViolations,
  shapeViolations,
  stateViolations,
} from "./conventions.ts";
import { cycleViolations, layerViolations, type Violation } from "./layers.ts";
import { type ModuleText, readModule } from "./module-text.ts";

function files(sources: Readonly<Record<string, string>>): ModuleText[] {
  return Object.entries(sources).map(([path, source]) => readModule(path, source));
}

function places(violations: readonly Violation[]): string[] {
  return violations.map(({ rule, path, line }) => `${rule} ${path}:${line}`);
}

describe("layers", () => {
  test.each([
    ["src/core/plan/a.ts", "../../runner/b.ts"],
    ["src/core/plan/a.ts", "../../adapters/store/b.ts"],
    ["src/core/plan/a.ts", "../../testing/b.ts"],
    ["src/core/plan/a.ts", "node:fs"],
    ["src/core/plan/a.ts", "fs"],
    ["src/core/plan/a.ts", "pg"],
    ["src/runner/a.ts", "../adapters/store/b.ts"],
    ["src/runner/a.ts", "../app/b.ts"],
    ["src/runner/a.ts", "node:crypto"],
    ["src/adapters/rotators/one/a.ts", "../two/b.ts"],
    ["src/adapters/rotators/one/a.ts", "../shared.ts"],
    ["src/adapters/rotators/one/a.ts", "../../runtime/clock.ts"],
    ["src/adapters/documents/a.ts", "../documents-editor/b.ts"],
    ["src/adapters/store/state/a.ts", "../../../app/b.ts"],
    ["src/adapters/store/state/a.ts", "../../../runner/b.ts"],
    ["src/adapters/rotators/one/a.ts", "pg"],
    ["src/adapters/rotators/one/a.ts", "@aws-sdk/client-iam"],
    ["src/app/a.ts", "../cli/b.ts"],
    ["src/app/a.ts", "../testing/b.ts"],
    ["src/app/a.ts", "../tools/b.ts"],
    ["src/app/a.ts", "../../examples/consumer/b.ts"],
    ["src/cli/a.ts", "../adapters/store/b.ts"],
    ["src/cli/a.ts", "../runner/b.ts"],
    ["src/cli/a.ts", "yaml"],
    ["src/tools/a.ts", "../testing/b.ts"],
    ["src/somewhere/a.ts", "../core/b.ts"],
    ["examples/consumer/a.ts", "../../src/core/b.ts"],
  ])("%s may not import %s", (path, specifier) => {
    expect(places(layerViolations(files({ [path]: `\nimport { x } from "${specifier}";` })))).toEqual([
      `layers ${path}:2`,
    ]);
  });

  test.each([
    ["src/core/plan/a.ts", "../model/b.ts"],
    ["src/core/plan/a.ts", "typebox"],
    ["src/core/plan/a.ts", "typebox/value"],
    ["src/runner/a.ts", "../core/b.ts"],
    ["src/runner/a.ts", "./b.ts"],
    ["src/adapters/rotators/one/a.ts", "./b.ts"],
    ["src/adapters/rotators/one/deep/a.ts", "../b.ts"],
    ["src/adapters/rotators/one/a.ts", "../../../core/b.ts"],
    ["src/adapters/rotators/one/a.ts", "node:crypto"],
    ["src/adapters/store/state/a.ts", "../git/b.ts"],
    ["src/adapters/documents/a.ts", "ajv/dist/2020.js"],
    ["src/app/a.ts", "../adapters/rotators/one/b.ts"],
    ["src/app/a.ts", "../runner/b.ts"],
    ["src/cli/a.ts", "../app/b.ts"],
    ["src/cli/a.ts", "node:util"],
    ["src/core/plan/a.test.ts", "../../testing/b.ts"],
    ["src/testing/a.ts", "../adapters/store/b.ts"],
    ["examples/consumer/a.ts", "../webhook-receiver/b.ts"],
    ["examples/consumer/a.ts", "pg"],
    ["vitest.config.ts", "./src/testing/a.ts"],
  ])("%s may import %s", (path, specifier) => {
    expect(layerViolations(files({ [path]: `import { x } from "${specifier}";` }))).toEqual([]);
  });

  test("a heavy package is loaded when it is needed, and its types at any time", () => {
    const path = "src/adapters/rotators/one/a.ts";
    const lazy = 'import type { Client } from "pg";\nconst load = () => import("pg");';
    expect(layerViolations(files({ [path]: lazy }))).toEqual([]);
  });

  test("types and dynamic imports cross no border either", () => {
    const source = 'import type { X } from "../app/b.ts";\nconst y = import("../app/c.ts");';
    expect(places(layerViolations(files({ "src/runner/a.ts": source })))).toEqual([
      "layers src/runner/a.ts:1",
      "layers src/runner/a.ts:2",
    ]);
  });
});

describe("cycles", () => {
  test("are found through several modules, once", () => {
    const circle = files({
      "src/core/a.ts": 'import { b } from "./b.ts";',
      "src/core/b.ts": 'import type { C } from "./deep/c.ts";',
      "src/core/deep/c.ts": 'export { a } from "../a.ts";',
      "src/core/d.ts": 'import { a } from "./a.ts";',
    });
    expect(cycleViolations(circle).map(({ message }) => message)).toEqual([
      "these import each other: src/core/a.ts -> src/core/b.ts -> src/core/deep/c.ts -> src/core/a.ts",
    ]);
  });

  test("are not two ways to one module", () => {
    const diamond = files({
      "src/core/a.ts": 'import { b } from "./b.ts"; import { c } from "./c.ts";',
      "src/core/b.ts": 'import { d } from "./d.ts";',
      "src/core/c.ts": 'import { d } from "./d.ts";',
      "src/core/d.ts": "export const d = 1;",
    });
    expect(cycleViolations(diamond)).toEqual([]);
  });
});

describe("shape", () => {
  test.each([
    ["src/core/a.ts", "x;\n".repeat(301), "file-length src/core/a.ts:300"],
    ["src/core/a.ts", "export default 1;", "no-default-export src/core/a.ts:1"],
    ["src/core/a.ts", '\nexport * from "./b.ts";\nexport const c = 1;', "no-barrel src/core/a.ts:2"],
    ["src/core/a.ts", 'export { b } from "./b.ts";', "no-barrel src/core/a.ts:1"],
    ["src/core/git-utils.ts", "", undefined],
    ["src/core/utils.ts", "", "name-says-the-concept src/core/utils.ts:1"],
    ["src/core/helpers/a.ts", "", "name-says-the-concept src/core/helpers/a.ts:1"],
    ["src/core/index.ts", "", "name-says-the-concept src/core/index.ts:1"],
    ["src/core/someFile.ts", "", "kebab-case src/core/someFile.ts:1"],
    ["src/core/some-file.itest.ts", "x;\n".repeat(301), undefined],
    ["vitest.config.ts", "export default {};", undefined],
  ])("of %s with %j", (path, source, expected) => {
    expect(places(shapeViolations(files({ [path]: source })))).toEqual(
      expected === undefined ? [] : [expected],
    );
  });
});

describe("state", () => {
  test.each([
    ["let count = 0;", 1],
    ["export let count = 0;", 1],
    ["function f() {\n  let count = 0;\n}\nvar later;", 1],
    ["function f({ a = [1] }) {\n  for (let i = 0; i < 1; i += 1) { `${{ a }}`; }\n}", 0],
    ['vi.mock("./a.ts");', 1],
    ["vi.fn();", 0],
  ])("%j breaks the rule %i times", (source, count) => {
    expect(stateViolations(files({ "src/core/a.ts": source }))).toHaveLength(count);
  });
});

describe("purity", () => {
  test.each([
    ["Date.now()"],
    ["new Date()"],
    ["new Date"],
    ["Date()"],
    ["Math.random()"],
    ["process.env"],
    ['Buffer.from("a")'],
    ["setTimeout(f, 1)"],
    ["crypto.randomUUID()"],
    ["globalThis.process"],
    ["`${Date.now()}`"],
  ])("%s is not pure", (expression) => {
    for (const folder of ["core", "runner"]) {
      const path = `src/${folder}/a.ts`;
      expect(places(purityViolations(files({ [path]: `const x = ${expression};` })))).toContain(
        `pure ${path}:1`,
      );
    }
    expect(purityViolations(files({ "src/app/a.ts": `const x = ${expression};` }))).toEqual([]);
  });

  test.each([
    ["new Date(seconds * 1000)"],
    ["new Date(text).toISOString()"],
    ["Date.parse(text)"],
    ["Math.max(1, 2)"],
    ["ports.process.alive()"],
    ["{ process: 1 }"],
    ['"Date.now()"'],
    ["1; // process.env"],
  ])("%s is pure", (expression) => {
    expect(purityViolations(files({ "src/core/a.ts": `const x = ${expression};` }))).toEqual([]);
  });
});

describe("reveal", () => {
  const source = "const text = part.reveal();\nport.reveal?.();";

  test("is refused outside the list", () => {
    expect(places(revealViolations(files({ "src/app/a.ts": source }), []))).toEqual([
      "reveal src/app/a.ts:1",
      "reveal src/app/a.ts:2",
    ]);
  });

  test("is allowed on the list and in tests", () => {
    expect(
      revealViolations(files({ "src/app/a.ts": source, "src/app/b.test.ts": source }), ["src/app/a.ts"]),
    ).toEqual([]);
  });

  test("cannot hide behind a bare reference to the method", () => {
    const hidden = "parts.map(Secret.prototype.reveal.call);\nconst { reveal } = part;";
    expect(revealViolations(files({ "src/app/a.ts": hidden }), [])).toHaveLength(2);
  });

  test("leaves no stale entry on the list", () => {
    expect(places(revealViolations(files({ "src/app/a.ts": "" }), ["src/app/a.ts"]))).toEqual([
      "reveal src/app/a.ts:1",
    ]);
  });
});

describe("force", () => {
  test.each([
    ['["push", "--force", remote]'],
    ['"--force-with-lease=main"'],
    ['"--mirror"'],
    ['"+HEAD:refs/heads/main"'],
    ["`+${commit}:refs/heads/${branch}`"],
    ["`+refs/heads/a:refs/heads/${branch}`"],
    ["`:refs/heads/${branch}`"],
    ['":refs/heads/main"'],
  ])("%s is refused", (expression) => {
    expect(forceViolations(files({ "src/adapters/store/git/push.ts": `run(${expression});` }))).toHaveLength(
      1,
    );
  });

  test.each([
    ["`${commit}:refs/heads/${branch}`"],
    ["`+refs/heads/${branch}:refs/remotes/${remote}/${branch}`"],
    ['"HEAD:refs/heads/main"'],
    ['"never --force"'],
  ])("%s is allowed", (expression) => {
    expect(forceViolations(files({ "src/adapters/store/git/push.ts": `run(${expression});` }))).toEqual([]);
  });
});
