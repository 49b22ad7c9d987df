import type { EvaluationReport } from "../core/evaluate/published-schemas.ts";
import type { ActionHost } from "./host.ts";

/** How the estate stands now; undefined, with a line in the log, where that cannot be known: no command fails by it. */
export async function standing(
  repo: string,
  { env, now, signal, job }: ActionHost,
): Promise<EvaluationReport | undefined> {
  try {
    const { lookAround } = await import("../app/looking/look-around.ts");
    const { evaluationReport } = await import("../core/evaluate/evaluation-report.ts");
    const { evaluation } = await lookAround({ repo, env, clock: now(), signal });
    return evaluationReport(evaluation);
  } catch (error) {
    job.log(`How the estate stands is not known: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
