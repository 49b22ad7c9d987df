import { documentsIn } from "../../core/documents/check/index-documents.ts";
import type { Document, Kind } from "../../core/documents/kinds.ts";
import { CreError } from "../../core/model/errors.ts";
import { nearest } from "../../core/text/nearest.ts";
import type { DocumentId, WorkTree } from "./work-tree.ts";

export interface Found extends DocumentId {
  readonly file: string;
  /** undefined: it is there but not valid. */
  readonly document: Document | undefined;
}

/**
 * The document of a name: of the given kind, else the Credential, else the only one that has it. Throws a CreError
 * that suggests the nearest name.
 */
export function findDocument({ read }: WorkTree, name: string, kind?: Kind): Found {
  const all: Found[] = [
    ...documentsIn(read.documents).map(
      ({ document, file }): Found => ({ kind: document.kind, name: document.metadata.name, file, document }),
    ),
    ...read.invalid.map((invalid): Found => ({ ...invalid, document: undefined })),
  ];
  const named = all.filter((found) => found.name === name && (kind === undefined || found.kind === kind));
  const [first, ...others] = named.some((found) => found.kind === "Credential")
    ? named.filter((found) => found.kind === "Credential")
    : named;
  const noun = kind ?? "document";
  if (first === undefined) {
    const names = all.filter((found) => kind === undefined || found.kind === kind).map((found) => found.name);
    const near = nearest(name, names);
    throw new CreError("document-unknown", `There is no ${noun} \`${name}\`.`, {
      fix: near === undefined ? "`cre list` shows the credentials." : `Did you mean \`${near}\`?`,
    });
  }
  if (others.length > 0) {
    throw new CreError("document-ambiguous", `Several documents are called \`${name}\`.`, {
      evidence: named.map((found) => `${found.kind} in ${found.file}`).join(", "),
      fix:
        new Set(named.map((found) => found.kind)).size > 1
          ? "Say which with --kind KIND."
          : "Names are unique for each kind: rename one by hand.",
    });
  }
  return first;
}

/** The Credential of a name; undefined document where it is not valid. */
export function findCredential(
  tree: WorkTree,
  name: string,
): Found & { readonly document: Extract<Document, { kind: "Credential" }> | undefined } {
  const found = findDocument(tree, name, "Credential");
  const { document } = found;
  return { ...found, document: document?.kind === "Credential" ? document : undefined };
}
