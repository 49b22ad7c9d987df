import type { Problem } from "../core/documents/kinds.ts";
import type { Terminal } from "./terminal.ts";

/** `file:line:column code message` and the fix below it, for each problem. */
export function problemLines(terminal: Pick<Terminal, "style">, problems: readonly Problem[]): string {
  return problems
    .map(({ file, line, column, code, message, fix }) => {
      const place = terminal.style("bold", `${file}:${line}:${column}`);
      return `${place} ${terminal.style("red", code)} ${message}\n    Fix: ${fix}\n`;
    })
    .join("");
}

/** The same on standard error, for commands whose result is something else. */
export function tellProblems(terminal: Terminal, problems: readonly Problem[]): void {
  for (const { file, line, column, code, message, fix } of problems) {
    terminal.error(`${file}:${line}:${column} ${code} ${message}\n    Fix: ${fix}`);
  }
}
