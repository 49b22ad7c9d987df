import { addAbortSignal } from "node:stream";
import type { Acting, RunReport } from "../app/acting.ts";
import { CreError } from "../core/model/errors.ts";
import type { ExitCode } from "../core/model/exit-code.ts";
import type { CliContext, Invocation } from "./command.ts";
import { json, wantsJson } from "./looking.ts";
import { tellProblems } from "./problem-lines.ts";
import { actorOf, repositoryOf } from "./repository.ts";

const MOST_BYTES = 256 * 1024;

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
    clock: { now: () => context.now() },
  });
  const report = await command(acting);
  tellProblems(terminal, report.problems);
  terminal.result(
    wantsJson(invocation) ? json(report) : reportText(report, context, invocation.has("quiet")),
  );
  return report.exit;
}

/** What was done, then what the plan held back; `quiet` leaves out what went as it should. */
function reportText({ lines, plan, summary }: RunReport, { terminal }: CliContext, quiet: boolean): string {
  const told = new Set(lines.flatMap(({ credential }) => credential ?? []));
  const done = lines.flatMap(({ level, text }) => {
    if (level === "info") return quiet ? [] : [text];
    return [terminal.style(level === "error" ? "red" : "yellow", text)];
  });
  const held = plan
    .filter(({ credential, action }) => !told.has(credential) && (!quiet || action === "refuse"))
    .map(({ credential, action, reason, notBefore }) => {
      const until = notBefore === null ? "" : `, until ${notBefore}`;
      return `${credential}: ${action}: ${reason}${until}`;
    });
  // A command that only records something has nothing else to sum up.
  const last = lines.length === 1 && lines[0]?.text === summary && done.length === 1;
  return [...done, ...held, ...(last ? [] : [terminal.style("bold", summary)]), ""].join("\n");
}

/**
 * Everything on standard input but the last line end. It must be a pipe: a secret is never typed where others can see
 * it. Rejects with a CreError that repeats nothing of it.
 */
export async function readPiped({ stdin, signal }: Pick<CliContext, "stdin" | "signal">): Promise<string> {
  if ("isTTY" in stdin && stdin.isTTY === true) {
    throw new CreError("stdin-terminal", "The value is read from standard input, which is a terminal.", {
      fix: "Pipe it in, for example from a password manager: `pass show orders | cre …`.",
    });
  }
  addAbortSignal(signal, stdin);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BYTES) {
      throw new CreError("stdin-too-long", "Standard input holds more than 256 KiB: that is no secret.");
    }
    chunks.push(bytes);
  }
  const text = decoded(Buffer.concat(chunks)).replace(/\r?\n$/, "");
  if (text === "") {
    throw new CreError("stdin-empty", "Standard input is empty.", { fix: "Pipe the value in." });
  }
  return text;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CreError("stdin-not-text", "Standard input is not UTF-8 text.", {
      fix: "Pipe the value as text; encode a binary one first, such as with base64.",
    });
  }
}
