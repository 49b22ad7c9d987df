import type { LookOptions, Sight } from "../app/looking/sight.ts";
import type { Finding } from "../core/evaluate/finding.ts";
import { LEVELS } from "../core/evaluate/finding.ts";
import type { Selectors } from "../core/evaluate/select.ts";
import { CreError } from "../core/model/errors.ts";
import type { CliContext, Invocation } from "./command.ts";
import { usageError } from "./command-line.ts";
import type { ExitCode } from "./exit-code.ts";
import { repositoryOf } from "./repository.ts";

export function lookOptions(invocation: Invocation, context: CliContext): LookOptions {
  const now = invocation.value("now");
  const asOf = invocation.value("as-of");
  if (now !== undefined && asOf !== undefined)
    throw usageError(
      "--now and --as-of exclude each other.",
      "--now asks what if, --as-of is evidence: give one.",
    );
  return {
    repo: repositoryOf(invocation, context),
    env: context.env,
    clock: context.now(),
    signal: context.signal,
    ...(now === undefined ? {} : { now }),
    ...(asOf === undefined ? {} : { asOf }),
  };
}

/** Looks around for a command that needs valid documents; tells about warnings and uncommitted changes. */
export async function lookFor(invocation: Invocation, context: CliContext): Promise<Sight> {
  const { lookAround } = await import("../app/looking/look-around.ts");
  const sight = await lookAround(lookOptions(invocation, context));
  const { terminal } = context;
  if (sight.uncommitted)
    terminal.note("The work tree differs from HEAD; what runs read is the pushed default branch.");
  if (sight.problems.length > 0) {
    const first = sight.problems[0];
    terminal.warn(
      `${sight.problems.length} problem${sight.problems.length === 1 ? "" : "s"} in documents (first: ${first?.file}:${first?.line}); \`cre validate\` lists them. Invalid documents are left out.`,
    );
  }
  return sight;
}

/** Exit 2 with any invalid document: a result that leaves some out must not pass for the whole. */
export function soundness(sight: Pick<Sight, "problems">): ExitCode {
  return sight.problems.length > 0 ? 2 : 0;
}

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

/** The chosen names; refuses names that nobody has. */
export async function chosen(sight: Sight, invocation: Invocation): Promise<ReadonlySet<string> | undefined> {
  const { selectCredentials, unknownNames } = await import("../core/evaluate/select.ts");
  const selectors = selectorsOf(invocation);
  for (const name of unknownNames(sight.evaluation, selectors)) await known(sight, name);
  return selectCredentials(sight.evaluation, selectors);
}

/** The name, if it is registered; a CreError with the nearest one otherwise. */
export async function known(sight: Sight, name: string): Promise<string> {
  if (sight.evaluation.credentials.has(name) || sight.state.statuses.has(name)) return name;
  const { nearest } = await import("../core/text/nearest.ts");
  const near = nearest(name, sight.evaluation.credentials.keys());
  throw new CreError("credential-unknown", `There is no credential \`${name}\`.`, {
    fix: near === undefined ? "`cre list` shows all." : `Did you mean ${near}?`,
  });
}

/** Exit 1 when an unwaived finding is at or above `--fail-on`. */
export function failOn(
  invocation: Invocation,
  findings: readonly Pick<Finding, "level" | "waivedBy">[],
): ExitCode {
  const threshold = LEVELS.findIndex((level) => level === invocation.value("fail-on"));
  if (threshold < 0) return 0;
  return findings.some(({ level, waivedBy }) => waivedBy === null && LEVELS.indexOf(level) >= threshold)
    ? 1
    : 0;
}

/** JSON with a newline at its end: the same facts give the same bytes. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
