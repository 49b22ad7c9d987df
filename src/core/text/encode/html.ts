import { plainLine } from "../plain-line.ts";
import { keepApart } from "./keep-apart.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? "");
}

/** A text as plain words of HTML, on one line, between tags or within a quoted attribute. Programs that show mail find no address in it. */
export function htmlText(text: string, most?: number): string {
  return escaped(keepApart(plainLine(text, most)));
}

/** A link with a text of its own; only the text where the address is not https. */
export function htmlLink(text: string, address: string | undefined): string {
  const url = address === undefined ? null : URL.parse(address);
  if (url?.protocol !== "https:") return htmlText(text);
  return `<a href="${escaped(url.href)}">${htmlText(text)}</a>`;
}
