import { plainLine } from "../plain-line.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** A text as characters of XML 1.0, on one line, between tags or within a quoted attribute. */
export function xmlText(text: string, most?: number): string {
  return plainLine(text, most)
    .replaceAll(/[\ufffe\uffff]/g, "")
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
