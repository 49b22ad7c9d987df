import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gitSurroundings } from "../git-remote.ts";

const run = promisify(execFile);

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970. */
  readonly at: number;
}

export interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface FileFacts {
  readonly sha: string;
  readonly kind: "blob" | "tree" | "other";
}

export interface NewCommit {
  readonly branch: string;
  /** Where a new branch starts; default: an existing branch goes on, a new one has no parent. */
  readonly from?: string;
  /** Path to content; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}

/** A bare git repository, worked on as GitHub's own machines do. */
export interface BareRepository {
  readonly path: string;
  /** Runs git in it and gives its trimmed output. */
  git(...args: string[]): Promise<string>;
  /** The commit that a branch, a ref or an id names. */
  commitOf(revision: string): Promise<string | undefined>;
  /** Commits as `git log` with these arguments lists them. */
  log(...args: string[]): Promise<readonly CommitFacts[]>;
  /** The commits with these ids, in this order. */
  commits(shas: readonly string[]): Promise<readonly CommitFacts[]>;
  fileAt(commit: string, path: string): Promise<FileFacts | undefined>;
  blob(sha: string): Promise<Buffer>;
  commit(commit: NewCommit): Promise<string>;
  commitTree(
    tree: string,
    parents: readonly string[],
    message: string,
    by: { readonly author: Signature; readonly committer: Signature },
  ): Promise<string>;
  /** The tree of `ours` with what `theirs` changed since `base`; rejects where both changed the same file. */
  merged(base: string, ours: string, theirs: string): Promise<string>;
}

const FORMAT = "--format=%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%at%x1f%cn%x1f%ce%x1f%ct%x1f%B%x1e";

export function openBareRepository(path: string): BareRepository {
  const env = gitSurroundings(dirname(path));
  const raw = async (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Buffer> =>
    (
      await run("git", ["-C", path, ...args], {
        env: { ...env, ...more },
        encoding: "buffer",
        maxBuffer: 2 ** 28,
      })
    ).stdout;
  const git = async (...args: string[]): Promise<string> => (await raw(args)).toString("utf8").trim();
  // What an id names never changes; to start git takes longer than all else here.
  const commits = new Map<string, CommitFacts>();
  const files = new Map<string, FileFacts>();
  const blobs = new Map<string, Buffer>();
  const repository: BareRepository = {
    path,
    git,
    commitOf: async (revision) => {
      const known = revision.startsWith("refs/") ? looseRef(path, revision) : commits.get(revision)?.sha;
      if (known !== "packed" && (known !== undefined || revision.startsWith("refs/"))) return known;
      try {
        return await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
      } catch {
        return undefined;
      }
    },
    log: async (...args) => {
      const text = (await raw(["log", FORMAT, ...args])).toString("utf8");
      const found = text.split("\x1e\n").filter(Boolean).map(parsed);
      for (const commit of found) commits.set(commit.sha, commit);
      return found;
    },
    commits: async (shas) => {
      const missing = shas.filter((sha) => !commits.has(sha));
      if (missing.length > 0) await repository.log("--no-walk=unsorted", ...missing);
      return shas.flatMap((sha) => commits.get(sha) ?? []);
    },
    fileAt: async (commit, file) => {
      const at = `${commit}:${file}`;
      const before = files.get(at);
      if (before !== undefined) return before;
      const [, , kind, sha] = /^(\d+) (\w+) (\w+)/.exec(await git("ls-tree", commit, "--", file)) ?? [];
      if (sha === undefined) return undefined;
      const found = { sha, kind: kind === "blob" || kind === "tree" ? kind : "other" } as const;
      if (/^[0-9a-f]{40}$/.test(commit)) files.set(at, found);
      return found;
    },
    blob: async (sha) => {
      const bytes = blobs.get(sha) ?? (await raw(["cat-file", "blob", sha]));
      blobs.set(sha, bytes);
      return bytes;
    },
    commit: async ({ branch, from, files, message, author, committer }) => {
      const ref = `refs/heads/${branch}`;
      const before = from ?? ((await git("for-each-ref", ref)) === "" ? undefined : `${ref}^0`);
      const stream = [
        `commit ${ref}\nmark :1\nauthor ${signed(author)}\ncommitter ${signed(committer)}\n${data(message)}`,
        before === undefined ? "" : `from ${before}\n`,
        ...Object.entries(files).map(([name, content]) =>
          content === null
            ? `D ${JSON.stringify(name)}\n`
            : `M 100644 inline ${JSON.stringify(name)}\n${data(content)}`,
        ),
        "get-mark :1\ndone\n",
      ];
      const pending = run("git", ["-C", path, "fast-import", "--quiet", "--done"], { env });
      pending.child.stdin?.end(stream.join(""));
      return (await pending).stdout.trim();
    },
    commitTree: async (tree, parents, message, { author, committer }) => {
      const who = {
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_AUTHOR_DATE: `${author.at} +0000`,
        GIT_COMMITTER_NAME: committer.name,
        GIT_COMMITTER_EMAIL: committer.email,
        GIT_COMMITTER_DATE: `${committer.at} +0000`,
      };
      const above = parents.flatMap((parent) => ["-p", parent]);
      return (await raw(["commit-tree", tree, ...above, "-m", message], who)).toString("utf8").trim();
    },
    merged: async (base, ours, theirs) => {
      const index = { GIT_INDEX_FILE: `${path}/merge-index` };
      await raw(["read-tree", "--empty"], index);
      await raw(["read-tree", "-i", "-m", "--aggressive", base, ours, theirs], index);
      return (await raw(["write-tree"], index)).toString("utf8").trim();
    },
  };
  return repository;
}

/** The commit of a ref by its file; `packed`: it may be among the packed ones. */
function looseRef(path: string, ref: string): string | undefined {
  try {
    return readFileSync(join(path, ref), "utf8").trim();
  } catch {
    return existsSync(join(path, "packed-refs")) ? "packed" : undefined;
  }
}

function parsed(record: string): CommitFacts {
  const [sha = "", tree = "", parents = "", ...rest] = record.split("\x1f");
  const [name = "", email = "", at = "", committer = "", mail = "", committed = "", message = ""] = rest;
  return {
    sha: sha.trim(),
    tree,
    parents: parents.split(" ").filter(Boolean),
    author: { name, email, at: Number(at) },
    committer: { name: committer, email: mail, at: Number(committed) },
    message: message.trim(),
  };
}

function signed({ name, email, at }: Signature): string {
  return `${name} <${email}> ${at} +0000`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
