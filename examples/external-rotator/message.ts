import { type Mark, Refusal } from "./contract.ts";

/** What every request has. */
export interface Message {
  readonly requestId: string;
  readonly operation: string;
  readonly credential: string;
  readonly object: string;
  /** The operation's own fields, read by the functions below. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What must be on the version now, and what the effect leaves on it. */
export interface Fence {
  readonly expected: Mark | null;
  readonly next: Mark;
}

const ID = /^[A-Za-z0-9._-]{1,80}$/;

/** Reads a request, or says with a Refusal which field is not as the contract has it. */
export function parseMessage(body: Buffer): Message {
  let raw: unknown;
  try {
    raw = JSON.parse(body.toString("utf8"));
  } catch {
    throw malformed("the body");
  }
  if (!isRecord(raw)) throw malformed("the body");
  if (raw["apiVersion"] !== "cre/v1" || raw["contract"] !== 1) {
    throw new Refusal(422, "contract-unknown", "this server speaks contract 1 of cre/v1 only");
  }
  return {
    requestId: textOf(raw, "requestId", ID),
    operation: textOf(raw, "operation", /^[a-z-]{1,40}$/),
    credential: textOf(raw, "credential", /^[a-z0-9][a-z0-9-]{0,62}$/),
    object: textOf(raw, "object", /^[\x21-\x7e]{1,128}$/),
    fields: raw,
  };
}

export function versionOf({ fields }: Message): { readonly handle: string; readonly slot: string } {
  const version = fields["version"];
  if (!isRecord(version)) throw malformed("version");
  return {
    handle: textOf(version, "handle", /^[\x21-\x7e]{1,200}$/),
    slot: textOf(version, "slot", /^[\x21-\x7e]{1,64}$/),
  };
}

export function markOf({ fields }: Message): Mark {
  return readMark(fields["mark"], "mark");
}

export function fenceOf({ fields }: Message): Fence {
  const fence = fields["fence"];
  if (!isRecord(fence)) throw malformed("fence");
  const { expected, next } = fence;
  return {
    expected: expected === null ? null : readMark(expected, "fence.expected"),
    next: readMark(next, "fence.next"),
  };
}

export function sinceOf({ fields }: Message): string {
  return textOf(fields, "since", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
}

export function partsOf({ fields }: Message): Readonly<Record<string, string>> {
  const parts = fields["parts"];
  if (!isRecord(parts) || !Object.values(parts).every((part) => typeof part === "string")) {
    throw malformed("parts");
  }
  // `as`: every value was checked to be a string just before.
  return parts as Record<string, string>;
}

export function handlesOf({ fields }: Message): readonly string[] {
  const occupied = fields["occupied"];
  if (!Array.isArray(occupied)) throw malformed("occupied");
  return occupied.map((one) => {
    if (!isRecord(one)) throw malformed("occupied");
    return textOf(one, "handle", /^[\x21-\x7e]{1,200}$/);
  });
}

function readMark(value: unknown, name: string): Mark {
  if (!isRecord(value)) throw malformed(name);
  const { epoch } = value;
  if (typeof epoch !== "number" || !Number.isSafeInteger(epoch) || epoch < 0) {
    throw malformed(`${name}.epoch`);
  }
  return { rotation: textOf(value, "rotation", ID), attempt: textOf(value, "attempt", ID), epoch };
}

function textOf(record: Readonly<Record<string, unknown>>, name: string, pattern: RegExp): string {
  const value = record[name];
  if (typeof value !== "string" || !pattern.test(value)) throw malformed(name);
  return value;
}

/** Only the field's name: its value may be secret. */
function malformed(name: string): Refusal {
  return new Refusal(422, "malformed", `${name} is not as the contract has it`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
