import { expect, test } from "vitest";
import { instantOf } from "../model/instant.ts";
import { segmentPath } from "../state/layout.ts";
import { parseSegmentPath } from "./segment-path.ts";

test("a path is read as it is written", () => {
  const path = segmentPath(42, "run-1.x_Y", instantOf(1_795_000_000));
  expect(path).toBe("audit/2026/11/000000000042-run-1.x_Y.jsonl");
  expect(parseSegmentPath(path)).toEqual({ year: "2026", month: "11", firstSeq: 42, run: "run-1.x_Y" });
});

test.each([
  "audit/2026/11/000000000042--run.jsonl",
  "audit/2026/11/000000000042-.run.jsonl",
  "audit/2026/11/000000000042-.jsonl",
  "audit/2026/11/42-run.jsonl",
  "audit/2026/11/0000000000042-run.jsonl",
  "audit/2026/1/000000000042-run.jsonl",
  "audit/2026/11/000000000042-run.json",
  "audit/2026/11/000000000042-a/b.jsonl",
  "audit/2026/11/000000000042-run.jsonl\n",
  "x/audit/2026/11/000000000042-run.jsonl",
])("%j is the path of no segment", (path) => {
  expect(parseSegmentPath(path)).toBeUndefined();
});
