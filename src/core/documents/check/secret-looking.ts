import { looksRandom } from "./random-looking.ts";
import { findRuns, mayHoldKnownSecret } from "./secret-hints.ts";
import { SECRET_PATTERNS } from "./secret-patterns.ts";

/** A place in a text that looks like a secret. Holds its kind and place, never the text itself. */
export interface SecretLooking {
  readonly offset: number;
  readonly length: number;
  /** Completes "this looks like …". */
  readonly what: string;
}

/** Letters and digits on both sides of a character that names rarely have: perhaps a generated password. */
const MAYBE_PASSWORD = /(?<=[A-Za-z0-9])[!$%^&~*?#][A-Za-z0-9!$%^&~*?#]/;
const WORD = /[^\s"'`{}<>()[\],;]{12,128}/g;
/** Public by nature: certificates, public keys, fingerprints, digests, commits. */
const PUBLIC_BLOCK =
  /-----BEGIN (?:TRUSTED )?(?:CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST)-----[A-Za-z0-9+/=\s\\]*/g;
const PRIVATE_BODY = /(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)([A-Za-z0-9+/=\s\\]*)/g;
const BEFORE_PUBLIC =
  /(?:(?:sha-?(?:1|256|384|512)|md5)[:/]|\/commit\/|\bssh-[a-z0-9-]+ |\becdsa-[a-z0-9-]+ )$/i;
const PUBLIC_KEY = /^AAAA[A-Za-z0-9+/]{4}/;
/** Fields whose value is a public identifier by definition. */
const HANDLE_FIELD = /(?:^|[\s{,"'])(?:handle|hostKey)["']?[ \t]*:[ \t]*["']?[^"'\s,}]*$/;
/** What stands before an entry of `sightings`, whose entries are handles and places: a list in brackets, or of lines. */
const IN_SIGHTINGS =
  /(?:^|[\s{,"'])sightings["']?[ \t]*:[ \t]*(?:\[[^\]]*|(?:#[^\n]*)?(?:\n[ \t]*-[^\n]*)*\n[ \t]*-[ \t]*["']?)$/;
const LONGEST_LIST = 5000;

/**
 * Every place of a text, comments included, that looks like a secret: known forms of keys and tokens, password hashes,
 * passwords in addresses, and runs that look drawn at random. Linear in the text. Says where and what kind, never what.
 */
export function findSecretLooking(text: string): readonly SecretLooking[] {
  const masked = text.includes("-----BEGIN") ? maskBlocks(text) : text;
  const found: SecretLooking[] = [];
  let taken: Uint8Array | undefined;
  const add = (offset: number, length: number, what: string): void => {
    taken ??= new Uint8Array(masked.length);
    if (taken.subarray(offset, offset + length).includes(1)) return;
    taken.fill(1, offset, offset + length);
    found.push({ offset, length, what });
  };

  const runs = findRuns(masked);
  if (mayHoldKnownSecret(masked, runs)) {
    for (const { what, pattern, isHandle } of SECRET_PATTERNS) {
      for (const match of masked.matchAll(pattern)) {
        if (isHandle && standsForHandle(masked, match.index)) continue;
        add(match.index, match[0].length, what);
      }
    }
  }
  for (const { start, end } of runs) {
    const run = masked.slice(start, end);
    if (looksRandom(run) && !isPublic(masked, start, run)) add(start, run.length, "a random key");
  }
  if (MAYBE_PASSWORD.test(masked)) {
    for (const match of masked.matchAll(WORD)) {
      if (looksLikePassword(match[0]) && !isPublic(masked, match.index, match[0])) {
        add(match.index, match[0].length, "a generated password");
      }
    }
  }
  return found.toSorted((a, b) => a.offset - b.offset);
}

/** Whether any of it looks like a secret. */
export function looksSecret(text: string): boolean {
  return findSecretLooking(text).length > 0;
}

function isPublic(text: string, offset: number, run: string): boolean {
  const before = lineBefore(text, offset);
  return PUBLIC_KEY.test(run) || BEFORE_PUBLIC.test(before) || HANDLE_FIELD.test(before);
}

function standsForHandle(text: string, offset: number): boolean {
  if (HANDLE_FIELD.test(lineBefore(text, offset))) return true;
  return IN_SIGHTINGS.test(text.slice(Math.max(0, offset - LONGEST_LIST), offset));
}

function lineBefore(text: string, offset: number): string {
  const start = Math.max(text.lastIndexOf("\n", offset - 1) + 1, offset - 200);
  return text.slice(start, offset);
}

function looksLikePassword(word: string): boolean {
  if (!MAYBE_PASSWORD.test(word) || word.includes("://") || word.includes("@") || word.includes("/")) {
    return false;
  }
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[!$%^&~*?#]/].filter((one) => one.test(word)).length;
  return classes === 4;
}

/** Public blocks become blanks; of a private key only its first line stays, so that it is told once. Offsets stay. */
function maskBlocks(text: string): string {
  return text
    .replaceAll(PUBLIC_BLOCK, blank)
    .replaceAll(PRIVATE_BODY, (_, head: string, body: string) => head + blank(body));
}

function blank(block: string): string {
  return block.replaceAll(/[^\n]/g, " ");
}
