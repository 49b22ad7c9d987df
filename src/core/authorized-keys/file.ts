import { type KeyLine, type LineMark, OFF, readKeyLine, withMark } from "./key-line.ts";

/** The lines of a file that have keys, and the numbers (from 1) of those that sshd passes over as unreadable. */
export interface AuthorizedKeys {
  readonly keys: readonly KeyLine[];
  readonly unreadable: readonly number[];
}

/** What becomes of a line: in force or commented out, with this mark; or deleted. */
export type LineEdit = "gone" | { readonly active?: boolean; readonly mark?: LineMark };

/** A line may have this many bytes: older sshd pass over longer ones. */
export const LINE_LIMIT = 8_192;

/** Reads a whole file, given with one character for each byte. */
export function readAuthorizedKeys(text: string): AuthorizedKeys {
  const keys: KeyLine[] = [];
  const unreadable: number[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    const read = readKeyLine(line, at);
    if (read === "unreadable") unreadable.push(at + 1);
    else if (read !== "nothing") keys.push(read);
  }
  return { keys, unreadable };
}

/**
 * The file with some of its lines edited and others added at its end. Every other byte is as it was; a last line
 * without an end gets one when something follows.
 */
export function editAuthorizedKeys(
  text: string,
  edits: ReadonlyMap<number, LineEdit>,
  added: readonly string[] = [],
): string {
  const lines = text.split("\n");
  const kept = lines.flatMap((line, at) => {
    const edit = edits.get(at);
    if (edit === undefined) return [line];
    return edit === "gone" ? [] : [edited(line, edit)];
  });
  // A last line that had no end takes the one of the line before it along when it goes.
  if (edits.get(lines.length - 1) === "gone" && kept.length > 0) kept.push("");
  const body = kept.join("\n");
  if (added.length === 0) return body;
  return `${body}${body === "" || body.endsWith("\n") ? "" : "\n"}${added.map((line) => `${line}\n`).join("")}`;
}

function edited(line: string, { active, mark }: Exclude<LineEdit, "gone">): string {
  const marked = mark === undefined ? line : withMark(line, mark);
  const isOff = marked.startsWith(OFF);
  if (active === true && isOff) return marked.slice(OFF.length);
  return active === false && !isOff ? `${OFF}${marked}` : marked;
}
