import type { Document, Documents, Kind, Sourced } from "../documents/kinds.ts";

/** Documents of one side, with the names of those that are there but not valid. */
export interface ImpactSide {
  readonly documents: Documents;
  readonly invalid: readonly { readonly kind: Kind; readonly name: string }[];
  /** Files with a problem, and folders (with a `/` at the end): what seems to be missing there may only be unreadable. */
  readonly darkFiles: ReadonlySet<string>;
}

/**
 * The two sets of documents with what is invalid on one side as it is on the other: a document that cannot be read is
 * not gone, so nothing follows from that it is missing.
 */
export function comparable(
  before: ImpactSide,
  after: ImpactSide,
): { readonly before: Documents; readonly after: Documents } {
  return { before: completed(before, after.documents), after: completed(after, before.documents) };
}

function completed(side: ImpactSide, other: Documents): Documents {
  const { documents, invalid, darkFiles } = side;
  if (invalid.length === 0 && darkFiles.size === 0) return documents;
  const folders = [...darkFiles].filter((path) => path.endsWith("/"));
  const isDark = (file: string): boolean =>
    darkFiles.has(file) || folders.some((folder) => file.startsWith(folder));
  const unsound = new Set(invalid.map(({ kind, name }) => `${kind}/${name}`));
  const complete = <D extends Document>(
    own: ReadonlyMap<string, Sourced<D>>,
    others: ReadonlyMap<string, Sourced<D>>,
  ): ReadonlyMap<string, Sourced<D>> => {
    const borrowed = [...others].filter(
      ([name, { document, file }]) =>
        !own.has(name) && (unsound.has(`${document.kind}/${name}`) || isDark(file)),
    );
    return borrowed.length === 0 ? own : new Map([...own, ...borrowed]);
  };
  const { settings } = other;
  const borrowsSettings =
    settings !== undefined &&
    (isDark(settings.file) || unsound.has(`Settings/${settings.document.metadata.name}`));
  return {
    credentials: complete(documents.credentials, other.credentials),
    connections: complete(documents.connections, other.connections),
    policies: complete(documents.policies, other.policies),
    exceptions: complete(documents.exceptions, other.exceptions),
    snoozes: complete(documents.snoozes, other.snoozes),
    holds: complete(documents.holds, other.holds),
    settings: documents.settings ?? (borrowsSettings ? settings : undefined),
  };
}
