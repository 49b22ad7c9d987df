import type { AuditEntry } from "../audit/entry.ts";
import { compareKeys } from "../evaluate/order.ts";
import type { Period } from "../period/period.ts";
import type { PeriodRows } from "../report/history-schema.ts";

/** What an auditor may ask the members of. */
export const POPULATIONS = ["rotations", "exceptions", "compromises", "changes", "runs"] as const;
export type PopulationName = (typeof POPULATIONS)[number];

type Cell = string | number | boolean | null;

/** A document that a member is about. */
export interface DocumentName {
  readonly kind: string;
  readonly name: string;
}

/** One member, with what its bundle is made of. */
export interface Member {
  /** Unique in the population. */
  readonly id: string;
  /** Its row of `population.csv`, by title. */
  readonly row: Readonly<Record<string, Cell>>;
  /** Whose record belongs to it. */
  readonly credential: string | undefined;
  readonly documents: readonly DocumentName[];
  /** The commit that it is, where it is one. */
  readonly commit: string | undefined;
  /** Whether an entry of the trail is about it. */
  readonly isAbout: (entry: AuditEntry) => boolean;
}

/** Everything that the members of a period are taken from. */
export interface PopulationInput {
  readonly rows: PeriodRows;
  readonly entries: readonly AuditEntry[];
  readonly period: Period;
}

/** The members of a population, by their ids' order in time. */
export function membersOf(name: PopulationName, input: PopulationInput): readonly Member[] {
  switch (name) {
    case "rotations":
      return input.rows.rotations.map((row) => rotation(row, input.rows));
    case "exceptions":
      return input.rows.exceptions.map(exception);
    case "compromises":
      return input.rows.compromises.map(compromise);
    case "changes":
      return input.rows.changes.map(change);
    case "runs":
      return runsOf(input);
  }
}

function rotation({ id, ...row }: PeriodRows["rotations"][number], { dueDates }: PeriodRows): Member {
  const policies = dueDates.flatMap((due) =>
    due.rotation === id && due.policy !== null ? [due.policy] : [],
  );
  return {
    id,
    row: { id, ...row },
    credential: row.credential,
    documents: [
      { kind: "Credential", name: row.credential },
      ...[...new Set(policies)].map((name) => ({ kind: "Policy", name })),
    ],
    commit: undefined,
    isAbout: (entry) => entry.rotation === id,
  };
}

function exception({ id, approvers, ...row }: PeriodRows["exceptions"][number]): Member {
  return {
    id,
    row: { id, ...row, approvers: approvers.join(" | ") },
    credential: undefined,
    documents: [{ kind: "Exception", name: id }],
    commit: undefined,
    isAbout: (entry) => isOfDocument(entry, { kind: "Exception", name: id }),
  };
}

function compromise({ id, ...row }: PeriodRows["compromises"][number]): Member {
  const { credential, reportedAt } = row;
  return {
    id,
    row: { id, ...row },
    credential,
    documents: [{ kind: "Credential", name: credential }],
    commit: undefined,
    // What happened to the credential from then on is the answer to it.
    isAbout: (entry) => entry.credential === credential && entry.time >= reportedAt,
  };
}

function change({ id, approvers, ...row }: PeriodRows["changes"][number]): Member {
  const document = { kind: row.kind, name: row.name };
  return {
    id,
    row: { id, ...row, approvers: approvers.join(" | ") },
    credential: undefined,
    documents: [document],
    commit: row.commit,
    isAbout: (entry) => isOfDocument(entry, document) && entry.detail?.["commit"] === row.commit,
  };
}

/** Runs that wrote entries in the period: one that had nothing to say and said so recently enough wrote none. */
function runsOf({ entries, period }: PopulationInput): readonly Member[] {
  return [...Map.groupBy(entries, ({ run }) => run)]
    .filter(([, own]) => own.some(({ time }) => time >= period.from && time < period.to))
    .toSorted(([a, ofA], [b, ofB]) => compareKeys([ofA[0]?.time ?? "", a], [ofB[0]?.time ?? "", b]))
    .map(([id, own]) => ({
      id,
      row: {
        id,
        "first entry at": own[0]?.time ?? null,
        "last entry at": own.at(-1)?.time ?? null,
        actor: own[0]?.actor ?? null,
        entries: own.length,
        credentials: new Set(own.flatMap(({ credential }) => credential ?? [])).size,
        inputs: own[0]?.inputs ?? null,
      },
      credential: undefined,
      documents: [],
      commit: undefined,
      isAbout: (entry) => entry.run === id,
    }));
}

function isOfDocument({ event, detail }: AuditEntry, { kind, name }: DocumentName): boolean {
  if (event.startsWith("document.")) return detail?.["kind"] === kind && detail["name"] === name;
  return event.startsWith("review.") && detail?.["document"] === `${kind} ${name}`;
}
