import { plainLine } from "../plain-line.ts";
import { keepApart } from "./keep-apart.ts";

/**
 * A text as plain words of Discord's Markdown, on one line: no mention, link, emoji, timestamp or format comes of it,
 * and nothing is hidden behind a spoiler. Discord shows no backslash before a sign that could mean something.
 */
export function discordText(text: string, most?: number): string {
  return (
    keepApart(plainLine(text, most))
      .replaceAll(/[\\`*_~|<>&[\]():]/g, String.raw`\$&`)
      // Heading, quote and list, which begin a line.
      .replace(/^(?:[#+-]|\d+(?=\.))/, (found) => (/\d/.test(found) ? `${found}\\` : `\\${found}`))
  );
}

/** A text as code, on one line. */
export function discordCode(text: string, most?: number): string {
  const line = plainLine(text, most).replaceAll("`", "'");
  return line === "" ? "" : `\`${line}\``;
}
