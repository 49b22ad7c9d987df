import type { Status } from "./status.ts";

/** Two records hold the same facts, whatever the order of their keys; a member without a value says nothing. */
export function sameFacts(a: Status | undefined, b: Status | undefined): boolean {
  return sameValue(a, b);
}

/** Compared member by member: far cheaper than writing both out, and asked often. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [ours, theirs] = [said(a), said(b)];
  return ours.length === theirs.length && ours.every(([key, value]) => sameValue(value, Reflect.get(b, key)));
}

function said(value: object): readonly [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

/**
 * Whether a record says anything new for evaluation or recovery. Free words about a wait that goes on are not: they
 * change from run to run (a number of sessions), and a commit for them would tell nobody anything.
 */
export function worthWriting(before: Status | undefined, after: Status): boolean {
  return !sameFacts(before === undefined ? undefined : withoutWords(before), withoutWords(after));
}

/** What is wrong with a certificate that people brought changes only when they bring another one. */
export function areFacts({ why }: NonNullable<NonNullable<Status["rotation"]>["wait"]>): boolean {
  return why === "certificate";
}

function withoutWords(status: Status): Status {
  const wait = status.rotation?.wait;
  if (status.rotation === undefined || wait === undefined || areFacts(wait)) return status;
  const { detail: _, ...rest } = wait;
  return { ...status, rotation: { ...status.rotation, wait: rest } };
}
