/** Commits in addresses of forges. */
const COMMIT = /(?:commits?|tree|blob)\/[0-9a-f]{40}/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const SEPARATORS = /[-_/+=.]+/;

type CharClass = "lower" | "upper" | "digit" | "other";

function classOf(code: number): CharClass {
  if (code >= 97 && code <= 122) return "lower";
  if (code >= 65 && code <= 90) return "upper";
  if (code >= 48 && code <= 57) return "digit";
  return "other";
}

/** Changes of class between neighbours, per pair. A capital before a small letter is how words begin: no change. */
function changeRate(text: string): number {
  let changes = 0;
  for (let at = 1; at < text.length; at += 1) {
    const before = classOf(text.charCodeAt(at - 1));
    const after = classOf(text.charCodeAt(at));
    if (before === after || before === "other" || after === "other") continue;
    if (!(before === "upper" && after === "lower")) changes += 1;
  }
  return changes / Math.max(1, text.length - 1);
}

/** Shannon entropy in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/**
 * Whether a run of letters, digits and `+/=_-` looks drawn at random, as keys are, and not composed of words, as names,
 * paths and identifiers are. Words change rarely between letters, digits and case; random text at every second step.
 * UUIDs and the addresses of commits are public nearly everywhere and do not count.
 */
export function looksRandom(run: string): boolean {
  let text = run.includes("-") ? run.replaceAll(UUID, "") : run;
  if (text.includes("/")) text = text.replaceAll(COMMIT, "");
  if (text.length < 20) return false;
  if (/[a-z]/.test(text) && /[A-Z]/.test(text)) {
    if (!/\d/.test(text)) return text.length >= 24 && changeRate(text) >= 0.3 && entropy(text) >= 4.2;
    return changeRate(text) >= (text.length >= 32 ? 0.2 : 0.28) && entropy(text) >= 3.8;
  }
  return text.split(SEPARATORS).some(isRandomSegment);
}

function isRandomSegment(segment: string): boolean {
  if (segment.length < 24 || !/\d/.test(segment) || !/[a-z]/i.test(segment)) return false;
  if (/^[0-9a-f]+$/i.test(segment)) return segment.length >= 32 && entropy(segment) >= 3;
  return changeRate(segment) >= 0.2 && entropy(segment) >= 3.3;
}
