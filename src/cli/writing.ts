import type { WriteContext, Written } from "../app/writing/written.ts";
import type { ExitCode } from "../core/model/exit-code.ts";
import type { CliContext, Invocation } from "./command.ts";
import { json } from "./looking.ts";
import { repositoryOf } from "./repository.ts";

/** Writes a document of the work tree with `writer` and says what was written. */
export function write(
  invocation: Invocation,
  context: CliContext,
  writer: (context: WriteContext) => Written,
): ExitCode {
  const written = writer({ repo: repositoryOf(invocation, context), clock: context.now() });
  const { file, kind, name, created, set, notes } = written;
  const { terminal } = context;
  for (const note of notes) terminal.warn(`Note: ${note}.`);
  if (invocation.value("format") === "json") {
    terminal.result(json({ file, kind, name, created, set, notes }));
    return 0;
  }
  terminal.result(`${terminal.style("bold", file)}: ${kind} ${name} ${created ? "added" : "changed"}\n`);
  for (const { path, value } of set) terminal.result(`  ${path}: ${JSON.stringify(value)}\n`);
  terminal.note("It counts once it is committed and on the default branch.");
  return 0;
}

/** Options of which only those that were given are passed on. */
export function given<K extends string>(
  invocation: Invocation,
  names: Readonly<Record<K, string>>,
): { readonly [P in K]?: string } {
  const values: { [P in K]?: string } = {};
  for (const key of Object.keys(names) as K[]) {
    const value = invocation.value(names[key]);
    if (value !== undefined) values[key] = value;
  }
  return values;
}
