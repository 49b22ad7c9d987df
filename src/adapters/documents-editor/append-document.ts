import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments } from "yaml";
import { CreError } from "../../core/model/errors.ts";

/**
 * `text` with one more YAML document behind it, separated by `---`, every existing byte kept. A last line without
 * line end gets one; the new document follows the file's own line ends. Throws a CreError where that would change
 * what the file says already.
 */
export function appendDocument(text: string, document: string): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const added = document.replaceAll(/\r?\n/g, eol);
  // Readers differ on whether a bare carriage return ends a line.
  if (/\r(?!\n)/.test(text)) throw refused();
  const ended = text === "" || text === "\ufeff" || text.endsWith("\n") ? text : text + eol;
  // A file whose last line is the separator (or which holds only comments) needs no second one.
  const lines = ended.replace("\ufeff", "").trimEnd().split(/\r?\n/);
  const bare = lines.every((line) => /^\s*(#.*)?$/.test(line));
  const result = lines.at(-1) === "---" || bare ? ended + added : `${ended}---${eol}${added}`;
  check(text, result);
  return result;
}

function check(before: string, after: string): void {
  const old = values(before);
  const now = values(after);
  if (now?.length === (old?.length ?? 0) + 1 && isDeepStrictEqual(now.slice(0, -1), old)) return;
  throw refused();
}

function refused(): CreError {
  return new CreError(
    "append-refused",
    "A document cannot be put behind this file without changing what it says.",
    {
      fix: "Correct the end of the file by hand (`cre validate` shows what is wrong), or give another --file.",
    },
  );
}

/** What the documents say, without empty ones; undefined where an alias has nothing to stand for. */
function values(text: string): unknown[] | undefined {
  const parsed = parseAllDocuments(text);
  if (!Array.isArray(parsed)) return [];
  try {
    return parsed.map((document): unknown => document.toJS()).filter((value) => value !== null);
  } catch {
    return undefined;
  }
}
