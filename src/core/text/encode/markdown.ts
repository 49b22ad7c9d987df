import { plainLine } from "../plain-line.ts";
import { BREAK, keepPicturesApart } from "./keep-apart.ts";

/**
 * A text as plain words of GitHub's Markdown, on one line: no link, image, mention, reference, HTML, formula or emoji
 * can come of it. A backslash does not stop mentions, references, emoji and bare addresses, which GitHub finds in the
 * rendered text (https://github.github.com/gfm/#autolinks-extension-), so these are taken apart.
 */
export function markdownText(text: string, most?: number): string {
  return keepPicturesApart(plainLine(text, most))
    .replaceAll(/#(?=\d)/g, `#${BREAK}`)
    .replaceAll(/(GH)-(?=\d)/gi, `$1-${BREAK}`)
    .replaceAll(/[\\`*_{}[\]()<>#+\-.!|~&$^=:'"]/g, String.raw`\$&`);
}

/** A text as a code span, on one line: nothing in it is read as anything but itself. Not for a cell of a table. */
export function markdownCode(text: string, most?: number): string {
  const line = plainLine(text, most);
  if (line === "") return "` `";
  const runs = [...line.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const pad = /^`|`$/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A link with a text of its own; only the text where the address is not https. */
export function markdownLink(text: string, address: string | undefined): string {
  const words = markdownText(text);
  if (address === undefined || !URL.canParse(address)) return words;
  const { protocol, href } = new URL(address);
  return protocol === "https:" ? `[${words}](<${href.replaceAll(/[<>]/g, encodeURIComponent)}>)` : words;
}

/** One cell of a table. */
export function markdownCell(text: string, most?: number): string {
  return markdownText(text, most);
}
