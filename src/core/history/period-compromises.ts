import type { PeriodFacts } from "../compliance/check-input.ts";
import { compareKeys } from "../evaluate/order.ts";
import { addTo, type Instant } from "../model/instant.ts";
import type { PeriodRows } from "../report/history-schema.ts";
import { isIn } from "./period-dues.ts";
import type { PeriodInput } from "./period-input.ts";
import type { Compromise } from "./seen-documents.ts";
import type { RotationTrace } from "./trace-rotations.ts";

/** A compromise with how it was answered. */
export interface AnsweredCompromise {
  readonly row: PeriodRows["compromises"][number];
  readonly reportedAt: Instant;
  readonly revokedAt: Instant | undefined;
}

/** Compromises that were reported in the period, with when the credential was replaced and its old versions dead. */
export function compromisesIn(input: PeriodInput): readonly AnsweredCompromise[] {
  const { period, compromises, rotations, isMeant } = input;
  const byCredential = Map.groupBy(rotations, ({ credential }) => credential);
  return compromises
    .filter(({ credential, at }) => isMeant(credential) && isIn(period, at))
    .toSorted((a, b) => compareKeys([a.at, a.id], [b.at, b.id]))
    .map((compromise) => answered(compromise, byCredential.get(compromise.credential) ?? [], input));
}

function answered(
  { id, credential, at, by, reason }: Compromise,
  rotations: readonly RotationTrace[],
  { knownAt, rotatedByPeople, answerWithin }: PeriodInput,
): AnsweredCompromise {
  const answers = rotations.filter(({ story, openedAt }) => story.emergency || openedAt >= at);
  const byPeople = rotatedByPeople(credential);
  const declared = byPeople !== undefined && byPeople > at && byPeople <= knownAt ? byPeople : undefined;
  const replacedAt = firstAfter(at, [...answers.map(({ confirmedAt }) => confirmedAt), declared]);
  // Nobody reads back what people end: their date is all there is.
  const revokedAt = firstAfter(at, [...answers.map(({ oldEndedAt }) => oldEndedAt), declared]);
  const within = answerWithin(credential);
  const isDecided = revokedAt !== undefined || addTo(at, within) <= knownAt;
  const row = {
    id,
    credential,
    reportedAt: at,
    by,
    reason,
    replacedAt: replacedAt ?? null,
    revokedAt: revokedAt ?? null,
    withinSeconds: within,
    inTime: isDecided ? revokedAt !== undefined && revokedAt <= addTo(at, within) : null,
  };
  return { row, reportedAt: at, revokedAt };
}

function firstAfter(at: Instant, instants: readonly (Instant | undefined)[]): Instant | undefined {
  return instants
    .flatMap((instant) => (instant === undefined || instant < at ? [] : [instant]))
    .toSorted()[0];
}

/** One that may still be answered in time is not judged yet. */
export function compromiseFacts(compromises: readonly AnsweredCompromise[]): PeriodFacts["compromises"] {
  return compromises.filter(({ row }) => row.inTime !== null).map(factOf);
}

function factOf({ row, reportedAt, revokedAt }: AnsweredCompromise): PeriodFacts["compromises"][number] {
  const { id, credential, withinSeconds: within } = row;
  return { id, credential, reportedAt, within, ...(revokedAt === undefined ? {} : { revokedAt }) };
}
