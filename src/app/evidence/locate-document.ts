import { readDocuments } from "../../adapters/documents/read-documents.ts";
import type { ReadSide } from "../../adapters/store/read-side.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import type { DocumentName } from "../../core/evidence/population.ts";

/** Says which file of a commit holds a document; of the commits asked last it reads the documents once. */
export function documentLocator(
  side: ReadSide,
): (document: DocumentName, commit: string | undefined) => Promise<string | undefined> {
  let last: { readonly commit: string; readonly documents: Documents } | undefined;
  return async (document, commit) => {
    if (commit === undefined) return undefined;
    if (last?.commit !== commit) {
      last = { commit, documents: readDocuments(await side.filesAt(commit)).documents };
    }
    return fileIn(last.documents, document);
  };
}

function fileIn(documents: Documents, { kind, name }: DocumentName): string | undefined {
  const { credentials, connections, policies, exceptions, snoozes, holds, settings } = documents;
  if (kind === "Settings") return settings?.file;
  for (const sources of [credentials, connections, policies, exceptions, snoozes, holds]) {
    const source = sources.get(name);
    if (source?.document.kind === kind) return source.file;
  }
  return undefined;
}
