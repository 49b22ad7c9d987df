import type { Status } from "./status.ts";

/** Two records hold the same facts, whatever the order of their keys. */
export function sameFacts(a: Status | undefined, b: Status | undefined): boolean {
  return a === b || JSON.stringify(a, inOrder) === JSON.stringify(b, inOrder);
}

/** Objects with their keys in one order. Words of a provider may hold half a surrogate pair, which stays what it is. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Whether a record says anything new for evaluation or recovery. Free words about a wait that goes on are not: they
 * change from run to run (a number of sessions), and a commit for them would tell nobody anything.
 */
export function worthWriting(before: Status | undefined, after: Status): boolean {
  return !sameFacts(before === undefined ? undefined : withoutWords(before), withoutWords(after));
}

function withoutWords(status: Status): Status {
  const wait = status.rotation?.wait;
  if (status.rotation === undefined || wait === undefined) return status;
  const { detail: _, ...rest } = wait;
  return { ...status, rotation: { ...status.rotation, wait: rest } };
}
