import { editDocument } from "../../adapters/documents-editor/edit-document.ts";
import type { Credential } from "../../core/documents/credential.ts";
import { DAY_TO_FILL } from "../../core/documents/day-to-fill.ts";
import { CreError } from "../../core/model/errors.ts";
import { fieldBefore } from "../writing/field-order.ts";

/**
 * The text of a file in which the document of a credential asks for the day of its rotation, and is not valid before a
 * person has written it. Throws a CreError where the file cannot be edited without touching anything else.
 */
export function askForDay(file: Uint8Array, { metadata, spec }: Credential): string {
  const { name } = metadata;
  const after = fieldBefore("Credential", "rotatedAt", Object.keys(spec));
  return editDocument(textOf(file, name), { kind: "Credential", name }, [
    { path: ["spec", "rotatedAt"], value: DAY_TO_FILL, ...(after === undefined ? {} : { after }) },
  ]);
}

function textOf(file: Uint8Array, credential: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file);
  } catch (error) {
    throw new CreError("file-refused", `the file of ${credential} is no UTF-8 text`, { cause: error });
  }
}
