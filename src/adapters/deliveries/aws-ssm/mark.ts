/** What a description says at its end: the attempt whose value this version of the parameter has. */
const MARK = /\s*\[cre:([A-Za-z0-9._-]{1,80}):(\d{1,9})\]$/;
/** Limit of the service for a description. */
const LONGEST_DESCRIPTION = 1024;

/**
 * The description that says so, with the words of people before it. It is written in the same call as the value, so
 * that neither is ever there without the other, and names the version that the call makes: whoever puts another value
 * and keeps the description has another version, so the mark is none there.
 */
export function marked(description: string | undefined, attempt: string, version: number): string {
  const mark = `[cre:${attempt}:${version}]`;
  const words = (description ?? "").replace(MARK, "").slice(0, LONGEST_DESCRIPTION - mark.length - 1);
  return words === "" ? mark : `${words} ${mark}`;
}

/**
 * The attempt whose value this version has; undefined where there is no mark. `unclear`: the mark is of another version,
 * so that either somebody put another value and kept the description, or did so at the moment at which we put ours.
 */
export function attemptOf(
  description: string | undefined,
  version: number,
): { readonly attempt: string } | "unclear" | undefined {
  const [, attempt, made] = MARK.exec(description ?? "") ?? [];
  if (attempt === undefined) return undefined;
  return Number(made) === version ? { attempt } : "unclear";
}
