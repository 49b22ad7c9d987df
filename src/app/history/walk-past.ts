import { type DocumentsRead, readDocuments } from "../../adapters/documents/read-documents.ts";
import { rememberingReader } from "../../adapters/documents/remembering.ts";
import type { Past } from "../../adapters/store/past.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import type { HistoryStep } from "../../core/history/due-ledger.ts";
import { comparable } from "../../core/impact/comparable.ts";
import type { Instant } from "../../core/model/instant.ts";

/** The two branches up to one instant. */
export interface Pasts {
  readonly documents: Past;
  /** undefined: no run has recorded anything. */
  readonly records: Past | undefined;
}

/**
 * What came into force from `since` on, by documents and records, the oldest first and each instant once. A document
 * that is invalid in a commit is not gone: it still says what it said before.
 */
export async function* walkPast({ documents, records }: Pasts, since: Instant): AsyncGenerator<HistoryStep> {
  const said = documentsSince(documents, since);
  const recorded = records?.records(since);
  let [document, record] = [await said.next(), await recorded?.next()];
  for (;;) {
    const [a, b] = [document.done ? undefined : document.value, record?.done ? undefined : record?.value];
    const at = a === undefined || (b !== undefined && b.at < a.at) ? b?.at : a.at;
    if (at === undefined) return;
    const [isDocument, isRecord] = [a?.at === at, b?.at === at];
    yield {
      at,
      ...(isDocument && a !== undefined ? { documents: a.documents } : {}),
      ...(isRecord && b !== undefined ? { records: b.records } : {}),
    };
    if (isDocument) document = await said.next();
    if (isRecord) record = await recorded?.next();
  }
}

/** What documents said at one commit. */
export interface DocumentsThen {
  readonly at: Instant;
  readonly commit: string;
  readonly documents: Documents;
}

/** The documents at `since` and at each later commit, the oldest first. One that is invalid then says what it said before. */
export async function* documentsSince(past: Past, since: Instant): AsyncGenerator<DocumentsThen> {
  const read = rememberingReader();
  let before: Documents | undefined;
  for await (const { at, commit, files } of past.documents(since)) {
    const now = readDocuments(files, read);
    before = before === undefined ? now.documents : completed(before, now);
    yield { at, commit, documents: before };
  }
}

function completed(before: Documents, { documents, invalid, problems }: DocumentsRead): Documents {
  const dark = { documents, invalid, darkFiles: new Set(problems.map(({ file }) => file)) };
  return comparable({ documents: before, invalid: [], darkFiles: new Set() }, dark).after;
}
