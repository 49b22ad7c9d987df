import type { Problem } from "../core/documents/kinds.ts";
import type { EvaluationReport } from "../core/evaluate/published-schemas.ts";
import type { ExitCode } from "../core/model/exit-code.ts";
import type { Annotation } from "./job.ts";

/** What a command has to say; the program tells the job. */
export interface Outcome {
  readonly exit: ExitCode;
  /** One sentence. */
  readonly summary: string;
  readonly runId?: string;
  readonly started?: number;
  /** How the estate stands afterwards; undefined where it cannot be said. */
  readonly evaluation?: EvaluationReport;
  readonly annotations: readonly Annotation[];
  /** Markdown for the page of the run, without its headline. */
  readonly markdown: string;
  /** Lines for the log. */
  readonly lines: readonly string[];
  /** What the report file holds beside the outputs. */
  readonly report: Readonly<Record<string, unknown>>;
  /** Folder that the command has written its report to; absent: the report file is the report. */
  readonly reportPath?: string;
}

const RESULTS: Readonly<Record<ExitCode, string>> = {
  0: "done",
  1: "findings",
  2: "invalid",
  3: "needs-person",
  4: "interrupted",
};

/** The exit code as a word. */
export function resultOf(exit: ExitCode): string {
  return RESULTS[exit];
}

/** A problem of a document, at its place in the checkout. */
export function problemAnnotation(
  level: Annotation["level"],
  { file, line, column, code, message, fix }: Problem,
  path: string,
): Annotation {
  const folder = path === "." ? "" : `${path.replace(/^\.\//, "").replace(/\/+$/, "")}/`;
  return { level, title: code, message: `${message}\nFix: ${fix}`, file: `${folder}${file}`, line, column };
}

/** GitHub shows no more of each level for one step; the job's page has them all. */
const MOST_OF_A_LEVEL = 10;

/** The first of each level, worst level first, as many as are shown. */
export function shownAnnotations(annotations: readonly Annotation[]): readonly Annotation[] {
  return (["error", "warning", "notice"] as const).flatMap((level) =>
    annotations.filter((annotation) => annotation.level === level).slice(0, MOST_OF_A_LEVEL),
  );
}
