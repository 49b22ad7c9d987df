import { type Finding, LEVELS, type Level } from "./finding.ts";

/** 1 when an unwaived finding is at this level or above; without a level nothing fails. */
export function failAt(
  threshold: Level | undefined,
  findings: readonly Pick<Finding, "level" | "waivedBy">[],
): 0 | 1 {
  if (threshold === undefined) return 0;
  const least = LEVELS.indexOf(threshold);
  return findings.some(({ level, waivedBy }) => waivedBy === null && LEVELS.indexOf(level) >= least) ? 1 : 0;
}
