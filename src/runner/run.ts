import { selectCredentials, unknownNames } from "../core/evaluate/select.ts";
import type { PlanItem } from "../core/plan/plan.ts";
import { withSettingsInForce } from "../core/reviews/settings-in-force.ts";
import { counted } from "../core/text/counted.ts";
import { nearest } from "../core/text/nearest.ts";
import { Act } from "./act.ts";
import { courses, type Errand } from "./assign.ts";
import { discover } from "./discover.ts";
import { withEndedRuns } from "./ended-runs.ts";
import { finish } from "./finish.ts";
import { learnReviews } from "./learn-reviews.ts";
import { load } from "./load.ts";
import type { People, RunnerPorts } from "./ports.ts";
import type { Publication } from "./publication.ts";
import { publish } from "./publish/publish.ts";
import type { ReportLine, RunReport } from "./run-report.ts";
import type { World } from "./world.ts";

/**
 * One run: load (which evaluates what it read), plan, act, finish, discover, publish. Failures of single credentials are
 * in the report; rejects with a CreError only when the store can neither be read nor written.
 */
export async function run(ports: RunnerPorts, asked: Errand, signal: AbortSignal): Promise<RunReport> {
  ports.progress.step("reading documents and records");
  const { world, publication } = await load(ports, signal);
  const { inputs, state } = world;
  const documents = withSettingsInForce(inputs.documents, state.books?.reviews, ports.clock.now());
  // Nobody chooses, by a change that is not in force, which forge says who approved it.
  const people = ports.people?.({ ...inputs, documents });
  try {
    const seen = people === undefined ? world : await withEndedRuns(world, people, signal);
    return await decideAndAct(seen, publication, people, asked, signal);
  } finally {
    await people?.close();
  }
}

async function decideAndAct(
  world: World,
  publication: Publication,
  people: People | undefined,
  asked: Errand,
  signal: AbortSignal,
): Promise<RunReport> {
  const refusal = whyNotAtAll(world, asked);
  const learnt =
    people === undefined || refusal !== undefined || isUrgent(world, asked)
      ? []
      : await learnReviews(world, publication, people, signal);
  const chosen =
    asked.selectors === undefined ? undefined : selectCredentials(world.evaluation, asked.selectors);
  const errand = chosen === undefined ? asked : { ...asked, only: chosen };
  const plan = courses(world, errand).map(({ item }) => item);
  if (refusal !== undefined) {
    return report(world, { plan, pushes: 0, lines: [refusal.line], exit: refusal.exit });
  }
  const act = new Act(world, publication, errand, signal);
  let observed: readonly ReportLine[] = [];
  let seen: readonly ReportLine[] = [];
  let told: readonly ReportLine[] = [];
  try {
    await act.run();
    observed = (await finish(world, publication, errand, signal)).flatMap(({ line }) => line ?? []);
    seen = await discover(world, publication, errand, signal);
    told = people === undefined ? [] : await publish(world, publication, people, errand, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const trouble =
    act.needsPerson ||
    [...learnt, ...observed, ...seen, ...told].some(({ level }) => level === "error") ||
    isRefused(plan, errand);
  const exit = signal.aborted ? 4 : world.inputs.problems.length > 0 ? 2 : trouble ? 3 : 0;
  return report(world, {
    plan,
    pushes: publication.pushes,
    lines: [...learnt, ...act.lines, ...observed, ...seen, ...told],
    exit,
  });
}

/** A person ends what is burnt: nobody is asked anything before that. */
function isUrgent({ evaluation }: World, { only }: Errand): boolean {
  return [...(only ?? [])].some((name) => evaluation.credentials.get(name)?.compromise !== undefined);
}

/** Why this run must not do anything; it has only read so far. */
function whyNotAtAll(
  { state, inputs, evaluation }: World,
  { explicit, selectors }: Errand,
): { readonly line: ReportLine; readonly exit: 2 | 3 } | undefined {
  if (state.rewoundFrom !== undefined) {
    const text = `the state branch ${state.branch} no longer holds ${state.rewoundFrom}, which this clone has seen: it was reset, so this run only reads. Fix: bring it back (git push origin ${state.rewoundFrom}:refs/heads/${state.branch})`;
    return { line: { level: "error", text }, exit: 3 };
  }
  const name = explicit?.credential ?? unknownNames(evaluation, selectors ?? {})[0];
  if (name === undefined || inputs.documents.credentials.has(name) || state.statuses.has(name)) {
    return undefined;
  }
  const near = nearest(name, inputs.documents.credentials.keys());
  return {
    line: {
      level: "error",
      text: `there is no credential ${name}${near === undefined ? "; cre list shows all" : `; did you mean ${near}?`}`,
    },
    exit: 2,
  };
}

/** What a person asked for cannot be done. */
function isRefused(plan: readonly PlanItem[], { explicit }: Errand): boolean {
  return plan.some(
    ({ credential, action }) =>
      credential === explicit?.credential && (action === "refuse" || action === "skip"),
  );
}

function report(
  { ports, inputs }: World,
  facts: Pick<RunReport, "plan" | "pushes" | "lines" | "exit">,
): RunReport {
  return { run: ports.identity.run, ...facts, problems: inputs.problems, summary: summaryOf(facts) };
}

function summaryOf({ exit, lines, pushes }: Pick<RunReport, "exit" | "lines" | "pushes">): string {
  const names = new Set(lines.flatMap(({ credential }) => credential ?? []));
  const failed = new Set(
    lines.flatMap(({ level, credential }) => (level === "error" ? (credential ?? []) : [])),
  );
  const ownTrouble = lines.some(({ level, credential }) => level === "error" && credential === undefined);
  const about =
    names.size === 0
      ? ownTrouble
        ? "no credential looked after, the run itself is in trouble"
        : "nothing to do"
      : `${counted(names.size, "credential")} looked after`;
  const trouble = failed.size === 0 ? "" : `, ${failed.size} with trouble`;
  const end = exit === 4 ? "; interrupted, the next run goes on" : "";
  return `${about}${trouble}, ${counted(pushes, "push", "pushes")}${end}`;
}
