/** Where branches live: at the remote, or here when there is none. */
export interface Branches {
  /** Name of the branch that people's documents are on; undefined: a detached HEAD without branches. */
  defaultBranch(signal: AbortSignal): Promise<string>;
  /** Newest tip of a branch; undefined when it does not exist. Rejects with a CreError when that cannot be learnt. */
  tip(branch: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Moves a branch from `base` (undefined: it must not exist) to a commit on top of it. False: somebody else moved it.
   * Rejects with a CreError when it is refused or stays unknown.
   */
  advance(branch: string, base: string | undefined, commit: string, signal: AbortSignal): Promise<boolean>;
  /** Makes older history of the branch available, if this clone lacks it, until `reached` says that it is enough. */
  deepen(branch: string, reached: () => Promise<boolean>, signal: AbortSignal): Promise<void>;
  /** Tries to make a commit available that no branch may lead to. */
  obtain(commit: string, signal: AbortSignal): Promise<void>;
}
