import { type Instant, instantOf } from "../model/instant.ts";
import { type KeyLine, optionsOf } from "./key-line.ts";

/** `expiry-time` of a line (`YYYYMMDD[HHMM[SS]][Z]`), the earliest; without `Z` it is the host's time, and taken as UTC. */
export function endOf(lines: readonly Pick<KeyLine, "options">[]): Instant | undefined {
  const ends = lines.flatMap(({ options }) =>
    optionsOf(options).flatMap(({ name, value = "" }) => {
      const [, year, month, day, hour = 0, minute = 0, second = 0] =
        /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(value) ?? [];
      if (name !== "expiry-time" || year === undefined) return [];
      const parts = [hour, minute, second].map(Number);
      return [Date.UTC(Number(year), Number(month) - 1, Number(day), ...parts) / 1000];
    }),
  );
  return ends.length === 0 ? undefined : instantOf(Math.min(...ends));
}
