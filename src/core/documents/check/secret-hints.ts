/** Bytes of keys: letters, digits and `+/=_-`. */
const IN_RUN = new Uint8Array(128);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-") {
  IN_RUN[char.charCodeAt(0)] = 1;
}

const SHORTEST_RUN = 16;

/** A run of the characters of keys, as long as it goes. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** Every run of at least 16 such characters. Skips ahead, so it looks at a fraction of the text only. */
export function findRuns(text: string): readonly Run[] {
  const runs: Run[] = [];
  let start = 0;
  while (start + SHORTEST_RUN <= text.length) {
    let at = start + SHORTEST_RUN - 1;
    while (at >= start && IN_RUN[text.charCodeAt(at)] === 1) at -= 1;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    let end = start + SHORTEST_RUN;
    while (end < text.length && IN_RUN[text.charCodeAt(end)] === 1) end += 1;
    runs.push({ start, end });
    start = end + 1;
  }
  return runs;
}

/** What stands in or just before the run of a known form of token. */
const TELLING_RUN =
  /A[KS]IA[A-Z0-9]|gh[pousr]_|github_pat_|gl[a-z]{2,4}-|xox[abceoprs]-|xapp-|hooks\.slack|discord(?:app)?\.com|webhook\.office|[sr]k_(?:live|test)|whsec_|AIza|GOCSPX|ya29\.|npm_|pypi-|SG\.|SK[0-9a-f]{8}|sk-[A-Za-z0-9]|hf_|hv[sbr]\.|do[opr]_v1|AccountKey|eyJ|md5[0-9a-f]{8}|AGE-SECRET/i;
const BEFORE_RUN = 24;
const PASSWORD_HASH = /\$(?:2|argon|[156y]\$)|SCRAM-SHA/;
const URL_WITH_LOGIN = /:\/\/[^\s/@]{1,520}@/;
/** Last two letters of the words that a password is written behind, and the words. */
const ENDINGS: ReadonlySet<string> = new Set(["rd", "wd", "se", "et", "en", "ey"]);
const PASSWORD_WORD = /(?:passwo?r?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key)$/i;

/**
 * A fast question before the known forms are tried one by one: where this says no, none of them is there. `runs` are
 * those of the text.
 */
export function mayHoldKnownSecret(text: string, runs: readonly Run[]): boolean {
  return (
    text.includes("-----BEGIN") ||
    text.includes("PuTTY-User") ||
    text.includes("sig=") ||
    (text.includes("$") && PASSWORD_HASH.test(text)) ||
    (text.includes("://") && URL_WITH_LOGIN.test(text)) ||
    runs.some(({ start, end }) => TELLING_RUN.test(text.slice(Math.max(0, start - BEFORE_RUN), end))) ||
    writesPassword(text, ":") ||
    writesPassword(text, "=")
  );
}

/** Whether one of the words for secrets stands before a separator. */
function writesPassword(text: string, separator: string): boolean {
  for (let at = text.indexOf(separator); at !== -1; at = text.indexOf(separator, at + 1)) {
    let end = at;
    while (end > 0 && isBlankOrQuote(text.charCodeAt(end - 1))) end -= 1;
    if (!ENDINGS.has(text.slice(end - 2, end).toLowerCase())) continue;
    if (PASSWORD_WORD.test(text.slice(Math.max(0, end - 12), end))) return true;
  }
  return false;
}

function isBlankOrQuote(code: number): boolean {
  return code === 32 || code === 9 || code === 34 || code === 39;
}
