import type { Sourced } from "../../documents/kinds.ts";
import type { Risk } from "../impact-report.ts";

/** A high-risk change of a document, at the place where it stands, or stood. */
export function riskAt(
  { document, file, line }: Sourced,
  code: Risk["code"],
  message: string,
  onHold = false,
): Risk {
  return { code, kind: document.kind, name: document.metadata.name, file, line, message, onHold };
}
