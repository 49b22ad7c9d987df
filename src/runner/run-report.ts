import type { Problem } from "../core/documents/kinds.ts";
import type { PlanItem } from "../core/plan/plan.ts";

/** One line for people. `level` decides its colour and whether `--quiet` drops it. Never a secret. */
export interface ReportLine {
  readonly level: "info" | "warning" | "error";
  readonly text: string;
  readonly credential?: string;
  /** A place of an incident where what was burnt may still work. */
  readonly unproven?: true;
}

/** What a command with effects did. */
export interface RunReport {
  /** Id of the run, as in commits and the trail. */
  readonly run: string;
  readonly exit: 0 | 2 | 3 | 4;
  readonly lines: readonly ReportLine[];
  /** What was planned, in order; empty for commands that only record something. */
  readonly plan: readonly PlanItem[];
  readonly pushes: number;
  /** Problems of documents; with any, nothing was started. */
  readonly problems: readonly Problem[];
  /** One sentence. */
  readonly summary: string;
}
