/*
 * Texts here are byte strings: one character per byte (latin1), so that lines in whatever encoding stay as they are.
 */

const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
const ASSIGNMENT = /((?:\u00ef\u00bb\u00bf)?[ \t]*(?:export[ \t]+)?)([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=/y;
const LINE_END = /\r?\n/y;
const RECORD = /^# cre: attempt (\S+) of (\S+)[ \t]*$/;
const STAGED = /^# cre: staged attempt (\S+) of (\S+)$/;

/** A line, or the lines of one quoted value. */
interface Piece {
  /** Without the line end. */
  readonly text: string;
  readonly end: string;
  /** What stands before the name, and the name, if this is an assignment. */
  readonly lead?: string;
  readonly name?: string;
  /** Its value has a quote that never ends, so that readers differ on where it ends. */
  readonly isOpen: boolean;
}

/** What a staged file holds: whole lines by variable, in order. */
export interface StagedVersion {
  readonly attempt: string;
  readonly assignments: ReadonlyMap<string, string>;
}

/** The attempt of this credential that an env file says it holds. */
export function currentAttempt(text: string, credential: string): string | undefined {
  for (const piece of pieces(text)) {
    const [, attempt, of] = RECORD.exec(piece.text) ?? [];
    if (of === credential) return attempt;
  }
  return undefined;
}

/**
 * The env file with this version in it: every assignment of its variables is replaced where it stands, missing ones
 * are added at the end behind a comment that names the attempt, and all else stays byte for byte as it is.
 */
export function withVersion(text: string, credential: string, version: StagedVersion): string {
  const record = `# cre: attempt ${version.attempt} of ${credential}`;
  const placed = new Set<string>();
  let isRecorded = false;
  const kept = pieces(text).map((piece) => {
    const line = version.assignments.get(piece.name ?? "");
    if (line !== undefined && piece.name !== undefined) {
      placed.add(piece.name);
      return `${piece.lead}${line}${piece.end}`;
    }
    if (RECORD.exec(piece.text)?.[2] !== credential) return piece.text + piece.end;
    isRecorded = true;
    return record + piece.end;
  });
  const added = [
    ...(isRecorded ? [] : [record]),
    ...[...version.assignments].filter(([name]) => !placed.has(name)).map(([, line]) => line),
  ];
  if (added.length === 0) return kept.join("");
  const end = pieces(text)[0]?.end || "\n";
  const before = kept.join("");
  const gap = before === "" || before === BYTE_ORDER_MARK || before.endsWith("\n") ? "" : end;
  return before + gap + added.map((line) => line + end).join("");
}

/** Whether every quote in the text ends: else readers differ on what belongs to which variable. */
export function isClosed(text: string): boolean {
  return pieces(text).every(({ isOpen }) => !isOpen);
}

/** Whether readers find this version in the text. */
export function showsVersion(text: string, credential: string, version: StagedVersion): boolean {
  const all = pieces(text);
  const shown = [...version.assignments].every(([name, line]) => {
    const own = all.filter((piece) => piece.name === name);
    return own.length > 0 && own.every((piece) => piece.text === `${piece.lead}${line}`);
  });
  return shown && currentAttempt(text, credential) === version.attempt;
}

/** The content of a staged file: one attempt's lines, read by nobody but `promote`. */
export function stagedText(credential: string, { attempt, assignments }: StagedVersion): string {
  const lines = [`# cre: staged attempt ${attempt} of ${credential}`, ...assignments.values()];
  return lines.map((line) => `${line}\n`).join("");
}

/** Reads a staged file; undefined when it is none of this credential's. */
export function parseStaged(text: string, credential: string): StagedVersion | undefined {
  const [first, ...rest] = pieces(text);
  const [, attempt, of] = STAGED.exec(first?.text ?? "") ?? [];
  if (attempt === undefined || of !== credential) return undefined;
  const assignments = new Map<string, string>();
  for (const { name, text: line, end } of rest) {
    if (name === undefined || end === "") return undefined;
    assignments.set(name, line);
  }
  return { attempt, assignments };
}

/** The text cut into lines, a value that is quoted over several lines being one: what looks like an assignment in it is none. */
function pieces(text: string): readonly Piece[] {
  const found: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    ASSIGNMENT.lastIndex = at;
    const [, lead, name] = ASSIGNMENT.exec(text) ?? [];
    const line = { stop: lineStop(text, at), isOpen: false };
    const { stop, isOpen } = name === undefined ? line : valueStop(text, ASSIGNMENT.lastIndex);
    LINE_END.lastIndex = stop;
    const [end = ""] = LINE_END.exec(text) ?? [];
    const piece = { text: text.slice(at, stop), end, isOpen };
    found.push(name === undefined || lead === undefined ? piece : { ...piece, lead, name });
    at = stop + end.length;
  }
  return found;
}

/** Where the line ends, before its line end. */
function lineStop(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  if (newline === -1) return text.length;
  return newline > from && text[newline - 1] === "\r" ? newline - 1 : newline;
}

/** Where a value ends as a shell reads it: quotes and a backslash at the end of a line carry on into the next one. */
function valueStop(text: string, from: number): { readonly stop: number; readonly isOpen: boolean } {
  let at = from;
  for (;;) {
    const stop = lineStop(text, at);
    const found = /[\\'"`]|(?<=[ \t])#/.exec(text.slice(at, stop));
    if (found === null || found[0] === "#") return { stop, isOpen: false };
    const special = at + found.index;
    if (found[0] === "\\") {
      at = Math.min(special + (text.startsWith("\r\n", special + 1) ? 3 : 2), text.length);
    } else {
      const closing = closingQuote(text, special, found[0]);
      // Never closed: readers that take it at all take the line.
      if (closing === -1) return { stop, isOpen: true };
      at = closing + 1;
    }
  }
}

function closingQuote(text: string, opening: number, quote: string): number {
  let at = opening + 1;
  for (;;) {
    const closing = text.indexOf(quote, at);
    if (closing === -1 || quote === "'") return closing;
    const escape = text.slice(at, closing).indexOf("\\");
    if (escape === -1) return closing;
    at += escape + 2;
  }
}
