import canonicalize from "canonicalize";
import type { Sha256 } from "../ports/runtime.ts";
import type { RunIdentity } from "../ports/store.ts";
import type { AuditHead } from "../state/facts.ts";
import { type AuditEntry, type AuditEvent, GENESIS } from "./entry.ts";

/**
 * Puts events on the chain that ends with `head`: numbers them, links each to the one before, and hashes it. Pure, so
 * a segment whose push was rejected is simply sealed again on the new head.
 */
export function seal(
  events: readonly AuditEvent[],
  head: AuditHead | undefined,
  identity: RunIdentity,
  sha256: Sha256,
): AuditEntry[] {
  let seq = head?.seq ?? 0;
  let prev = head?.hash ?? GENESIS;
  return events.map((event) => {
    seq += 1;
    const open = wellFormed({ ...event, actor: event.actor ?? identity.actor, run: identity.run, seq, prev });
    const entry: AuditEntry = { ...open, hash: sha256(canonical(open)) };
    prev = entry.hash;
    return entry;
  });
}

/** The text of a segment: one RFC 8785 line for each entry, each ended by a newline. */
export function segmentText(entries: readonly AuditEntry[]): string {
  return entries.map((entry) => `${canonical(entry)}\n`).join("");
}

/** RFC 8785 form of a JSON value. */
export function canonical(value: unknown): string {
  return canonicalize(value) ?? "null";
}

/** Words of a provider may hold half a surrogate pair, which no UTF-8 file can keep, and absent members are no JSON. */
function wellFormed<T extends object>(value: T): T {
  const text = JSON.stringify(value);
  const parsed: T = JSON.parse(text);
  return /\\ud[89a-f]/.test(text) ? (mapStrings(parsed) as T) : parsed; // mapStrings keeps the shape
}

function mapStrings(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(mapStrings);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.toWellFormed(), mapStrings(member)]),
  );
}
