import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Instant } from "../../core/model/instant.ts";
import type { Git } from "./git.ts";
import { gitFailed } from "./git.ts";
import { type Signature, signatureLine } from "./git-environment.ts";

export interface CommitDraft {
  /** Undefined: the first commit of a branch that has none. */
  readonly parent: string | undefined;
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
  readonly at: Instant;
  /** Path to content; null deletes. */
  readonly files: ReadonlyMap<string, string | null>;
}

/** A commit that no branch has yet; `release` lets go of the name that keeps it from being collected. */
export interface LooseCommit {
  readonly commit: string;
  release(): Promise<void>;
}

const SAFE_PATH = /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/;

/**
 * Writes one commit by one git process, whatever the number of files, without touching work tree, index, HEAD or any
 * branch. Its cost does not depend on how many files the parent has.
 */
export async function writeCommit(git: Git, draft: CommitDraft): Promise<LooseCommit> {
  const ref = `refs/cre/draft/${randomBytes(12).toString("hex")}`;
  const args = ["fast-import", "--quiet", "--done", "--date-format=raw"];
  const result = await git.run(args, { input: importStream(ref, draft) });
  const commit = result.stdout.toString("latin1").trim();
  if (result.code !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) {
    await removeCrashReport(git, result.stderr);
    throw gitFailed(args, result);
  }
  return {
    commit,
    async release() {
      await git.run(["update-ref", "-d", ref]);
    },
  };
}

/** What went wrong is told; a report in the repository at every failure would only fill its disk. */
async function removeCrashReport(git: Git, words: string): Promise<void> {
  const path = /dumping crash report to (.*fast_import_crash_\d+)$/m.exec(words)?.[1];
  if (path !== undefined) await rm(resolve(git.repo, path), { force: true });
}

function importStream(ref: string, draft: CommitDraft): string {
  const changes = [...draft.files].map(([path, content]) => {
    if (
      !SAFE_PATH.test(path) ||
      path.split("/").some((part) => part === "" || part === "." || part === "..")
    ) {
      throw new Error(`not a path the machine writes: ${path}`);
    }
    return content === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(content)}`;
  });
  return [
    `commit ${ref}\nmark :1\n`,
    `author ${signatureLine(draft.author, draft.at)}\ncommitter ${signatureLine(draft.committer, draft.at)}\n`,
    data(draft.message),
    draft.parent === undefined ? "" : `from ${draft.parent}\n`,
    ...changes,
    "get-mark :1\ndone\n",
  ].join("");
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
