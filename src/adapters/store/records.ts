import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { BOOKS } from "../../core/state/books.ts";
import { HoldFact, Incident, Request } from "../../core/state/facts.ts";
import { Status } from "../../core/state/status.ts";

/** A file of the machine as read: the record, or why it is none. */
export type Reading<T> = { readonly record: T } | { readonly problem: string };

/**
 * Reads one kind of file. Compiled once for each store; remembers what it has read by blob, so that a new tip costs
 * only what changed.
 */
class RecordReader<S extends TSchema> {
  readonly #validator: { Check(value: unknown): boolean; Errors(value: unknown): readonly SchemaError[] };
  readonly #known = new Map<string, Reading<Static<S>>>();

  constructor(schema: S) {
    this.#validator = Compile(schema);
  }

  knows(blob: string): boolean {
    return this.#known.has(blob);
  }

  read(blob: string, bytes: Uint8Array | undefined): Reading<Static<S>> {
    const known = this.#known.get(blob);
    if (known !== undefined) return known;
    const reading = this.parse(bytes ?? new Uint8Array());
    this.#known.set(blob, reading);
    return reading;
  }

  /** Without remembering it: for what is looked at once. */
  parse(bytes: Uint8Array): Reading<Static<S>> {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
      return { problem: "no JSON" };
    }
    if (this.#validator.Check(value)) return { record: value as Static<S> }; // checked against the schema just before
    if (isNewer(value)) return { problem: "written by a newer version of this program" };
    const [first] = this.#validator.Errors(value);
    return {
      problem: `not in the form of this version: ${first?.instancePath || "/"} ${first?.message ?? ""}`,
    };
  }
}

interface SchemaError {
  readonly instancePath: string;
  readonly message: string;
}

/** The readers of all the machine's files. */
export function recordReaders() {
  return {
    status: new RecordReader(Status),
    incident: new RecordReader(Incident),
    hold: new RecordReader(HoldFact),
    request: new RecordReader(Request),
    alerts: new RecordReader(BOOKS.alerts),
    discovery: new RecordReader(BOOKS.discovery),
    issues: new RecordReader(BOOKS.issues),
    reviews: new RecordReader(BOOKS.reviews),
  };
}

/** The form in which the machine writes its files: sorted keys, two spaces, a newline at the end. */
export function canonicalFile(value: unknown): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(pairs.map(([key, member]) => [key, sorted(member)]));
}

function isNewer(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("schemaVersion" in value)) return false;
  return typeof value.schemaVersion === "number" && value.schemaVersion > 1;
}
