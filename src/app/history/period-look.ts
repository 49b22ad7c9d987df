import { CreError } from "../../core/model/errors.ts";
import { type Period, parsePeriod } from "../../core/period/period.ts";
import type { LookOptions } from "../looking/sight.ts";

/** The options for a look at the end of a period, or at now while it has not ended; `--as-of` stays what it is. */
export function lookAtEnd(options: LookOptions, words: string): { options: LookOptions; period: Period } {
  const period = parsePeriod(words);
  if (options.now !== undefined) {
    throw new CreError("usage", "--now and --period exclude each other.", {
      fix: "--now asks what if, a period is evidence: give one.",
    });
  }
  if (period.from >= options.clock) {
    throw new CreError("period-ahead", `The period ${words} has not begun: it begins ${period.from}.`, {
      fix: "Give a period that lies in the past, at least in part.",
    });
  }
  const end = period.to < options.clock ? period.to : options.clock;
  return { period, options: { ...options, asOf: options.asOf ?? end } };
}
