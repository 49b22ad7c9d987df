/**
 * Characters that a reader does not see or that turn the direction of text: what is read would not be what stands
 * there. Unicode's own list of them (joiners, fillers, selectors, tags, direction marks), and annotations.
 */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Marks on one letter beyond those of any language: piled up, they cover the lines around. */
const PILED = /(\p{M}{4})\p{M}+/gu;

/**
 * What people wrote, on one line: without control characters, without marks that hide or turn text, and no longer
 * than `most` characters. The first thing that every encoder of a sink does. A lone surrogate becomes U+FFFD.
 */
export function plainLine(text: string, most = 500): string {
  const line = text
    .toWellFormed()
    .replaceAll(CONTROLS, " ")
    .replaceAll(HIDDEN, "")
    .replaceAll(PILED, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
  const characters = Array.from(line);
  if (characters.length <= most) return line;
  return most < 1 ? "" : `${characters.slice(0, most - 1).join("")}…`;
}
