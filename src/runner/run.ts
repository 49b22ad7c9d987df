import { Act } from "./act.ts";
import { courses, type Errand } from "./assign.ts";
import { finish } from "./finish.ts";
import { load } from "./load.ts";
import type { RunnerPorts } from "./ports.ts";
import type { ReportLine, RunReport } from "./run-report.ts";

/**
 * One run: load, evaluate, plan, act, finish. `load` evaluates what it read; publishing to people is the caller's.
 * Failures of single credentials are in the report; rejects with a CreError only when the store can neither be read
 * nor written.
 */
export async function run(ports: RunnerPorts, errand: Errand, signal: AbortSignal): Promise<RunReport> {
  const { world, publication } = await load(ports, signal);
  const plan = courses(world, errand).map(({ item }) => item);
  const { rewoundFrom } = world.state;
  if (rewoundFrom !== undefined) {
    const text = `the state branch no longer holds what was on it before (${rewoundFrom}): it was reset, so this run only reads`;
    return { run: ports.identity.run, exit: 3, lines: [{ level: "error", text }], plan, pushes: 0, problems: world.inputs.problems, summary: text };
  }
  const act = new Act(world, publication, errand, signal);
  let failed = false;
  let observed: readonly ReportLine[] = [];
  try {
    await act.run();
    const found = await finish(world, publication, errand, signal);
    observed = found.flatMap(({ line }) => line ?? []);
    failed = observed.length > 0;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const { problems } = world.inputs;
  const exit = signal.aborted ? 4 : problems.length > 0 ? 2 : act.needsPerson || failed ? 3 : 0;
  const lines = [...act.lines, ...observed];
  return { run: ports.identity.run, exit, lines, plan, pushes: publication.pushes, problems, summary: summaryOf(exit, lines, publication.pushes) };
}

function summaryOf(exit: RunReport["exit"], lines: readonly ReportLine[], pushes: number): string {
  const names = new Set(lines.flatMap(({ credential }) => credential ?? []));
  const failed = new Set(lines.flatMap(({ level, credential }) => (level === "error" ? (credential ?? []) : [])));
  const about = names.size === 0 ? "nothing to do" : `${names.size} credential${names.size === 1 ? "" : "s"} looked after`;
  const trouble = failed.size === 0 ? "" : `, ${failed.size} with trouble`;
  const end = exit === 4 ? "; interrupted, the next run goes on" : exit === 2 ? "; documents are invalid, so nothing started" : "";
  return `${about}${trouble}, ${pushes} push${pushes === 1 ? "" : "es"}${end}`;
}
