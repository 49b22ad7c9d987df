/** `# cre:allow-secret-looking REASON` at the end of a line: what looks like a secret there is none. */
const ALLOWANCE = /#[ \t]*cre:allow-secret-looking(?:[ \t:]+([^\r\n]*))?(?=\r|\n|$)/g;

/** One line whose secret-looking value a reviewer accepted. */
export interface Allowance {
  readonly file: string;
  readonly line: number;
  /** Empty where people gave none, which is a problem. */
  readonly reason: string;
}

/** Every allowance of a text with its offset, in order. */
export function findAllowances(
  text: string,
): readonly { readonly offset: number; readonly reason: string }[] {
  if (!text.includes("cre:allow-secret-looking")) return [];
  return [...text.matchAll(ALLOWANCE)].map((match) => ({
    offset: match.index,
    reason: (match[1] ?? "").trim(),
  }));
}
