import { type Edit, editDocument } from "../../adapters/documents-editor/edit-document.ts";
import { type EditPath, parseEditPath, pathText } from "../../adapters/documents-editor/edit-path.ts";
import { parseValueText } from "../../adapters/documents-editor/value-text.ts";
import type { Kind } from "../../core/documents/kinds.ts";
import { CreError } from "../../core/model/errors.ts";
import { fieldBefore } from "./field-order.ts";
import { type Found, findDocument } from "./find-document.ts";
import { fileText, openWorkTree, type WorkTree, writeValidated } from "./work-tree.ts";
import type { WriteContext, Written } from "./written.ts";

export interface FieldEdit {
  readonly path: EditPath;
  readonly value: unknown;
}

const TOP = new Set(["apiVersion", "kind", "metadata", "spec"]);

/** Reads `PATH=VALUE`; a path that begins with no top-level key is one below `spec`. Throws a CreError. */
export function parseFieldEdit(text: string): FieldEdit {
  const at = text.indexOf("=");
  if (at <= 0) {
    // Not repeated: what was typed may be a value.
    throw new CreError("usage", "--set needs PATH=VALUE.", { fix: "Write --set spec.owner.team=payments." });
  }
  const path = parseEditPath(text.slice(0, at).trim());
  const value = text.slice(at + 1);
  if (value.trim() === "") {
    throw new CreError("usage", `--set ${pathText(path)}= has no value.`, {
      fix: 'Write "" for an empty text; remove a field by hand.',
    });
  }
  return {
    path: TOP.has(String(path[0])) ? path : ["spec", ...path],
    value: parseValueText(value),
  };
}

/**
 * Puts values into one document of the work tree and leaves every other byte of its file as it is. Validated before it
 * is written; throws a CreError and writes nothing when the result would not be valid. The same edit again changes
 * nothing.
 */
export function editFields(
  { repo }: WriteContext,
  request: { readonly name: string; readonly kind?: Kind; readonly edits: readonly FieldEdit[] },
): Written {
  const tree = openWorkTree(repo);
  return applyEdits(tree, findDocument(tree, request.name, request.kind), request.edits);
}

/** Edits a document that was found in the work tree. */
export function applyEdits(
  tree: WorkTree,
  found: Found,
  edits: readonly FieldEdit[],
  notes: readonly string[] = [],
): Written {
  const { kind, name, file } = found;
  const text = fileText(tree, file);
  if (text === undefined) throw new Error(`a document was read from ${file}, which is not there`);
  const present = Object.keys(found.document?.spec ?? {});
  const placed: Edit[] = [];
  for (const { path, value } of edits) {
    const [top, field] = path;
    const isField = top === "spec" && path.length === 2;
    const after = isField ? fieldBefore(kind, String(field), present) : undefined;
    if (isField) present.push(String(field));
    placed.push({ path, value, ...(after === undefined ? {} : { after }) });
  }
  const changed = editDocument(text, { kind, name }, placed);
  const warnings = writeValidated(tree, file, changed, [{ kind, name: renamed(edits) ?? name }]);
  return {
    file,
    kind,
    name,
    created: false,
    set: edits.map(({ path, value }) => ({ path: pathText(path), value })),
    notes: [...notes, ...warnings.map(({ line, message, fix }) => `${file}:${line}: ${message} (${fix})`)],
  };
}

function renamed(edits: readonly FieldEdit[]): string | undefined {
  const edit = edits.find(({ path }) => pathText(path) === "metadata.name");
  return typeof edit?.value === "string" ? edit.value : undefined;
}
