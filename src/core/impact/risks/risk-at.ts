import type { FieldPath } from "../../documents/check/fault.ts";
import type { Sourced } from "../../documents/kinds.ts";
import type { Risk } from "../impact-report.ts";

/** A risk at the first line of its document, with the field that it is about. */
export interface RiskDraft {
  readonly risk: Risk;
  /** Where it stands in the document of now; undefined: the document itself, or one that is gone. */
  readonly path: FieldPath | undefined;
}

/** A high-risk change of a document, at the place where it stands, or stood. */
export function riskAt(
  { document, file, line }: Sourced,
  code: Risk["code"],
  message: string,
  { onHold = false, path }: { readonly onHold?: boolean; readonly path?: FieldPath } = {},
): RiskDraft {
  const { name } = document.metadata;
  return { risk: { code, kind: document.kind, name, file, line, message, onHold }, path };
}

/** The path of a field of `spec` that `differences` told; its keys have no dots. */
export function specPath(path: string | undefined): FieldPath {
  return ["spec", ...(path ?? "").split(".")];
}
