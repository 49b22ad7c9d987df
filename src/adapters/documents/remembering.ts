import { type FileRead, readFile } from "./read-file.ts";
import type { SourceFile } from "./source-file.ts";

/** Reads each content at each path once: commits of one history have most files in common. */
export function rememberingReader(): (file: SourceFile) => FileRead {
  const known = new Map<string, FileRead>();
  return (file) => {
    if (file.blob === undefined || file.symlink) return readFile(file);
    const key = `${file.blob} ${file.path}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const read = readFile(file);
    known.set(key, read);
    return read;
  };
}
