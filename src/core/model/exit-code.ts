import { CreError } from "./errors.ts";

/**
 * Exit codes of every command (design section 8): 0 done; 1 findings at or above `--fail-on`, a mismatch, a failing
 * probe; 2 invalid input or usage, or cannot say; 3 a rotation needs a person, the audit chain is broken, a source
 * failed; 4 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

const PRECEDENCE: readonly ExitCode[] = [4, 2, 3, 1];

/** The code that wins when several apply: 4, 2, 3, 1, else 0. */
export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return PRECEDENCE.find((code) => seen.has(code)) ?? 0;
}

/** Errors that are no fault of what was typed or written: a source failed, or the trail is damaged. */
const FAILED_SOURCES: ReadonlySet<string> = new Set([
  "audit-unreadable",
  "branch-not-written",
  "push-failed",
  "push-refused",
  "remote-denied",
  "remote-unreachable",
  "state-busy",
  "state-rewound",
  "state-unreadable",
]);

/** The exit code of a command that ended with an error. */
export function exitOf(error: unknown): ExitCode {
  return error instanceof CreError && FAILED_SOURCES.has(error.code) ? 3 : 2;
}
