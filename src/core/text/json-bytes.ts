/** So many characters become bytes at a time: no text of a whole report is ever in memory. */
const PIECE = 8 * 1024 * 1024;

/**
 * An object as the UTF-8 bytes of its JSON and a newline, just as `JSON.stringify` has it. A report of some hundred
 * thousand credentials is longer than any text that JavaScript can hold, so the elements of the object's lists are
 * written one by one.
 */
export function jsonBytes(value: object, indent = 0): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  let text = "";
  for (const piece of jsonPieces(value, indent)) {
    text += piece;
    if (text.length < PIECE) continue;
    pieces.push(encoder.encode(text));
    text = "";
  }
  pieces.push(encoder.encode(`${text}\n`));
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function* jsonPieces(value: object, indent: number): Iterable<string> {
  const [first, second] = indent === 0 ? ["", ""] : [newLine(indent), newLine(indent * 2)];
  const colon = indent === 0 ? ":" : ": ";
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return yield "{}";
  let before = "{";
  for (const [name, member] of members) {
    yield `${before}${first}${JSON.stringify(name)}${colon}`;
    before = ",";
    if (!Array.isArray(member) || member.length === 0) {
      yield deeper(JSON.stringify(member, undefined, indent), first);
      continue;
    }
    let parted = "[";
    for (const element of member) {
      yield `${parted}${second}${deeper(JSON.stringify(element, undefined, indent), second)}`;
      parted = ",";
    }
    yield `${first}]`;
  }
  yield `${indent === 0 ? "" : "\n"}}`;
}

function newLine(width: number): string {
  return `\n${" ".repeat(width)}`;
}

/** JSON has no line break within a text, so each is one of its form. */
function deeper(json: string, newline: string): string {
  return newline === "" ? json : json.replaceAll("\n", newline);
}
