import { expect, test } from "vitest";
import { instant, TODAY } from "../testing/cli/session.ts";
import type { ActionHost } from "./host.ts";
import type { Annotation } from "./job.ts";
import { runAction } from "./program.ts";

/** A step in a folder that does not exist, whose job remembers what it is told. */
function step(inputs: Readonly<Record<string, string>>, more: Partial<ActionHost> = {}) {
  const log: string[] = [];
  const annotations: Annotation[] = [];
  const outputs: Record<string, string> = {};
  const pages: string[] = [];
  const host: ActionHost = {
    env: { GITHUB_EVENT_NAME: "schedule", GITHUB_REF: "refs/heads/main" },
    workspace: "/nowhere/at/all",
    read: (name) => inputs[name] ?? "",
    event: undefined,
    signal: new AbortController().signal,
    now: () => instant(TODAY),
    job: {
      mask: () => {},
      log: (text) => void log.push(text),
      group: async (_, work) => work(),
      annotate: (annotation) => void annotations.push(annotation),
      output: (name, value) => {
        outputs[name] = value;
      },
      summarize: async (markdown) => void pages.push(markdown),
    },
    ...more,
  };
  return { host, log, annotations, outputs, pages };
}

test("an error is an annotation, an output and a line of the page, and never a stack", async () => {
  const { host, annotations, outputs, pages, log } = step({ command: "run" });
  expect(await runAction(host)).toBe(2);
  expect(annotations).toMatchObject([{ level: "error", message: expect.stringContaining("Fix: ") }]);
  expect(outputs).toMatchObject({ "exit-code": "2", result: "invalid" });
  expect(pages.join()).toContain("### Credential rotation: invalid");
  expect([...pages, ...log].join()).not.toMatch(/\n {4}at /);
});

test("a step that was interrupted says so, and nothing else, whatever failed then", async () => {
  const { host, annotations, outputs } = step(
    { command: "run" },
    { signal: AbortSignal.abort(new Error("interrupted by SIGINT")) },
  );
  expect(await runAction(host)).toBe(4);
  expect(annotations).toEqual([]);
  expect(outputs).toMatchObject({ "exit-code": "4", result: "interrupted" });
});

test("a page or outputs that cannot be written change nothing of the result", async () => {
  const full = (): never => {
    throw new Error("no space left on device");
  };
  const { host, log } = step({ command: "report" });
  const job = { ...host.job, output: full, summarize: full };
  expect(await runAction({ ...host, job })).toBe(2);
  expect(log.filter((line) => line.includes("no space left"))).toHaveLength(2);
});
