import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import { evaluationReport } from "../../core/evaluate/evaluation-report.ts";
import { planRun } from "../../core/plan/plan-run.ts";
import { EMPTY_STATE } from "../../core/state/facts.ts";
import { at, sha256 } from "../../testing/evaluation/world.ts";
import { mutated } from "../../testing/properties/mutated.ts";
import { readDocuments } from "./read-documents.ts";
import { readWorkTree } from "./work-tree.ts";

/** The example organisation, with something wrong in one of its files. */

const FILES = readWorkTree(fileURLToPath(new URL("../../../", import.meta.url)));
const TEXTS = FILES.map(({ bytes }) => Buffer.from(bytes).toString());
const BEFORE = Object.getOwnPropertyNames(Object.prototype);

/** Lines of a text as people and editors count them, each with its length. */
function linesOf(bytes: Buffer): readonly string[] {
  return bytes
    .toString()
    .replace(/^\ufeff/, "")
    .split(/\r\n|\r|\n/);
}

test("whatever is wrong with a file is told at a place in it, and what is left evaluates and plans", () => {
  const damaged = fc
    .nat(FILES.length - 1)
    .chain((index) => fc.tuple(fc.constant(index), mutated([TEXTS[index] ?? ""])));
  let told = 0;
  fc.assert(
    fc.property(damaged, ([index, bytes]) => {
      const files = FILES.map((file, place) => (place === index ? { ...file, bytes } : file));
      const { documents, problems, warnings } = readDocuments(files);
      told += problems.length;
      const lines = linesOf(bytes);
      const path = FILES[index]?.path;
      const astray = [...problems, ...warnings].filter(
        ({ file, line, column, code, message, fix }) =>
          line < 1 ||
          column < 1 ||
          [code, message, fix].includes("") ||
          (file === path && (line > lines.length || column > (lines[line - 1] ?? "").length + 2)),
      );
      expect(astray).toEqual([]);

      const now = at("2026-11-20T12:00:00Z");
      const input = { documents, state: EMPTY_STATE, now, commit: "c".repeat(40), sha256 };
      const evaluation = evaluate(input);
      expect(JSON.stringify(evaluationReport(evaluation))).not.toMatch(/NaN|Invalid|"undefined/);
      const plan = planRun({
        evaluation,
        documents,
        state: EMPTY_STATE,
        now,
        valid: problems.length === 0,
        capabilities: () => ({ able: false, why: "unsupported", reason: "none here" }),
      });
      expect(JSON.stringify(plan)).not.toMatch(/NaN|Invalid|"undefined/);
    }),
    { numRuns: 80 },
  );
  expect(told).toBeGreaterThan(40);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(BEFORE);
});
