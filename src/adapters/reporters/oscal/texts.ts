import { markdownText } from "../../../core/text/encode/markdown.ts";
import { plainLine } from "../../../core/text/plain-line.ts";

const LONGEST_TEXT = 4000;
/** Of properties that only this program gives. */
const NAMESPACE = "urn:credential-rotation-enforcer:oscal";

export interface Property {
  readonly name: string;
  readonly ns: string;
  readonly value: string;
}

/** What anybody wrote, as text where OSCAL has Markdown. */
export function markup(text: string): string {
  return markdownText(text, LONGEST_TEXT) || "-";
}

/** A fact that OSCAL has no place for; nothing where there is none. */
export function property(name: string, value: string | number | null): readonly Property[] {
  if (value === null) return [];
  const text = plainLine(String(value), LONGEST_TEXT).trim();
  return [{ name, ns: NAMESPACE, value: text === "" ? "-" : text }];
}
