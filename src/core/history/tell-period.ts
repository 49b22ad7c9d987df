import type { PeriodFacts } from "../compliance/check-input.ts";
import type { Instant } from "../model/instant.ts";
import type { PeriodFigures, PeriodRows } from "../report/history-schema.ts";
import { changeFacts, changeRows, exceptionRows } from "./period-changes.ts";
import { compromiseFacts, compromisesIn } from "./period-compromises.ts";
import { duesIn, renewalsIn } from "./period-dues.ts";
import type { PeriodInput } from "./period-input.ts";
import { countRotations, rotationFacts, rotationRow, rotationsIn } from "./period-rotations.ts";

/** A period as reports show it, and as checks test it. */
export interface ToldPeriod {
  readonly rows: Omit<PeriodRows, "previous">;
  readonly facts: PeriodFacts;
}

/** What happened in a period, also to credentials that are retired or gone since. Pure; each list has one order. */
export function tellPeriod(input: PeriodInput): ToldPeriod {
  const { period, knownAt } = input;
  const dueDates = duesIn(input);
  const traces = rotationsIn(input);
  const compromises = compromisesIn(input);
  const exceptions = exceptionRows(input);
  const changes = changeRows(input);
  const count = (result: PeriodRows["dueDates"][number]["result"]): number =>
    dueDates.filter(({ row }) => row.result === result).length;
  const figures: PeriodFigures = {
    due: dueDates.length - count("open"),
    onTime: count("on-time"),
    late: count("late"),
    unmet: count("unmet"),
    ...countRotations(traces),
    compromises: compromises.length,
    compromisesInTime: compromises.filter(({ row }) => row.inTime === true).length,
    exceptions: exceptions.length,
    changes: changes.length,
    changesApproved: changes.filter(({ approval }) => approval !== "none").length,
  };
  return {
    rows: {
      words: period.words,
      from: period.from,
      to: period.to,
      figures,
      dueDates: dueDates.map(({ row }) => row),
      rotations: traces.map(rotationRow),
      compromises: compromises.map(({ row }) => row),
      exceptions: [...exceptions],
      changes: [...changes],
    },
    facts: {
      from: period.from,
      to: earlier(period.to, knownAt),
      dueDates: dueDates
        .filter(({ row }) => row.result !== "open")
        .map(({ row, dueAt, metAt }) => dueFact(row, dueAt, metAt)),
      rotations: rotationFacts(traces, input),
      compromises: compromiseFacts(compromises),
      renewals: renewalsIn(input),
      changes: changeFacts(changes, input),
    },
  };
}

function dueFact(
  { id, credential }: PeriodRows["dueDates"][number],
  dueAt: Instant,
  metAt: Instant | undefined,
): PeriodFacts["dueDates"][number] {
  return { id, credential, dueAt, ...(metAt === undefined ? {} : { metAt }) };
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
