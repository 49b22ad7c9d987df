import type { LookOptions, Sight } from "../app/looking/sight.ts";
import { failAt } from "../core/evaluate/fail-at.ts";
import { LEVELS } from "../core/evaluate/finding.ts";
import type { Selectors } from "../core/evaluate/select.ts";
import { CreError } from "../core/model/errors.ts";
import { type ExitCode, worstExit } from "../core/model/exit-code.ts";
import { counted } from "../core/text/counted.ts";
import type { CliContext, Invocation } from "./command.ts";
import { usageError } from "./command-line.ts";
import { tellProblems } from "./problem-lines.ts";
import { repositoryOf } from "./repository.ts";
import { printableJson } from "./terminal.ts";

export function lookOptions(invocation: Invocation, context: CliContext): LookOptions {
  const now = invocation.value("now");
  const asOf = invocation.value("as-of");
  if (now !== undefined && asOf !== undefined) {
    throw usageError(
      "--now and --as-of exclude each other.",
      "--now asks what if, --as-of is evidence: give one.",
    );
  }
  return {
    repo: repositoryOf(invocation, context),
    env: context.env,
    clock: context.now(),
    signal: context.signal,
    ...(now === undefined ? {} : { now }),
    ...(asOf === undefined ? {} : { asOf }),
  };
}

/** Looks around; tells on standard error what the result leaves out or differs from. */
export async function lookFor(invocation: Invocation, context: CliContext): Promise<Sight> {
  const { lookAround } = await import("../app/looking/look-around.ts");
  const sight = await lookAround(lookOptions(invocation, context));
  const { terminal } = context;
  tellDifference(sight, context);
  tellProblems(terminal, sight.problems);
  if (sight.problems.length > 0) {
    terminal.warn(
      `${counted(sight.problems.length, "problem")} in documents: invalid ones are left out of the result.`,
    );
  }
  for (const { path, problem } of sight.state.unreadable ?? []) {
    terminal.warn(`The record ${path} of the branch ${sight.state.branch} cannot be read: ${problem}.`);
  }
  return sight;
}

export function tellDifference(
  { differs }: { readonly differs: string | undefined },
  { terminal }: CliContext,
): void {
  if (differs === undefined) return;
  terminal.note(
    `Documents are those of the work tree; a run reads the default branch, which differs: ${differs}.`,
  );
}

/** Exit 2 with any invalid document, 3 with an unreadable record: a result that leaves some out must not pass for the whole. */
export function soundness({ problems, state }: Pick<Sight, "problems" | "state">): ExitCode {
  return worstExit([problems.length > 0 ? 2 : 0, (state.unreadable ?? []).length > 0 ? 3 : 0]);
}

/** The selectors that were given; each is empty where it was not. */
export function selectorsOf(invocation: Invocation): Selectors {
  return {
    only: invocation.values("only"),
    service: invocation.values("service"),
    team: invocation.values("team"),
    type: invocation.values("type"),
    state: invocation.values("state"),
    label: invocation.values("label").map((text) => keyAndValue("--label", text)),
  };
}

/** Takes `KEY=VALUE` apart. Throws a usage error. */
export function keyAndValue(option: string, text: string): { readonly key: string; readonly value: string } {
  const at = text.indexOf("=");
  if (at <= 0) throw usageError(`${option} cannot be \`${text}\`.`, `Write ${option} KEY=VALUE.`);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}

/** The chosen names; undefined: all. Refuses names that nobody has. */
export async function chosen(sight: Sight, invocation: Invocation): Promise<ReadonlySet<string> | undefined> {
  const { selectCredentials, unknownNames } = await import("../core/evaluate/select.ts");
  const selectors = selectorsOf(invocation);
  for (const name of unknownNames(sight.evaluation, selectors)) await known(sight, name);
  return selectCredentials(sight.evaluation, selectors);
}

/** The name, if it is registered or on record; a CreError with the nearest one otherwise. */
export async function known(sight: Sight, name: string): Promise<string> {
  const { credentials } = sight.evaluation;
  if (credentials.has(name) || sight.state.statuses.has(name)) return name;
  const { nearest } = await import("../core/text/nearest.ts");
  const near = nearest(name, credentials.keys());
  throw new CreError("credential-unknown", `There is no credential \`${name}\`.`, {
    fix: near === undefined ? "`cre list` shows all." : `Did you mean \`${near}\`?`,
  });
}

/** Exit 1 when an unwaived finding is at or above `--fail-on`. */
export function failOn(invocation: Invocation, findings: Parameters<typeof failAt>[1]): ExitCode {
  return failAt(
    LEVELS.find((level) => level === invocation.value("fail-on")),
    findings,
  );
}

/** JSON with a newline at its end: the same facts give the same bytes. */
export function json(value: unknown): string {
  return `${printableJson(JSON.stringify(value, undefined, 2))}\n`;
}

export function wantsJson(invocation: Invocation): boolean {
  return invocation.value("format") === "json";
}

/** An instant to the minute, for tables. */
export function shortTime(instant: string | null | undefined): string {
  return instant === null || instant === undefined ? "-" : instant.slice(0, 16).replace("T", " ");
}
