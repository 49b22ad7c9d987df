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
