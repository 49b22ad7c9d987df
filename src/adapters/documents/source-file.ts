/** A file as it came from a work tree or a commit. */
export interface SourceFile {
  /** Relative to the root of the repository, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Object id, when it was read from a commit. */
  readonly blob?: string;
  /** A symbolic link: refused, whatever it points to. */
  readonly symlink?: true;
  /** Why it could not be read, such as `EACCES`. `bytes` is empty then. */
  readonly unreadable?: string;
}
