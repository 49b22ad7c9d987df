import type { PeriodFacts } from "../compliance/check-input.ts";
import { addTo, type Instant, secondsBetween } from "../model/instant.ts";
import type { PeriodRows } from "../report/history-schema.ts";
import type { DueRecord } from "./due-ledger.ts";
import type { PeriodInput } from "./period-input.ts";

type Row = PeriodRows["dueDates"][number];

/** A due date of the period, with how it was met. */
export interface PeriodDue {
  readonly row: Row;
  readonly dueAt: Instant;
  readonly metAt: Instant | undefined;
}

const DAY = 86_400;

/** The due dates that fell into the period, by date and name. */
export function duesIn(input: PeriodInput): readonly PeriodDue[] {
  const { period, knownAt, dueDates, isMeant } = input;
  const uniqueId = uniqueIds();
  return [...dueDates.records, ...dueDates.ahead]
    .filter(({ credential, dueAt }) => isMeant(credential) && isIn(period, dueAt))
    .map((due) => told(due, uniqueId(`${due.credential}@${due.dueAt}`), knownAt));
}

function told(due: DueRecord, id: string, knownAt: Instant): PeriodDue {
  const { credential, source, policy, dueAt, rotation, gone } = due;
  const { service, owner } = source.document.spec;
  // What people wrote may lie in the future.
  const metAt = due.metAt !== undefined && due.metAt <= knownAt ? due.metAt : undefined;
  const result = resultOf(dueAt, metAt, knownAt);
  const isLate = result === "late" || result === "unmet";
  const row = {
    id,
    credential,
    service,
    team: owner.team,
    policy,
    dueAt,
    metAt: metAt ?? null,
    daysLate: isLate ? Math.floor(secondsBetween(dueAt, metAt ?? knownAt) / DAY) : null,
    result,
    rotation: metAt === undefined ? null : (rotation ?? null),
    gone,
  };
  return { row, dueAt, metAt };
}

function resultOf(dueAt: Instant, metAt: Instant | undefined, knownAt: Instant): Row["result"] {
  if (metAt !== undefined) return metAt <= dueAt ? "on-time" : "late";
  return dueAt <= knownAt ? "unmet" : "open";
}

/** Certificates whose last safe moment fell into the period: half of the time from due date to end was gone. */
export function renewalsIn(input: PeriodInput): PeriodFacts["renewals"] {
  const { period, knownAt, dueDates, isMeant } = input;
  const uniqueId = uniqueIds();
  return dueDates.records.flatMap((due) => {
    const { credential, source, dueAt, endsAt, metAt } = due;
    if (source.document.spec.type !== "tls-certificate" || endsAt === undefined) return [];
    const lateAt = addTo(endsAt, -Math.max(0, secondsBetween(dueAt, endsAt)) / 2);
    const isDecided = lateAt <= knownAt || metAt !== undefined;
    if (!isMeant(credential) || !isIn(period, lateAt) || !isDecided) return [];
    const id = uniqueId(`${credential}@${dueAt}`);
    return [{ id, credential, lateAt, ...(metAt === undefined ? {} : { renewedAt: metAt }) }];
  });
}

/** Whether an instant lies in it. */
export function isIn({ from, to }: PeriodInput["period"], instant: Instant): boolean {
  return from <= instant && instant < to;
}

/** Two cycles of one credential may be due at the same second. */
function uniqueIds(): (id: string) => string {
  const times = new Map<string, number>();
  return (id) => {
    const count = (times.get(id) ?? 0) + 1;
    times.set(id, count);
    return count === 1 ? id : `${id}#${count}`;
  };
}
