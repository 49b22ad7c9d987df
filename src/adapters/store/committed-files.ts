import { Git } from "./git.ts";
import { bringContents, listFiles, readBlobs } from "./objects.ts";

/** All files of a commit, links left out. */
export interface CommittedFiles {
  /** Sorted. */
  readonly paths: readonly string[];
  /** Their contents as text, by path; what is no file of the commit is left out. One git process for all. */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Lists the files of a commit; read when they are asked for. */
export async function committedFiles(
  repo: string,
  env: Readonly<Record<string, string | undefined>>,
  commit: string,
): Promise<CommittedFiles> {
  const git = new Git(repo, env);
  const files = (await listFiles(git, commit, [])).filter(({ symlink }) => !symlink);
  const blobs = new Map(files.map(({ path, blob }) => [path, blob]));
  return {
    paths: [...blobs.keys()].toSorted(),
    read: async (paths) => {
      const wanted = paths.flatMap((path): [string, string][] => {
        const blob = blobs.get(path);
        return blob === undefined ? [] : [[path, blob]];
      });
      if (wanted.length === 0) return new Map();
      await bringContents(
        git,
        commit,
        wanted.map(([path]) => path),
      );
      const contents = await readBlobs(
        git,
        wanted.map(([, blob]) => blob),
      );
      return new Map(wanted.map(([path, blob]) => [path, contents.get(blob)?.toString("utf8") ?? ""]));
    },
  };
}
