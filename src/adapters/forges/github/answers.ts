import { type Instant, parseInstant } from "../../../core/model/instant.ts";

/** An answer that is not what GitHub's description says: of a gateway in between, or cut. */
export class Unreadable extends Error {}

/** What is at this path of an answer; undefined where nothing is. */
export function fieldOf(data: unknown, ...path: readonly string[]): unknown {
  let found = data;
  for (const name of path) {
    if (typeof found !== "object" || found === null) return undefined;
    // `as`: neither null nor a primitive.
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

export function textOf(data: unknown, ...path: readonly string[]): string {
  const found = fieldOf(data, ...path);
  if (typeof found === "string") return found;
  throw new Unreadable(path.join("."));
}

/** A text that may be absent or null. */
export function maybeText(data: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldOf(data, ...path);
  return found === undefined || found === null ? undefined : textOf(data, ...path);
}

export function numberOf(data: unknown, ...path: readonly string[]): number {
  const found = fieldOf(data, ...path);
  if (typeof found === "number" && Number.isSafeInteger(found)) return found;
  throw new Unreadable(path.join("."));
}

export function listOf(data: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = fieldOf(data, ...path);
  if (Array.isArray(found)) return found;
  throw new Unreadable(path.join("."));
}

export function instantOrNothing(data: unknown, ...path: readonly string[]): Instant | undefined {
  const found = maybeText(data, ...path);
  if (found === undefined) return undefined;
  const instant = parseInstant(found);
  if (instant !== undefined) return instant;
  throw new Unreadable(path.join("."));
}

/** GitHub shows accounts that are gone as this one. */
const GONE = "ghost";

export function loginIn(data: unknown, ...path: readonly string[]): string {
  return maybeText(data, ...path, "login") ?? GONE;
}
