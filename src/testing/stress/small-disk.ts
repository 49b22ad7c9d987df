import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

/** A file system of a few megabytes of its own, seen only by commands that are started through `enter`. */
export interface SmallDisk {
  /** The command that comes in front of another so that it sees the disk. */
  readonly enter: readonly string[];
  /** Runs a command on it; rejects when that fails. */
  run(...command: readonly string[]): Promise<string>;
  /** Takes the last free byte. */
  fill(): Promise<void>;
  /** Gives back what `fill` took. */
  free(): Promise<void>;
  close(): Promise<void>;
}

/** Ways to a mount of one's own: of the superuser's, else of the kernel's for everybody. */
const WAYS = [["--mount"], ["--user", "--map-root-user", "--mount"]];
const FILLER = ".filler";

/** The command line that mounts `size` at the folder `$0` and stays until its standard input ends. */
function mounting(way: readonly string[], folder: string, size: string): [string, ...string[]] {
  const script = `mount -t tmpfs -o size=${size},mode=755 tmpfs "$0" && echo mounted && exec cat >/dev/null`;
  return ["unshare", ...way, "sh", "-c", script, folder];
}

/** How this machine mounts a small disk; undefined: it does not let us. */
export function findSmallDisk(folder: string): readonly string[] | undefined {
  return WAYS.find((way) => {
    const [command, ...args] = mounting(way, folder, "64k");
    const probe = spawnSync(command, args, { input: "", encoding: "utf8" });
    return probe.status === 0 && spawnSync("nsenter", ["--version"]).status === 0;
  });
}

/** Mounts a file system of `size` over an empty folder. It ends with this process, and leaves nothing behind. */
export async function mountSmallDisk(
  way: readonly string[],
  folder: string,
  size: string,
): Promise<SmallDisk> {
  const [command, ...args] = mounting(way, folder, size);
  const holder = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [said] = await Promise.race([once(holder.stdout, "data"), once(holder, "close")]);
  if (String(said).trim() !== "mounted") throw new Error(`no small disk at ${folder}`);
  const user = way.includes("--user") ? ["--user", "--preserve-credentials"] : [];
  const enter = ["nsenter", "--target", String(holder.pid), ...user, "--mount", "--"];
  const run = async (...inner: readonly string[]): Promise<string> => {
    const [entering = "", ...rest] = [...enter, ...inner];
    return (await promisify(execFile)(entering, rest)).stdout;
  };
  return {
    enter,
    run,
    fill: async () => {
      await run("sh", "-c", `cat /dev/zero >"$0/${FILLER}" 2>/dev/null || true`, folder);
    },
    free: async () => {
      await run("rm", "-f", `${folder}/${FILLER}`);
    },
    close: async () => end(holder),
  };
}

async function end(holder: ChildProcess): Promise<void> {
  holder.stdin?.end();
  if (holder.exitCode === null) await once(holder, "close");
}
