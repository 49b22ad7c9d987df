import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Estate, git, pushAs, writeInto } from "../conformance/estate.ts";
import { hoursAfter } from "../conformance/virtual-clock.ts";
import { startGitHttpRemote } from "../services/git-http.ts";
import { gitSurroundings } from "../services/git-remote.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import { cloneFrom, createStressEstate, START } from "./life.ts";
import { type RunnerOrder, runInProcess, type Said } from "./runner-process.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";

/** What a run on a full disk did, and what the next one with space did. */
export interface DiskOutcome {
  readonly full: readonly Said[];
  readonly next: readonly Said[];
  /** Complaints of git about the repository on that disk, and what a failed git left in it. */
  readonly damage: readonly string[];
  /** What the consumer uses in the end is a version made here. */
  readonly rotated: boolean;
  readonly failedLogins: number;
}

const SIZE = "4m";

/** Something with an estate and a small disk; both are gone afterwards. */
async function withDisk<T>(
  postgres: TestPostgres,
  way: readonly string[],
  slots: Parameters<typeof createStressEstate>[1],
  work: (estate: Estate, disk: SmallDisk, folder: string) => Promise<T>,
): Promise<T> {
  const estate = await createStressEstate(postgres, slots);
  const folder = join(estate.root, "disk");
  await mkdir(folder);
  const disk = await mountSmallDisk(way, folder, SIZE);
  try {
    await estate.runAt(START);
    return await work(estate, disk, folder);
  } finally {
    await disk.close();
    await estate.dispose();
  }
}

/** The runner's own clone on the disk: full before the fetch, or from the n-th push on. */
export async function fullClone(
  postgres: TestPostgres,
  way: readonly string[],
  from: "fetch" | number,
): Promise<DiskOutcome> {
  return withDisk(postgres, way, "two roles", async (estate, disk, folder) => {
    const repo = join(folder, "clone");
    await disk.run("env", ...assignments(estate), "git", "clone", "--quiet", estate.remote, repo);
    const fill = filling(folder);
    if (from === "fetch") {
      change(estate, (clone) => writeInto(clone, "docs/notes.md", randomBytes(20_000).toString("hex")));
      await disk.fill();
    }
    const at = hoursAfter(START, 1);
    estate.setClock(at);
    const order: RunnerOrder = { repo, clock: { start: at } };
    const place = { env: estate.env, enter: disk.enter };
    const full = await runInProcess(
      from === "fetch" ? order : { ...order, fate: { point: "before push", nth: from, what: fill } },
      place,
    );
    const damage = await damageOf(estate, disk, repo);
    await disk.free();
    const next = await runInProcess(order, place);
    return { full, next, damage, ...usedBy(estate) };
  });
}

/** The runner's own disk is full from the moment on at which its n-th push is under way. */
export async function fullWhilePushing(
  postgres: TestPostgres,
  way: readonly string[],
  at: number,
): Promise<DiskOutcome> {
  return withDisk(postgres, way, "two roles", async (estate, disk, folder) => {
    const http = await startGitHttpRemote(estate.remote);
    git(estate.remote, "config", "http.receivepack", "true");
    const repo = join(folder, "clone");
    try {
      await disk.run("env", ...assignments(estate), "git", "clone", "--quiet", http.url, repo);
      http.onPush = async (push) => {
        if (push === at) await disk.fill();
        return undefined;
      };
      const now = hoursAfter(START, 1);
      estate.setClock(now);
      const place = { env: estate.env, enter: disk.enter };
      const full = await runInProcess({ repo, clock: { start: now } }, place);
      const damage = await damageOf(estate, disk, repo);
      await disk.free();
      const next = await runInProcess({ repo, clock: { start: now } }, place);
      return { full, next, damage, ...usedBy(estate) };
    } finally {
      await http.close();
    }
  });
}

/** The remote's disk is full from its n-th push on. */
export async function fullRemote(
  postgres: TestPostgres,
  way: readonly string[],
  from: number,
): Promise<DiskOutcome> {
  return withDisk(postgres, way, "two roles", async (estate, disk, folder) => {
    const bare = join(folder, "remote.git");
    git(estate.remote, "config", "http.receivepack", "true");
    await disk.run("cp", "-a", estate.remote, bare);
    const http = await startGitHttpRemote(bare, { enter: disk.enter });
    try {
      http.onPush = async (push) => {
        if (push === from) await disk.fill();
        return undefined;
      };
      const now = hoursAfter(START, 1);
      estate.setClock(now);
      const order = async (name: string): Promise<RunnerOrder> => ({
        repo: await cloneFrom(estate, http.url, name),
        clock: { start: now },
      });
      const full = await runInProcess(await order("full"), { env: estate.env });
      const damage = await damageOf(estate, disk, bare);
      await disk.free();
      const next = await runInProcess(await order("next"), { env: estate.env });
      return { full, next, damage, ...usedBy(estate) };
    } finally {
      await http.close();
    }
  });
}

/** The env file's disk is full when the new version is staged, or when it is promoted. */
export async function fullTarget(
  postgres: TestPostgres,
  way: readonly string[],
  step: "stage" | "promote",
): Promise<DiskOutcome & { readonly untouched: boolean; readonly names: string }> {
  return withDisk(postgres, way, "two roles through an env file", async (estate, disk, folder) => {
    const path = join(folder, "orders.env");
    // More than a block, so that its edited copy cannot fit beside it.
    const before = `${"# what the application was installed with\n".repeat(200)}PGUSER=first\n`;
    await disk.run("sh", "-c", 'printf %s "$1" >"$0"', path, before);
    change(estate, (clone) => {
      for (const file of git(clone, "ls-files", "registry", "policies").trim().split("\n")) {
        const text = readFileSync(join(clone, file), "utf8");
        writeInto(
          clone,
          file,
          text
            .replaceAll(join(estate.root, "orders-db.env"), path)
            .replace(/paths: \[.*\]/, `paths: [${folder}]`),
        );
      }
    });
    const fate = { point: `before ${step}`, nth: 1, what: filling(folder) };
    const run = async (hours: number, more: Partial<RunnerOrder>): Promise<readonly Said[]> => {
      const now = hoursAfter(START, hours);
      estate.setClock(now);
      const order = { repo: estate.clone(), clock: { start: now }, ...more };
      return runInProcess(order, { env: estate.env, enter: disk.enter });
    };
    const full = await run(1, { fate });
    const after = await disk.run("cat", path);
    await disk.free();
    // A failed try is repeated after its backoff.
    const next = await run(4, {});
    const names = await disk.run("ls", "-A", folder);
    const rotated = (await disk.run("cat", path)).includes(`PGUSER=${estate.roles[1]}`);
    return { full, next, damage: [], untouched: after === before, names, ...usedBy(estate), rotated };
  });
}

/** No disk at all is needed for this one: git may write no file of more than a kilobyte, as under a quota. */
export async function limitedFiles(postgres: TestPostgres): Promise<DiskOutcome> {
  const estate = await createStressEstate(postgres, "two roles");
  try {
    await estate.runAt(START);
    const now = hoursAfter(START, 1);
    estate.setClock(now);
    const order = { repo: estate.clone(), clock: { start: now } };
    const limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "limited"];
    const full = await runInProcess(order, { env: estate.env, enter: limited });
    const next = await runInProcess(order, { env: estate.env });
    return { full, next, damage: [], ...usedBy(estate) };
  } finally {
    await estate.dispose();
  }
}

function usedBy({ consumer }: Estate): Pick<DiskOutcome, "rotated" | "failedLogins"> {
  const { current } = consumer.receiver.credentials("orders-db");
  return { rotated: typeof current?.attempt === "string", failedLogins: consumer.tally.failures };
}

function filling(folder: string): string[] {
  return ["sh", "-c", `cat /dev/zero >"${folder}/.filler" 2>/dev/null || true`];
}

function assignments({ root }: Estate): string[] {
  return Object.entries(gitSurroundings(root)).map(([name, value]) => `${name}=${value}`);
}

/** A person's commit on the default branch. */
function change(estate: Estate, edit: (clone: string) => void): void {
  const clone = estate.clone();
  git(clone, "checkout", "--quiet", "main");
  edit(clone);
  pushAs("Bob", clone, "Notes");
}

/** Complaints about the repository's objects, locks that would stop the next git, and reports of a git that crashed. */
async function damageOf(estate: Estate, disk: SmallDisk, repo: string): Promise<string[]> {
  const check = ["git", "-C", repo, "fsck", "--strict", "--no-dangling"];
  const complaints = await disk.run("env", ...assignments(estate), ...check).catch(String);
  const left = await disk.run("find", repo, "-name", "*.lock", "-o", "-name", "fast_import_crash*");
  return [...complaints.split("\n"), ...left.split("\n")].filter((line) => line !== "");
}
