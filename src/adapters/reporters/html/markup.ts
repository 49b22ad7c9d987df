import { plainLine } from "../../../core/text/plain-line.ts";

/** HTML that was put together by {@link html}: the only thing that is not escaped when it is put in. */
export interface Markup {
  readonly markup: string;
}

type Piece = string | number | Markup | null | undefined | readonly Piece[];

const LONGEST = 2000;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/**
 * HTML from a template. Texts are put in as plain words on one line, escaped for a place between tags or within a
 * quoted attribute; nothing comes of `null` and `undefined`.
 */
export function html(template: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const markup = template.reduce((text, part, at) => text + markupOf(pieces[at - 1]) + part);
  return { markup };
}

/** A text of somebody in the middle of a sentence, whose direction it must not turn. */
export function said(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** A date of an instant, with the whole instant for programs. */
export function dateOf(instant: string | null, absent = "–"): Markup {
  return instant === null
    ? html`${absent}`
    : html`<time datetime="${instant}">${instant.slice(0, 10)}</time>`;
}

/** Date and time of an instant to the minute. */
export function timeOf(instant: string | null, absent = "–"): Markup {
  if (instant === null) return html`${absent}`;
  return html`<time datetime="${instant}">${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC</time>`;
}

function markupOf(piece: Piece): string {
  if (piece === null || piece === undefined) return "";
  if (typeof piece === "number") return String(piece);
  if (typeof piece === "string") return escaped(piece);
  return "markup" in piece ? piece.markup : piece.map(markupOf).join("");
}

function escaped(text: string): string {
  return plainLine(text, LONGEST).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
