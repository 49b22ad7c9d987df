import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LARGEST = 4 * 1024 * 1024;
/** No link is followed, and a pipe that somebody put there does not block. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The text (Latin-1) of a file of the work tree that a document names; undefined where there is none that can be read. */
export function readNamedFile(root: string, path: string): string | undefined {
  let file: number;
  try {
    file = openSync(join(root, path), FLAGS);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(file);
    return stat.isFile() && stat.size <= LARGEST ? readFileSync(file, "latin1") : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}
