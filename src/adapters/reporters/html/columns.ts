import type { CredentialLine } from "../../../core/report/api/api-schemas.ts";

/** A column of few different values: each once, and which one each row has. */
interface Dictionary<Value> {
  readonly values: readonly Value[];
  readonly at: readonly number[];
}

type Line = CredentialLine;

/**
 * The lines of all credentials by columns, in which alike things stand side by side: compressed it is a tenth of what
 * rows would be, and a page takes it in without making an object of each.
 */
export interface Columns {
  /** Due dates count from it, in seconds. */
  readonly asOf: string;
  readonly name: readonly string[];
  readonly type: Dictionary<string>;
  readonly service: Dictionary<string>;
  readonly team: Dictionary<string>;
  readonly contact: Dictionary<string>;
  readonly labels: Dictionary<Line["labels"]>;
  readonly method: Dictionary<Line["method"]>;
  readonly provider: Dictionary<string | null>;
  readonly state: Dictionary<Line["state"]>;
  readonly level: Dictionary<Line["level"]>;
  /** 0: outside, 1: by an exception alone, 2: inside of its policy without any. */
  readonly compliant: readonly number[];
  readonly dueAt: Dictionary<number | null>;
  /** Seconds from the last rotation to the due date; without one, to `asOf`. */
  readonly interval: Dictionary<number>;
  readonly policy: Dictionary<string | null>;
  readonly exception: Dictionary<string | null>;
  readonly findings: Dictionary<number>;
  readonly rotation: Dictionary<Line["rotation"]>;
}

/** The lines by columns. */
export function columnsOf(lines: readonly Line[], asOf: string): Columns {
  const start = seconds(asOf);
  const column = <Value>(of: (line: Line) => Value): Dictionary<Value> => dictionary(lines.map(of));
  return {
    asOf,
    name: lines.map(({ name }) => name),
    type: column(({ type }) => type),
    service: column(({ service }) => service),
    team: column(({ team }) => team),
    contact: column(({ contact }) => contact),
    labels: column(({ labels }) => labels),
    method: column(({ method }) => method),
    provider: column(({ provider }) => provider),
    state: column(({ state }) => state),
    level: column(({ level }) => level),
    compliant: lines.map((line) => (line.compliantStrict ? 2 : line.compliantAdjusted ? 1 : 0)),
    dueAt: column(({ dueAt }) => (dueAt === null ? null : seconds(dueAt) - start)),
    interval: column(({ dueAt, lastRotatedAt }) => seconds(dueAt ?? asOf) - seconds(lastRotatedAt)),
    policy: column(({ policy }) => policy),
    exception: column(({ exception }) => exception),
    findings: column(({ findings }) => findings),
    rotation: column(({ rotation }) => rotation),
  };
}

/** One row again, as it was. */
export function lineAt(columns: Columns, row: number): Line {
  const start = seconds(columns.asOf);
  const due = valueAt(columns.dueAt, row);
  const compliant = columns.compliant[row] ?? 0;
  return {
    name: columns.name[row] ?? "",
    type: valueAt(columns.type, row),
    service: valueAt(columns.service, row),
    team: valueAt(columns.team, row),
    contact: valueAt(columns.contact, row),
    labels: valueAt(columns.labels, row),
    method: valueAt(columns.method, row),
    provider: valueAt(columns.provider, row),
    state: valueAt(columns.state, row),
    level: valueAt(columns.level, row),
    compliantStrict: compliant === 2,
    compliantAdjusted: compliant > 0,
    lastRotatedAt: instant(start + (due ?? 0) - valueAt(columns.interval, row)),
    dueAt: due === null ? null : instant(start + due),
    daysUntilDue: due === null ? null : Math.floor(due / 86_400),
    policy: valueAt(columns.policy, row),
    exception: valueAt(columns.exception, row),
    findings: valueAt(columns.findings, row),
    rotation: valueAt(columns.rotation, row),
  };
}

function dictionary<Value>(all: readonly Value[]): Dictionary<Value> {
  const numbers = new Map<string, number>();
  const values: Value[] = [];
  const at = all.map((value) => {
    const key = JSON.stringify(value);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, values.length);
    return values.push(value) - 1;
  });
  return { values, at };
}

/** The value that a row has. */
export function valueAt<Value>({ values, at }: Dictionary<Value>, row: number): Value {
  // `as`: each row has a value, so that only a row which does not exist has none.
  return values[at[row] ?? 0] as Value;
}

function seconds(text: string): number {
  return Date.parse(text) / 1000;
}

function instant(time: number): CredentialLine["lastRotatedAt"] {
  return new Date(time * 1000).toISOString().replace(".000Z", "Z");
}
