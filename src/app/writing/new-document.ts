import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path/posix";
import { appendDocument } from "../../adapters/documents-editor/append-document.ts";
import { documentText } from "../../adapters/documents-editor/yaml-text.ts";
import { isDocumentPath } from "../../core/documents/document-path.ts";
import { FOLDER_OF, type Kind, type Problem } from "../../core/documents/kinds.ts";
import { CreError } from "../../core/model/errors.ts";
import { inFieldOrder } from "./field-order.ts";
import { fileText, type WorkTree, writeValidated } from "./work-tree.ts";
import type { Written } from "./written.ts";

export interface NewDocument {
  readonly kind: Kind;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Path in the repository, with `/`. */
  readonly file: string;
  readonly notes?: readonly string[];
}

/** Adds a document to the work tree, behind what its file holds already. Throws a CreError and writes nothing if invalid. */
export function addDocument(tree: WorkTree, added: NewDocument): Written {
  const { kind, name, file, spec, notes = [] } = added;
  const warnings = addDocuments(tree, file, [added]);
  return {
    file,
    kind,
    name,
    created: true,
    set: Object.entries(inFieldOrder(kind, spec)).map(([field, value]) => ({ path: `spec.${field}`, value })),
    notes: [...notes, ...warnings.map(({ line, message, fix }) => `${file}:${line}: ${message} (${fix})`)],
  };
}

/**
 * Adds documents of one kind to one file of the work tree, all or none. Throws a CreError and writes nothing if one is
 * invalid. Gives the warnings of the file.
 */
export function addDocuments(
  tree: WorkTree,
  file: string,
  added: readonly Omit<NewDocument, "file" | "notes">[],
): readonly Problem[] {
  const [first] = added;
  if (first === undefined) return [];
  const { kind } = first;
  if (!isDocumentPath(file) || !file.startsWith(`${FOLDER_OF[kind]}/`) || file.split("/").includes("..")) {
    throw new CreError("file-refused", `\`${file}\` is no place for a ${kind}.`, {
      fix: `Give --file ${FOLDER_OF[kind]}/NAME.yaml.`,
    });
  }
  const document = added.map(newText).join("---\n");
  const before = fileText(tree, file);
  const text =
    before === undefined
      ? schemaComment(tree.root, kind, file) + document
      : appendDocument(before, document, added.length);
  return writeValidated(tree, file, text, added);
}

/** A new document as its file holds it. */
export function newText({ kind, name, labels, spec }: Omit<NewDocument, "file" | "notes">): string {
  return documentText({
    apiVersion: "cre/v1",
    kind,
    metadata: labels === undefined || Object.keys(labels).length === 0 ? { name } : { name, labels },
    spec: inFieldOrder(kind, spec),
  });
}

/** Lets editors complete and check a new file, where the repository holds the schemas. */
function schemaComment(root: string, kind: Kind, file: string): string {
  const schema = `registry/schema/${kind.toLowerCase()}.schema.json`;
  if (!existsSync(join(root, schema))) return "";
  return `# yaml-language-server: $schema=${relative(dirname(file), schema)}\n`;
}
