import type { Acting, RunReport } from "../app/acting.ts";
import { CreError } from "../core/model/errors.ts";
import type { CliContext, Invocation } from "./command.ts";
import type { ExitCode } from "./exit-code.ts";
import { actorOf, repositoryOf } from "./repository.ts";

/** Opens the acting side (loaded only now) and reports what its command did. */
export async function act(
  invocation: Invocation,
  context: CliContext,
  command: (acting: Acting) => Promise<RunReport>,
): Promise<ExitCode> {
  const { openActing } = await import("../app/acting/open-acting.ts");
  const { terminal, env, signal } = context;
  const acting = openActing({
    repo: repositoryOf(invocation, context),
    progress: { step: (message) => terminal.note(message), warn: (message) => terminal.warn(message) },
    signal,
    env,
    actor: actorOf(env),
  });
  const report = await command(acting);
  print(report, invocation, context);
  return report.exit;
}

function print(report: RunReport, invocation: Invocation, { terminal }: CliContext): void {
  if (invocation.value("format") === "json") {
    terminal.result(`${JSON.stringify(report, undefined, 2)}\n`);
    return;
  }
  for (const { file, line, column, code, message, fix } of report.problems) {
    terminal.error(`${file}:${line}:${column}: ${code}: ${message}`);
    terminal.error(`  Fix: ${fix}`);
  }
  const told = new Set<string>();
  for (const { level, text, credential } of report.lines) {
    if (credential !== undefined) told.add(credential);
    const shown = level === "info" ? text : terminal.style(level === "error" ? "red" : "yellow", text);
    terminal.result(`${shown}\n`);
  }
  for (const { credential, action, reason, notBefore } of report.plan) {
    if (told.has(credential)) continue;
    terminal.result(
      `${credential}: ${action}: ${reason}${notBefore === null ? "" : `, until ${notBefore}`}\n`,
    );
  }
  terminal.result(`${terminal.style("bold", report.summary)}\n`);
}

/** Everything on standard input, which must be a pipe: a secret is never typed where others can see it. */
export async function readPiped(stdin: CliContext["stdin"]): Promise<string> {
  if ("isTTY" in stdin && stdin.isTTY === true) {
    throw new CreError("stdin-terminal", "The value is read from standard input, which is a terminal.", {
      fix: "Pipe it in, for example from a password manager: `pass show orders | cre …`.",
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > 256 * 1024)
      throw new CreError("stdin-too-long", "Standard input holds more than 256 KiB: that is no secret.");
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
  if (text === "")
    throw new CreError("stdin-empty", "Standard input is empty.", { fix: "Pipe the value in." });
  return text;
}
