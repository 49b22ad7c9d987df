import {
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { isDocumentPath, isMachineFolder } from "../../core/documents/document-path.ts";
import { LIMITS } from "./limits.ts";
import type { SourceFile } from "./source-file.ts";

const FOLDERS = ["exceptions", "policies", "registry"];
/** No link is followed, and a pipe that somebody put there does not block. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The document files of a work tree, sorted by path; folders that the machine writes are left out, missing ones are
 * empty. Reads synchronously, never through a symbolic link: such files, and links to folders (their path ends with
 * `/`), are in the result as refused. Never more than the largest allowed file is read of one.
 */
export function readWorkTree(root: string): SourceFile[] {
  const reader = new WorkTreeReader(root);
  for (const folder of FOLDERS) reader.readFolder(folder);
  return reader.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

class WorkTreeReader {
  readonly files: SourceFile[] = [];
  readonly #root: string;
  /** One byte more than allowed, to see that a file has more. Reused for every file. */
  readonly #buffer = Buffer.allocUnsafe(LIMITS.bytesPerFile + 1);

  constructor(root: string) {
    this.#root = root;
  }

  readFolder(path: string): void {
    const folder = join(this.#root, path);
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
      this.#refuse({ path: `${path}/`, symlink: true });
      return;
    }
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      if (codeOf(error) !== "ENOENT") this.#refuse({ path: `${path}/`, unreadable: codeOf(error) });
      return;
    }
    for (const entry of entries) this.#readEntry(`${path}/${entry.name}`, entry);
  }

  #readEntry(path: string, entry: Dirent): void {
    if (entry.isDirectory()) {
      if (!isMachineFolder(path)) this.readFolder(path);
    } else if (isDocumentPath(path)) {
      if (entry.isSymbolicLink()) this.#refuse({ path, symlink: true });
      else if (entry.isFile()) this.#readFile(path);
      else this.#refuse({ path, unreadable: "not a regular file" });
    } else if (entry.isSymbolicLink() && isFolder(join(this.#root, path))) {
      this.#refuse({ path: `${path}/`, symlink: true });
    }
  }

  #readFile(path: string): void {
    try {
      const handle = openSync(join(this.#root, path), FLAGS);
      try {
        this.files.push({ path, bytes: this.#readAll(handle) });
      } finally {
        closeSync(handle);
      }
    } catch (error) {
      const code = codeOf(error);
      // ENOENT: it was removed after the folder was listed.
      if (code === "ELOOP") this.#refuse({ path, symlink: true });
      else if (code !== "ENOENT") this.#refuse({ path, unreadable: code });
    }
  }

  #readAll(handle: number): Uint8Array {
    let length = 0;
    while (length < this.#buffer.length) {
      const count = readSync(handle, this.#buffer, length, this.#buffer.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return Uint8Array.prototype.slice.call(this.#buffer, 0, length);
  }

  #refuse(file: Omit<SourceFile, "bytes">): void {
    this.files.push({ ...file, bytes: new Uint8Array() });
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
