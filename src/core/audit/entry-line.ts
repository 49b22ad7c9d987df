import { canonical } from "./seal.ts";
import { parseEntry } from "./trail.ts";

/** What the verification needs of one line. */
export interface EntryLine {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  readonly time: string;
  readonly run: string;
  /** The line is the RFC 8785 form of its entry, to the byte. */
  readonly canonical: boolean;
  /** RFC 8785 form of the entry without `hash`: what the hash was made of. */
  readonly open: string;
}

/** Without an escape a string has one form only, and it ends at the next quote. */
const TEXT = String.raw`[^"\u0000-\u001f]*`;
const STRING = `"${TEXT}"`;
const optional = (name: string) => `(?:"${name}":${STRING},)?`;
const HEAD = `\\{"actor":${STRING},${optional("attempt")}${optional("credential")}`;
const TAIL = [
  `"event":${STRING},`,
  '"hash":"([0-9a-f]{64})",',
  optional("inputs"),
  optional("outcome"),
  '"prev":"([0-9a-f]{64})",',
  optional("rotation"),
  `"run":"(${TEXT})",`,
  '"seq":([1-9][0-9]{0,14}),',
  optional("step"),
  `"time":"(${TEXT})"\\}$`,
].join("");
const DETAIL = '"detail":{';
const HASH_MEMBER = '"hash":"",'.length + 64;

/**
 * Reads lines of segments. Nearly every line is in the form that the machine writes, which is recognised without
 * building the entry; all others are parsed and written anew.
 */
export class EntryLineReader {
  readonly #head = new RegExp(HEAD, "y");
  readonly #tail = new RegExp(TAIL, "y");

  /** Undefined when the line holds no entry. */
  read(line: string): EntryLine | undefined {
    return (line.includes("\\") ? undefined : this.#readAsWritten(line)) ?? readSlowly(line);
  }

  #readAsWritten(line: string): EntryLine | undefined {
    const head = this.#head;
    head.lastIndex = 0;
    if (!head.test(line)) return undefined;
    let at = head.lastIndex;
    if (line.startsWith(DETAIL, at)) {
      // All members after `detail` are strings and a number, so the last such text is where it ends.
      const end = line.lastIndexOf('},"event":"') + 1;
      if (end === 0 || !isCanonicalObject(line.slice(at + DETAIL.length - 1, end))) return undefined;
      at = end + 1;
    }
    const tail = this.#tail;
    tail.lastIndex = at;
    const [, hash, prev, run, seq, time] = tail.exec(line) ?? [];
    if (hash === undefined || prev === undefined || run === undefined || time === undefined) return undefined;
    const member = line.indexOf('"hash":"', at);
    const open = line.slice(0, member) + line.slice(member + HASH_MEMBER);
    return { seq: Number(seq), prev, hash, time, run, canonical: true, open };
  }
}

function readSlowly(line: string): EntryLine | undefined {
  const entry = parseEntry(line);
  if (entry === undefined) return undefined;
  const { hash, ...open } = entry;
  const { seq, prev, time, run } = entry;
  return {
    seq,
    prev,
    hash,
    time,
    run,
    canonical: canonicalOr(entry, "") === line,
    open: canonicalOr(open, line),
  };
}

/**
 * Exact, but quick for the usual case: only keys that look like numbers need the long way. False also of what is
 * nested too deep for the quick way; the slow one has no such end.
 */
function isCanonicalObject(text: string): boolean {
  try {
    const value = JSON.parse(text) as object; // the text begins with a brace
    if (JSON.stringify(value) === text && hasSortedKeys(value)) return true;
    return canonicalOr(value, "") === text;
  } catch {
    return false;
  }
}

function hasSortedKeys(value: object): boolean {
  if (Array.isArray(value)) {
    return value.every((member: unknown) => !isObject(member) || hasSortedKeys(member));
  }
  let before = "";
  for (const [key, member] of Object.entries(value)) {
    if (key < before || (isObject(member) && !hasSortedKeys(member))) return false;
    before = key;
  }
  return true;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Half a surrogate pair and infinite numbers have no canonical form. */
function canonicalOr(value: unknown, otherwise: string): string {
  try {
    return canonical(value);
  } catch {
    return otherwise;
  }
}
