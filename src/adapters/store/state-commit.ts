import type { AuditEntry } from "../../core/audit/entry.ts";
import { GENESIS } from "../../core/audit/entry.ts";
import { CreError } from "../../core/model/errors.ts";
import type { RunIdentity, StateChange } from "../../core/ports/store.ts";
import { BOOK_NAMES } from "../../core/state/books.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import {
  bookPath,
  holdPath,
  incidentPath,
  requestPath,
  segmentPath,
  statusPath,
} from "../../core/state/layout.ts";
import { canonicalFile } from "./records.ts";

/** What one push changes, by path; null deletes. Rejects a record whose file could not be read: it is not ours to lose. */
export function filesOf(
  base: StateFacts,
  change: StateChange,
  identity: RunIdentity,
  entries: readonly AuditEntry[],
  segment: string,
): ReadonlyMap<string, string | null> {
  const files = new Map<string, string | null>();
  for (const { service, credential } of change.staleStatuses ?? []) {
    files.set(statusPath(service, credential), null);
  }
  for (const status of change.statuses?.values() ?? []) {
    files.set(statusPath(status.service, status.credential), canonicalFile(status));
  }
  for (const [id, incident] of change.incidents ?? []) files.set(incidentPath(id), canonicalFile(incident));
  for (const [id, hold] of change.holds ?? []) files.set(holdPath(id), canonicalFile(hold));
  for (const [id, request] of change.requests ?? []) {
    files.set(requestPath(id), request === null ? null : canonicalFile(request));
  }
  for (const name of BOOK_NAMES) {
    const book = change.books?.[name];
    if (book !== undefined) files.set(bookPath(name), canonicalFile(book));
  }
  const lost = base.unreadable?.find(({ path }) => files.has(path));
  if (lost !== undefined) {
    throw new CreError("state-unreadable", `${lost.path} cannot be read, so it is not overwritten`, {
      evidence: lost.problem,
      fix: "update this program if a newer one wrote it, else restore the file on the state branch by a commit",
    });
  }
  const [first] = entries;
  const last = entries.at(-1);
  if (first !== undefined && last !== undefined) {
    files.set(segmentPath(first.seq, identity.run, last.time), segment);
  }
  return files;
}

/** One line for people, then the trailers by which `git log` alone tells the story. */
export function messageOf(change: StateChange, identity: RunIdentity, head: string | undefined): string {
  const trailers = [
    ["Run", identity.run],
    ["Audit-Head", head ?? GENESIS],
    ...change.trailers.map(({ key, value }) => [key, value]),
  ];
  return `${oneLine(change.subject)}\n\n${trailers.map(([key, value]) => `${key}: ${oneLine(value ?? "")}\n`).join("")}`;
}

/** A trailer or a second subject cannot be smuggled in by a name or a reason. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").trim();
}
