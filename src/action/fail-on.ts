import { type Finding, LEVELS, type Level } from "../core/evaluate/finding.ts";

/** 1 when an unwaived finding is at this level or above. */
export function failOn(
  threshold: Level | undefined,
  findings: readonly Pick<Finding, "level" | "waivedBy">[],
): 0 | 1 {
  if (threshold === undefined) return 0;
  const least = LEVELS.indexOf(threshold);
  return findings.some(({ level, waivedBy }) => waivedBy === null && LEVELS.indexOf(level) >= least) ? 1 : 0;
}
