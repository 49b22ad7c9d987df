import { execFile } from "node:child_process";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The machine itself never dies in these tests, and no push starts processes that tidy up. */
const REMOTE_CONFIGURATION = `[core]
	fsync = none
[gc]
	auto = 0
[receive]
	autogc = false
[http]
	receivepack = true
[uploadpack]
	allowAnySHA1InWant = true
`;

/** Surroundings in which git knows no configuration of this machine. `home` is its only home. */
export function gitSurroundings(home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
}

/** What a person commits in a test. */
export interface PersonsCommit {
  /** Path to content; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message?: string;
  /** Default `alice`. */
  readonly author?: string;
  /** Default: now. */
  readonly at?: string;
  /** Default `main`. */
  readonly branch?: string;
}

/** One checkout of a person or a runner, in a folder of its own. */
export interface ScratchClone {
  readonly path: string;
  readonly env: Record<string, string>;
  /** Runs git there and gives its trimmed output; rejects when git fails. */
  git(...args: string[]): Promise<string>;
  /** Writes files into the work tree and commits them on the branch that is checked out. Gives the commit. */
  commit(commit: PersonsCommit): Promise<string>;
}

/** A bare repository in a temporary folder, as people and runners share it, and clones of it. */
export interface ScratchRepository {
  /** Temporary folder that holds everything; also a home for git. */
  readonly root: string;
  /** The bare repository. */
  readonly path: string;
  readonly url: string;
  readonly env: Record<string, string>;
  /** Runs git in the bare repository. */
  git(...args: string[]): Promise<string>;
  /** What a merged pull request does: a commit on a branch of the bare repository. Gives the commit. */
  commit(commit: PersonsCommit): Promise<string>;
  /** Clones from `url` (default: the bare repository's own) with these options of `git clone`. */
  clone(options?: {
    readonly url?: string;
    readonly args?: readonly string[];
    readonly env?: Record<string, string>;
  }): Promise<ScratchClone>;
  dispose(): Promise<void>;
}

/**
 * Makes a bare repository whose `main` has one commit with `files` (none: no commit). Nothing of this machine's git
 * configuration is used. `dispose` removes everything, clones included.
 */
export async function createScratchRepository(
  files: Readonly<Record<string, string>> = {},
  at?: string,
): Promise<ScratchRepository> {
  const root = await mkdtemp(join(tmpdir(), "cre-git-"));
  const path = join(root, "remote.git");
  const env = gitSurroundings(root);
  await run("git", ["init", "--quiet", "--bare", "-b", "main", path], { env });
  await appendFile(join(path, "config"), REMOTE_CONFIGURATION);
  const git = gitIn(path, env);
  let clones = 0;

  const repository: ScratchRepository = {
    root,
    path,
    url: `file://${path}`,
    env,
    git,
    async commit({
      files: changed,
      message = "change documents",
      author = "alice",
      at: time,
      branch = "main",
    }) {
      const ref = `refs/heads/${branch}`;
      const exists = (await git("for-each-ref", ref)) !== "";
      const who = `${author} <${author}@example.com> ${Math.floor((time === undefined ? Date.now() : Date.parse(time)) / 1000)} +0000`;
      const stream = [
        `commit ${ref}\nmark :1\nauthor ${who}\ncommitter ${who}\n${data(message)}`,
        exists ? `from ${ref}^0\n` : "",
        ...Object.entries(changed).map(([name, content]) =>
          content === null ? `D ${quoted(name)}\n` : `M 100644 inline ${quoted(name)}\n${data(content)}`,
        ),
        "get-mark :1\ndone\n",
      ];
      const pending = run("git", ["-C", path, "fast-import", "--quiet", "--done"], { env });
      pending.child.stdin?.end(stream.join(""));
      return (await pending).stdout.trim();
    },
    async clone({ url, args = [], env: more = {} } = {}) {
      clones += 1;
      const folder = join(root, `clone-${clones}`);
      const surroundings = { ...env, ...more };
      const options = ["--quiet", "--config", "core.fsync=none", ...args];
      await run("git", ["clone", ...options, url ?? repository.url, folder], { env: surroundings });
      return scratchClone(folder, surroundings);
    },
    async dispose() {
      await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
  if (Object.keys(files).length > 0) {
    await repository.commit({ files, message: "first documents", ...(at === undefined ? {} : { at }) });
  }
  return repository;
}

/** A repository of its own, without any remote. */
export async function createLocalRepository(
  files: Readonly<Record<string, string>>,
): Promise<ScratchClone & { dispose(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), "cre-git-"));
  const env = gitSurroundings(root);
  const path = join(root, "local");
  await run("git", ["init", "--quiet", "-b", "main", path], { env });
  const clone = scratchClone(path, env);
  await clone.commit({ files, message: "first documents" });
  return {
    ...clone,
    async dispose() {
      await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

function scratchClone(path: string, env: Record<string, string>): ScratchClone {
  const git = gitIn(path, env);
  return {
    path,
    env,
    git,
    async commit({ files, message = "change documents", author = "alice", at }) {
      for (const [name, content] of Object.entries(files)) {
        if (content === null) {
          await git("rm", "--quiet", "--", name);
          continue;
        }
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), content);
        await git("add", "--", name);
      }
      const by = { NAME: author, EMAIL: `${author}@example.com`, ...(at === undefined ? {} : { DATE: at }) };
      const identity = Object.fromEntries(
        Object.entries(by).flatMap(([key, value]) => [
          [`GIT_AUTHOR_${key}`, value],
          [`GIT_COMMITTER_${key}`, value],
        ]),
      );
      await gitIn(path, { ...env, ...identity })("commit", "--quiet", "-m", message);
      return await git("rev-parse", "HEAD");
    },
  };
}

function gitIn(path: string, env: Record<string, string>): (...args: string[]) => Promise<string> {
  return async (...args) => {
    const { stdout } = await run("git", ["-C", path, ...args], { env, maxBuffer: 256 * 1024 * 1024 });
    return stdout.trim();
  };
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function quoted(path: string): string {
  return JSON.stringify(path);
}
