import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ScratchClone } from "../services/git-remote.ts";

/** What a person does in one commit: new contents by path (null deletes), or the undoing of an earlier commit of theirs. */
export type Deed = { readonly files: Readonly<Record<string, string | null>> } | { readonly revert: string };

/** A person who commits to main in a clone of their own, with plain `git pull --rebase` and `git push`. */
export class Person {
  readonly #clone: ScratchClone;
  /** Commits of theirs that the remote has accepted, with whether they changed documents. */
  readonly commits: { readonly commit: string; readonly documents: boolean }[] = [];
  /** Pushes that were rejected because somebody else had been quicker. */
  rejected = 0;

  constructor(clone: ScratchClone) {
    this.#clone = clone;
  }

  static async in(clone: ScratchClone, name: string): Promise<Person> {
    await clone.git("config", "user.name", name);
    await clone.git("config", "user.email", `${name}@example.com`);
    return new Person(clone);
  }

  /** Commits and pushes until it is accepted. Gives the commit as it stands on main. */
  async push(message: string, deed: Deed): Promise<string> {
    const git = async (...args: string[]): Promise<string> => this.#clone.git(...args);
    await git("pull", "--quiet", "--rebase");
    if ("revert" in deed) {
      await git("revert", "--no-edit", deed.revert);
    } else {
      for (const [path, text] of Object.entries(deed.files)) await this.#write(path, text);
      await git("add", "--all");
      await git("commit", "--quiet", "-m", message);
    }
    for (;;) {
      try {
        await git("push", "--quiet", "origin", "HEAD:main");
        break;
      } catch {
        this.rejected += 1;
        await git("pull", "--quiet", "--rebase");
      }
    }
    const commit = await git("rev-parse", "HEAD");
    const paths = await git("show", "--name-only", "--format=", "HEAD");
    this.commits.push({ commit, documents: /^(registry|policies|exceptions)\//m.test(paths) });
    return commit;
  }

  async #write(path: string, text: string | null): Promise<void> {
    const target = join(this.#clone.path, path);
    if (text === null) {
      await rm(target);
      return;
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}
