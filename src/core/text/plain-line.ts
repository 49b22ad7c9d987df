/** Marks that turn the direction of text, and those that have no width: what is read would not be what stands there. */
const HIDDEN = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * What people wrote, on one line: without control characters, without marks that hide or turn text, and no longer
 * than `most` characters. The first thing that every encoder of a sink does. A lone surrogate becomes U+FFFD.
 */
export function plainLine(text: string, most = 500): string {
  const line = text
    .toWellFormed()
    .replaceAll(CONTROLS, " ")
    .replaceAll(HIDDEN, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  const characters = Array.from(line);
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join("")}…`;
}
