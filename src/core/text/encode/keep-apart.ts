/** Has no width and stands for nothing: it only keeps two characters from being read as one thing. */
export const BREAK = "\u2060";

/**
 * A plain line with what sinks look for in the text that they show, after any markup, taken apart: mentions, and
 * addresses that they make links of by themselves.
 */
export function keepApart(line: string): string {
  return line
    .replaceAll(/@(?=\S)/g, `@${BREAK}`)
    .replaceAll(/:(?=\/)/g, `:${BREAK}`)
    .replaceAll(/www\./gi, (found) => `${found.slice(0, -1)}${BREAK}.`)
    .replaceAll(/(?:mailto|xmpp|tel|javascript|data|vbscript):(?=\S)/gi, (found) => `${found}${BREAK}`);
}

/** The same, and no `:word:` that a sink shows as a picture. */
export function keepPicturesApart(line: string): string {
  return keepApart(line).replaceAll(/:(?=[\w+-]+:)/g, `:${BREAK}`);
}
