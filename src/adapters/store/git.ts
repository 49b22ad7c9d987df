import { Readable } from "node:stream";
import { type SimpleGitOptions, simpleGit } from "simple-git";
import { CreError } from "../../core/model/errors.ts";
import { gitEnvironment } from "./git-environment.ts";

/** How one git command ended. `code` is undefined when it was killed or did not end in time. */
export interface GitResult {
  readonly code: number | undefined;
  readonly stdout: Buffer;
  /** What git said, without passwords of URLs and without control characters. */
  readonly stderr: string;
}

export interface GitRunOptions {
  readonly input?: Uint8Array | string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the command is killed. */
  readonly timeout?: number;
  /** Settings on top of those that always hold. */
  readonly config?: readonly string[];
  /** Variables on top of the allowed ones. */
  readonly env?: Readonly<Record<string, string>>;
}

const LOCAL_TIMEOUT = 120_000;

/**
 * Settings that hold for every command, whatever the user's configuration says: nothing starts a background job, a
 * hook of the checkout or another program, and nothing but what we name is fetched, pushed or pruned.
 */
const CONFIGURATION = [
  "gc.auto=0",
  "gc.autoDetach=false",
  "maintenance.auto=false",
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.quotePath=false",
  "core.untrackedCache=false",
  "advice.detachedHead=false",
  "fetch.prune=false",
  "fetch.pruneTags=false",
  "fetch.writeCommitGraph=false",
  "fetch.recurseSubmodules=false",
  "push.followTags=false",
  "push.gpgSign=false",
  "push.recurseSubmodules=no",
  "log.showSignature=false",
  "log.mailmap=false",
  "http.lowSpeedLimit=1",
  "http.lowSpeedTime=30",
  "transfer.advertiseSID=false",
];

/** What the factory lets the runner's own surroundings say; nothing of it ever comes from a document. */
const TRUSTED_SURROUNDINGS = {
  allowUnsafeAskPass: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeSshCommand: true,
  allowUnsafeGitProxy: true,
  allowUnsafeExec: true,
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
};

/** The one place where git is started. */
export class Git {
  readonly repo: string;
  readonly #env: Record<string, string>;
  #promisor: Promise<string | undefined> | undefined;

  constructor(repo: string, env: Readonly<Record<string, string | undefined>>) {
    this.repo = repo;
    this.#env = gitEnvironment(env);
  }

  /** Whether the surroundings say how ssh is to be called. */
  get configuresSsh(): boolean {
    return "GIT_SSH_COMMAND" in this.#env || "GIT_SSH" in this.#env;
  }

  /** The remote that holds what a partial clone (`--filter`) left out; undefined: this clone is none. Asked once. */
  async promisor(): Promise<string | undefined> {
    const asked = ["config", "--name-only", "--get-regexp", "^remote\\..*\\.promisor$", "^true$"];
    this.#promisor ??= this.maybe(asked).then((found) => /^remote\.(.*)\.promisor$/m.exec(found ?? "")?.[1]);
    return this.#promisor;
  }

  /** The same surroundings in another folder. */
  in(folder: string): Git {
    return new Git(folder, this.#env);
  }

  /**
   * Runs git and gives its exit code and output as they are; only an abort (its reason is thrown) or a missing git
   * rejects. Idempotence is that of the command.
   */
  async run(args: readonly string[], options: GitRunOptions = {}): Promise<GitResult> {
    options.signal?.throwIfAborted();
    const env = { ...this.#env, ...options.env };
    const timer = AbortSignal.timeout(options.timeout ?? LOCAL_TIMEOUT);
    const signal = options.signal === undefined ? timer : AbortSignal.any([options.signal, timer]);
    let ended: { code: number; stdout: Buffer; stderr: Buffer } | undefined;
    const factoryOptions: Partial<SimpleGitOptions> = {
      baseDir: this.repo,
      abort: signal,
      config: [...CONFIGURATION, ...(options.config ?? [])],
      allowEnvironment: Object.keys(env),
      unsafe: TRUSTED_SURROUNDINGS,
      // Output must be complete before it is read, so only the end of the streams ends a command.
      completion: { onClose: true, onExit: false },
      // Exit codes are for the caller to judge: many are answers, not failures.
      errors: (error, { exitCode, stdOut, stdErr }) => {
        ended = { code: exitCode, stdout: Buffer.concat(stdOut), stderr: Buffer.concat(stdErr) };
        return Number.isInteger(exitCode) && exitCode >= 0 && exitCode < 256 ? undefined : error;
      },
      // Without an end of its standard input a command that reads it would wait for ever.
      input: () => Buffer.from(options.input ?? "\n"),
    };
    try {
      await simpleGit(factoryOptions)
        .env(env)
        .outputHandler((_, stdout, stderr) => {
          // A killed git leaves its transport behind, which would hold these open until its own time-out.
          const close = () =>
            [stdout, stderr].forEach((stream) => stream instanceof Readable && stream.destroy());
          signal.addEventListener("abort", close, { once: true });
          // simple-git waits 50 ms after a command that printed nothing; to print an empty chunk is to print.
          stdout.once("end", () => stdout.emit("data", Buffer.alloc(0)));
        })
        .raw([...args]);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!timer.aborted) throw notStarted(this.repo, error);
      return { code: undefined, stdout: Buffer.alloc(0), stderr: "no answer in time" };
    }
    if (ended === undefined) throw new Error(`git ${args[0]} gave no result`);
    // A signal leaves no exit code, and a command that no signal of ours ended has met a limit of this machine.
    const code = Number.isInteger(ended.code) ? ended.code : undefined;
    return { code, stdout: ended.stdout, stderr: harmless(ended.stderr.toString("utf8")) };
  }

  /** Standard output of a command that must succeed, trimmed of its last newline. Rejects with a CreError. */
  async text(args: readonly string[], options: GitRunOptions = {}): Promise<string> {
    return (await this.bytes(args, options)).toString("utf8").replace(/\n$/, "");
  }

  /** Standard output of a command that must succeed. Rejects with a CreError. */
  async bytes(args: readonly string[], options: GitRunOptions = {}): Promise<Buffer> {
    const result = await this.run(args, options);
    if (result.code === 0) return result.stdout;
    throw gitFailed(args, result);
  }

  /** Standard output, or undefined when the command says no by its exit code. */
  async maybe(args: readonly string[], options: GitRunOptions = {}): Promise<string | undefined> {
    const { code, stdout } = await this.run(args, options);
    return code === 0 ? stdout.toString("utf8").replace(/\n$/, "") : undefined;
  }
}

/** Words by which git says that it cannot write, whatever it wanted to write. */
const NO_SPACE =
  /no space left on device|out of diskspace|disk quota exceeded|file too large|read-only file system/i;

/** Whose disk takes nothing more, by git's words; `remote:` begins what the other side says. */
export function fullDisk(words: string): "here" | "remote" | undefined {
  const line = words.split("\n").find((candidate) => NO_SPACE.test(candidate));
  return line === undefined ? undefined : line.trimStart().startsWith("remote:") ? "remote" : "here";
}

export function diskFull(words: string): CreError {
  return new CreError("disk-full", "git cannot write into this runner's repository: no space is left", {
    evidence: words.trim(),
    fix: "free some space on its disk (`df`, quota, `ulimit -f`), then run again: what was acknowledged is gone on with",
  });
}

export function gitFailed(args: readonly string[], result: GitResult): CreError {
  if (fullDisk(result.stderr) === "here") return diskFull(result.stderr);
  const killed = result.code === undefined;
  return new CreError("git-failed", `git ${args[0]} failed`, {
    evidence: result.stderr.trim() || (killed ? "it was killed" : `exit code ${result.code}`),
    fix: killed
      ? "look at this machine's limits (time, memory, disk, `ulimit -f`), then run again"
      : "run `git fsck` and `git status` in the repository; git's own words above say what it needs",
  });
}

/** Words of git and of a remote, as they may be shown: no password of a URL, no control character, not too long. */
function harmless(text: string): string {
  return (
    text
      .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@']*@/gi, "$1")
      .replaceAll(/\r\n?/g, "\n")
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0009\u000b-\u001f\u007f]/g, "")
      .slice(0, 4000)
  );
}

function notStarted(repo: string, error: unknown): CreError {
  const words = error instanceof Error ? error.message : String(error);
  return new CreError("git-not-started", `git could not be started in ${repo}`, {
    evidence: harmless(words),
    fix: "install git 2.31 or newer and point --repo at an existing folder",
    cause: error,
  });
}
