import type { AuditEvent } from "../audit/entry.ts";
import type { Documents } from "../documents/kinds.ts";
import { parseInstant } from "../model/instant.ts";
import type { ReviewBook, VanishedFact } from "../state/review-book.ts";

type Vanished = NonNullable<ReviewBook["vanished"]>;

/**
 * The credentials whose documents vanished before their retirement, after these changes of people. One that came back,
 * or that a successor names, is forgotten. The same value when there is nothing new.
 */
export function rememberVanished(
  known: Vanished | undefined,
  changes: readonly AuditEvent[],
  documents: Documents,
): Vanished | undefined {
  const vanished = new Map(Object.entries(known ?? {}));
  for (const { event, credential, detail = {}, time } of changes) {
    if (event !== "document.removed" || credential === undefined) continue;
    const { file, commit, author, at, retiredAt } = detail;
    const retired = typeof retiredAt === "string" ? parseInstant(retiredAt) : undefined;
    if (retired !== undefined && retired <= time) continue;
    vanished.set(credential, factOf({ file, commit, author, at: typeof at === "string" ? at : time }, time));
  }
  const present = namesIn(documents);
  for (const name of vanished.keys()) if (present.has(name)) vanished.delete(name);
  const after = Object.fromEntries([...vanished].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(after) === JSON.stringify(known ?? {}) ? known : after;
}

function factOf(
  { file, commit, author, at }: Readonly<Record<"file" | "commit" | "author" | "at", unknown>>,
  time: AuditEvent["time"],
): VanishedFact {
  return { file: text(file), commit: text(commit), author: text(author), at: parseInstant(text(at)) ?? time };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Names that a credential bears today, or bore. */
export function namesIn({ credentials }: Documents): ReadonlySet<string> {
  const documents = [...credentials.values()].map(({ document }) => document);
  return new Set([...credentials.keys(), ...documents.flatMap(({ metadata }) => metadata.formerNames ?? [])]);
}
