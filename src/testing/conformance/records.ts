import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Status } from "../../core/state/status.ts";

const FOLDER = "registry/status/";
const BRANCH = "refs/heads/cre/state";

export type RunGit = (cwd: string, ...args: readonly string[]) => string;

/** What is on record on the state branch of a bare remote of this machine, read once for each of its tips. */
export class Records {
  readonly #remote: string;
  readonly #git: RunGit;
  #tip = "";
  #statuses: ReadonlyMap<string, Status> = new Map();

  constructor(remote: string, git: RunGit) {
    this.#remote = remote;
    this.#git = git;
  }

  /** The status of a credential, or undefined where there is none. */
  status(service: string, name: string): Status | undefined {
    const tip = this.#readTip();
    if (tip !== this.#tip) {
      this.#statuses = tip === "" ? new Map() : this.#read(tip);
      this.#tip = tip;
    }
    return this.#statuses.get(`${FOLDER}${service}/${name}.json`);
  }

  #readTip(): string {
    const loose = join(this.#remote, BRANCH);
    if (existsSync(loose)) return readFileSync(loose, "utf8").trim();
    return this.#git(this.#remote, "for-each-ref", "--format=%(objectname)", BRANCH).trim();
  }

  #read(tip: string): ReadonlyMap<string, Status> {
    const paths = this.#git(this.#remote, "ls-tree", "-r", "-z", "--name-only", tip, FOLDER)
      .split("\0")
      .filter((path) => path.slice(FOLDER.length).includes("/"));
    if (paths.length === 0) return new Map();
    const texts = this.#git(this.#remote, "show", ...paths.map((path) => `${tip}:${path}`))
      .split(/(?<=^\}\n)/m)
      .filter((text) => text !== "");
    // `as`: written by the product, whose own reader checks it.
    return new Map(paths.map((path, index) => [path, JSON.parse(texts[index] ?? "null") as Status]));
  }
}
