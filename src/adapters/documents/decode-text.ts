import { LineIndex, type Position } from "./text-position.ts";

export type Decoded =
  | { readonly text: string }
  | { readonly wrong: Position; readonly encoding: string | undefined };

/**
 * UTF-8 text of a file, without its byte order mark. Anything else is refused with the place of the first byte that
 * is wrong, since guessing an encoding would change what people reviewed.
 */
export function decodeText(bytes: Uint8Array): Decoded {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { wrong: { line: 1, column: 1 }, encoding: "UTF-16" };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { wrong: placeOf(bytes, validPrefix(bytes)), encoding: undefined };
  }
}

/** Number of bytes before the first that is wrong. */
function validPrefix(bytes: Uint8Array): number {
  const loose = new TextDecoder("utf-8", { ignoreBOM: true });
  const strict = new TextEncoder();
  const again = strict.encode(loose.decode(bytes));
  const length = Math.min(bytes.length, again.length);
  for (let at = 0; at < length; at += 1) if (bytes[at] !== again[at]) return at;
  return length;
}

/** The place behind the text that can be read. */
function placeOf(bytes: Uint8Array, offset: number): Position {
  const before = new TextDecoder().decode(bytes.subarray(0, offset));
  return new LineIndex(before).positionOf(before.length);
}
