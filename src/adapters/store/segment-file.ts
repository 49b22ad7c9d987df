import { isUtf8 } from "node:buffer";
import type { AuditSegment } from "../../core/ports/store.ts";

/** Begins a line whose bytes are no UTF-8: without it, a line saved in Latin-1 would read like the one it was. */
const NO_TEXT = "\ufffd";

/** The lines of a segment file. Bytes that are no UTF-8 stay visible as a damaged line, which is no entry. */
export function segmentOf(path: string, bytes: Buffer): AuditSegment {
  const lines: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.subarray(at, end);
    lines.push(isUtf8(line) ? line.toString("utf8") : NO_TEXT + line.toString("latin1"));
    at = end + 1;
  }
  const unterminated = bytes.length > 0 && bytes.at(-1) !== 0x0a;
  return { path, lines, ...(unterminated ? { unterminated } : {}) };
}
