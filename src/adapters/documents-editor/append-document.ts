import { isDeepStrictEqual } from "node:util";
import { CreError } from "../../core/model/errors.ts";
import { documentsOf, hasBareReturn, valuesOf } from "./editable-documents.ts";

/**
 * `text` with one more YAML document, or `count` of them, behind it, separated by `---`, every existing byte kept. A
 * last line without line end gets one; the new document follows the file's own line ends. Throws a CreError where that
 * would change what the file says already.
 */
export function appendDocument(text: string, document: string, count = 1): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const added = document.replaceAll(/\r?\n/g, eol);
  if (hasBareReturn(text)) throw refused();
  const ended = text === "" || text === "\ufeff" || text.endsWith("\n") ? text : text + eol;
  // A file whose last line is the separator (or which holds only comments) needs no second one.
  const lines = ended.replace("\ufeff", "").trimEnd().split(/\r?\n/);
  const bare = lines.every((line) => /^\s*(#.*)?$/.test(line));
  const result = lines.at(-1) === "---" || bare ? ended + added : `${ended}---${eol}${added}`;
  check(text, result, count);
  return result;
}

function check(before: string, after: string, count: number): void {
  const old = values(before);
  const now = values(after);
  if (now?.length === (old?.length ?? 0) + count && isDeepStrictEqual(now.slice(0, -count), old)) return;
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

/** What the documents say, without empty ones; undefined where that cannot be told. */
function values(text: string): readonly unknown[] | undefined {
  const documents = documentsOf(text);
  return documents && valuesOf(documents)?.filter((value) => value !== null);
}
