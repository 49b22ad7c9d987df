const FOLDER = /^(registry|policies|exceptions)\//;
const MACHINE = /^registry\/(status|schema)(\/|$)/;

/** Whether a repo-relative path (with `/`) is a file of documents; `*.test.yaml` and the machine's folders are none. */
export function isDocumentPath(path: string): boolean {
  return (
    /\.ya?ml$/i.test(path) && FOLDER.test(path) && !isMachineFolder(path) && !/\.test\.ya?ml$/i.test(path)
  );
}

/** Whether a path is, or is in, a folder below `registry/` that only the machine writes. */
export function isMachineFolder(path: string): boolean {
  return MACHINE.test(path);
}
