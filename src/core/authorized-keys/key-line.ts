import type { Mark } from "../ports/rotator.ts";

/**
 * One line of an `authorized_keys` file that has a key (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"). Texts are of one
 * character for each byte, so that what is not ASCII comes through as it was.
 */
export interface KeyLine {
  /** Which line of the file, from 0. */
  readonly at: number;
  /** It lets its key in; else we have commented it out, and it can be put in force again as it was. */
  readonly active: boolean;
  /** As written, without the space behind them; empty without options. */
  readonly options: string;
  readonly type: string;
  /** The key itself, in base64. */
  readonly key: string;
  readonly comment: string;
  /** It names an authority that may vouch for keys, and is no key of anybody. */
  readonly authority: boolean;
  readonly mark?: LineMark;
}

/** Our mark of a key, in the comment of its line. */
export interface LineMark {
  /** The credential that the key is of: several may have keys in one file. */
  readonly credential: string;
  readonly mark: Mark;
}

/** In front of a line that we have commented out. */
export const OFF = "#cre-off ";

const TYPE =
  /^(ssh-ed25519|ssh-rsa|ssh-dss|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/;
const BASE64 = /^[A-Za-z0-9+/]{40,}={0,2}$/;
const ID = "[A-Za-z0-9._-]{1,80}";
const MARK = new RegExp(`(?<=^|[ \\t])cre:(${ID}):(${ID}):(${ID}):(\\d{1,15})(?=$|[ \\t\\r])`);

/** What a line is: a key, nothing (empty or a comment), or something that sshd passes over. */
export function readKeyLine(line: string, at: number): KeyLine | "nothing" | "unreadable" {
  const active = !line.startsWith(OFF);
  const text = active ? line : line.slice(OFF.length);
  const start = skipBlanks(text, 0);
  if (start === text.length || text[start] === "#" || text[start] === "\r") return "nothing";
  const plain = keyAt(text, start);
  if (plain !== undefined) return { at, active, options: "", authority: false, ...plain };
  const end = endOfOptions(text, start);
  const found = end === undefined ? undefined : keyAt(text, skipBlanks(text, end));
  if (found === undefined) return active ? "unreadable" : "nothing";
  const options = text.slice(start, end);
  const authority = optionsOf(options).some(({ name }) => name === "cert-authority");
  return { at, active, options, authority, ...found };
}

/** One option with its value, if it has one; the value as written between its quotes. */
export interface KeyOption {
  readonly name: string;
  readonly value?: string;
}

/** The options of a line. Names are told in lower case, as sshd compares them. */
export function optionsOf(text: string): readonly KeyOption[] {
  return splitOptions(text).map((option) => {
    const at = option.indexOf("=");
    if (at === -1) return { name: option.toLowerCase() };
    return { name: option.slice(0, at).toLowerCase(), value: option.slice(at + 1).replaceAll(/^"|"$/g, "") };
  });
}

/** Whether a text can stand in front of a key as its options. */
export function areOptions(text: string): boolean {
  return (
    text !== "" && /^[\x20-\x7e]+$/.test(text) && endOfOptions(text, 0) === text.length && !TYPE.test(text)
  );
}

/** The words of a mark in a comment. */
export function writeMark({ credential, mark }: LineMark): string {
  return `cre:${credential}:${mark.rotation}:${mark.attempt}:${mark.epoch}`;
}

/** The line of a key with this mark in its comment, in the place of the one that it has; nothing else changes. */
export function withMark(line: string, mark: LineMark): string {
  const read = readKeyLine(line, 0);
  if (typeof read === "string") return line;
  const end = line.endsWith("\r") ? line.length - 1 : line.length;
  const start = end - read.comment.length;
  const words = writeMark(mark);
  const comment = MARK.test(read.comment)
    ? read.comment.replace(MARK, () => words)
    : `${read.comment} ${words}`;
  return `${line.slice(0, start)}${comment}${line.slice(end)}`;
}

function keyAt(text: string, start: number): Pick<KeyLine, "type" | "key" | "comment" | "mark"> | undefined {
  const [type, afterType] = wordAt(text, start);
  if (!TYPE.test(type)) return undefined;
  const [key, afterKey] = wordAt(text, skipBlanks(text, afterType));
  if (!BASE64.test(key)) return undefined;
  const comment = text.slice(skipBlanks(text, afterKey)).replace(/\r$/, "");
  const mark = readMark(comment);
  return { type, key, comment, ...(mark === undefined ? {} : { mark }) };
}

function readMark(comment: string): LineMark | undefined {
  const [, credential, rotation, attempt, epoch] = MARK.exec(comment) ?? [];
  if (credential === undefined || rotation === undefined || attempt === undefined) return undefined;
  return { credential, mark: { rotation, attempt, epoch: Number(epoch) } };
}

function wordAt(text: string, start: number): readonly [string, number] {
  let end = start;
  while (end < text.length && !" \t\r".includes(text[end] ?? "")) end += 1;
  return [text.slice(start, end), end];
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

/** Where options that begin here end: at the first blank outside of quotes. Undefined: a quote is not closed. */
function endOfOptions(text: string, start: number): number | undefined {
  let quoted = false;
  let at = start;
  for (; at < text.length && (quoted || (text[at] !== " " && text[at] !== "\t")); at += 1) {
    if (text[at] === "\\" && text[at + 1] === '"') at += 1;
    else if (text[at] === '"') quoted = !quoted;
  }
  return quoted ? undefined : at;
}

function splitOptions(text: string): readonly string[] {
  const options: string[] = [];
  let quoted = false;
  let option = "";
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    if (sign === "\\" && text[at + 1] === '"') {
      option += '\\"';
      at += 1;
    } else if (sign === "," && !quoted) {
      options.push(option);
      option = "";
    } else {
      if (sign === '"') quoted = !quoted;
      option += sign;
    }
  }
  return [...options, option].filter((one) => one !== "");
}
