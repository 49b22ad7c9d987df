import { EffectError, type EffectFailure } from "../../../core/model/errors.ts";

/** A refusal before anything was changed, that only a person can end. */
export function refused(
  code: string,
  problem: string,
  details: { evidence?: string; fix: string },
): EffectError {
  return new EffectError("refused", code, problem, { ...details, retryable: false });
}

/** A file operation failed. `outcome` says whether that was before anything changed. */
export function failed(path: string, what: string, error: unknown, outcome: EffectFailure): EffectError {
  const code = errnoOf(error) ?? "an unknown error";
  return new EffectError(outcome, "env-file-failed", `env-file: ${path}: ${what}`, {
    evidence: code,
    fix: fixOf(code),
  });
}

/** The code of an error of the operating system, such as ENOSPC. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

function fixOf(code: string): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "free space on its disk";
    case "EACCES":
    case "EPERM":
      return "give the runner's user the right to read and write there";
    case "EROFS":
      return "mount its file system for writing";
    case "ENOENT":
    case "ENOTDIR":
      return "create its folder";
    case "ELOOP":
      return "give the path of the file itself, not of a link to it";
    case "EBUSY":
      return "mount its folder instead of the file: a file that is a mount of its own cannot be replaced at once";
    default:
      return "look at the file, its folder and its disk";
  }
}
