/**
 * `text` with one more YAML document behind it, separated by `---`, every existing byte kept. A last line without
 * line end gets one; the new document follows the file's own line ends.
 */
export function appendDocument(text: string, document: string): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const added = document.replaceAll(/\r?\n/g, eol);
  if (text.trim() === "") return text.replace(/[^\ufeff]+/g, "") + added;
  const ended = text.endsWith("\n") ? text : text + eol;
  // A file whose last line is the separator (or which holds only comments) needs no second one.
  const lines = ended.trimEnd().split(/\r?\n/);
  const bare = lines.every((line) => /^\s*(#.*)?$/.test(line));
  return lines.at(-1) === "---" || bare ? ended + added : `${ended}---${eol}${added}`;
}
