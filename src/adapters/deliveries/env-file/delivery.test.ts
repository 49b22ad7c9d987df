import { execFileSync } from "node:child_process";
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { expectNoCanary, failureOf } from "../../../testing/suites/delivery-suite.ts";
import { bindEnvFile, watchedFiles } from "../../../testing/suites/env-file-bench.ts";
import { consignmentOf, partsOf } from "../../../testing/suites/sample-consignment.ts";

import { systemFiles } from "./file-system.ts";

const { signal } = new AbortController();
const isRoot = process.geteuid?.() === 0;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-env-file-"));
  path = join(folder, "db.env");
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function rotate(target: Awaited<ReturnType<typeof bindEnvFile>>, attempt: string): Promise<void> {
  await target.stage(consignmentOf(attempt), partsOf(attempt), signal);
  await target.promote(consignmentOf(attempt), signal);
}

const modeOf = async (name: string) => (await stat(name)).mode & 0o777;

describe("the file", () => {
  test("keeps every other byte, gets mode 0600 and names the attempt", async () => {
    const others = Buffer.from("# no UTF-8: \xff\xe9\r\nA='1'\r\nPGUSER=old\r\n\r\nB=2", "latin1");
    await writeFile(path, others, { mode: 0o644 });
    await rotate(await bindEnvFile(path, folder, { values: { PGUSER: "{username}", PORT: "5432" } }), "a1");
    expect((await readFile(path)).toString("latin1")).toBe(
      "# no UTF-8: \xff\xe9\r\nA='1'\r\nPGUSER=orders_a\r\n\r\nB=2\r\n# cre: attempt a1 of orders-db\r\nPORT=5432\r\n",
    );
    expect(await modeOf(path)).toBe(0o600);
    expect(await readdir(folder)).toEqual(["db.env"]);
  });

  test("that is staged is hidden and only for its owner, whatever the umask", async () => {
    const target = await bindEnvFile(path, folder);
    await target.stage(consignmentOf("a1"), partsOf("a1"), signal);
    expect(await readdir(folder)).toEqual([".db.env.orders-db.cre-staged"]);
    expect(await modeOf(join(folder, ".db.env.orders-db.cre-staged"))).toBe(0o600);
  });

  test.runIf(isRoot)("keeps its owner and group; a new one belongs to the owner of its folder", async () => {
    await writeFile(path, "A=1\n");
    await chown(path, 12_345, 23_456);
    const target = await bindEnvFile(path, folder);
    await rotate(target, "a1");
    expect(await stat(path)).toMatchObject({ uid: 12_345, gid: 23_456 });
    await rm(path);
    await chown(folder, 12_345, 34_567);
    await rotate(target, "a2");
    expect(await stat(path)).toMatchObject({ uid: 12_345, gid: 34_567 });
  });

  test.runIf(isRoot)("that somebody else staged is not promoted", async () => {
    const target = await bindEnvFile(path, folder);
    await target.stage(consignmentOf("a1"), partsOf("a1"), signal);
    await chown(join(folder, ".db.env.orders-db.cre-staged"), 12_345, 12_345);
    expect((await failureOf(target.promote(consignmentOf("a1"), signal))).code).toBe("env-file-not-staged");
  });

  test("of several credentials keeps all of them when they are promoted at once", async () => {
    const names = Array.from({ length: 8 }, (_, at) => `service-${at}`);
    const targets = await Promise.all(
      names.map(async (credential) =>
        bindEnvFile(path, folder, {
          credential,
          values: { [credential.toUpperCase().replace("-", "_")]: "{password}" },
        }),
      ),
    );
    await Promise.all(targets.map(async (target) => rotate(target, "a1")));
    for (const target of targets) expect(await target.holds(signal)).toEqual({ current: "a1" });
    const text = await readFile(path, "utf8");
    for (const name of names) {
      expect(text).toMatch(new RegExp(`^${name.toUpperCase().replace("-", "_")}=`, "m"));
    }
    expect(await readdir(folder)).toEqual(["db.env"]);
  });

  test("that a person saves at the same moment keeps what they wrote", async () => {
    await writeFile(path, "A=1\n");
    let saves = 0;
    const files = watchedFiles(
      () => undefined,
      () => undefined,
    );
    const target = await bindEnvFile(path, folder, {
      files: {
        ...files,
        create: async (name) => {
          const file = await files.create(name);
          if (saves < 2 && name.includes(".cre-new-")) await writeFile(path, `A=${(saves += 1)}-changed\n`);
          return file;
        },
      },
    });
    const plain = await bindEnvFile(path, folder);
    await plain.stage(consignmentOf("a1"), partsOf("a1"), signal);
    await target.promote(consignmentOf("a1"), signal);
    expect(saves).toBe(2);
    expect(await readFile(path, "utf8")).toMatch(/^A=2-changed\n# cre: attempt a1 of orders-db\n/);
  });

  test("that has no place for the values of a version refuses them at stage, with nothing written", async () => {
    const target = await bindEnvFile(path, folder);
    const parts = new Map([...partsOf("a1"), ["password", new Secret("canary-\nx")]]);
    expect(await failureOf(target.stage(consignmentOf("a1"), parts, signal))).toMatchObject({
      outcome: "refused",
      retryable: false,
    });
    const few = await failureOf(target.stage(consignmentOf("a1"), new Map(), signal));
    expect(few).toMatchObject({ outcome: "refused", retryable: false, code: "template-part-unknown" });
    expect(await readdir(folder)).toEqual([]);
  });

  test("that is mounted by itself is refused by preflight, because nothing can take its place", async () => {
    await writeFile(path, "A=1\n");
    const mounted: string[] = [];
    const files = { ...systemFiles, isMountPoint: async (at: string) => mounted.push(at) === 1 };
    const target = await bindEnvFile(path, folder, { files });
    expect((await failureOf(target.preflight(signal))).code).toBe("env-file-mounted");
    expect(mounted).toEqual([path]);
    await target.preflight(signal);
    expect(await systemFiles.isMountPoint("/proc")).toBe(process.platform === "linux");
    expect(await systemFiles.isMountPoint(path)).toBe(false);
  });

  test("with a quote that never ends is refused by preflight and at stage", async () => {
    await writeFile(path, "A='x\n");
    const target = await bindEnvFile(path, folder);
    expect((await failureOf(target.preflight(signal))).code).toBe("env-file-malformed");
    expect((await failureOf(target.stage(consignmentOf("a1"), partsOf("a1"), signal))).outcome).toBe(
      "refused",
    );
    expect(await readFile(path, "utf8")).toBe("A='x\n");
  });
});

test("content is on the disk before it gets its name, and the name before the promote is done", async () => {
  const done: string[] = [];
  const files = watchedFiles(
    (_, name) => done.push(name),
    () => undefined,
  );
  const plain = await bindEnvFile(path, folder);
  await plain.stage(consignmentOf("a1"), partsOf("a1"), signal);
  await (await bindEnvFile(path, folder, { files })).promote(consignmentOf("a1"), signal);
  const writes = done.filter(
    (name) => !["realpath", "open folder", "readdir", "open", "read", "fstat", "lstat"].includes(name),
  );
  expect(writes.filter((name) => name !== "fchown")).toEqual([
    "create",
    "fchmod",
    "write",
    "fsync",
    "rename",
    "fsync",
    "unlink",
    "fsync",
  ]);
});

describe("paths", () => {
  const outcomes = async (target: Awaited<ReturnType<typeof bindEnvFile>>) => {
    const refusals = [
      await failureOf(target.preflight(signal)),
      await failureOf(target.stage(consignmentOf("a1"), partsOf("a1"), signal)),
    ];
    expect(refusals.map(({ outcome }) => outcome)).toEqual(["refused", "refused"]);
    expect(await target.holds(signal)).toBe("unknown");
    return refusals[0]?.code;
  };

  test.each<[string, (inside: string) => string, readonly string[] | undefined]>([
    ["with ..", (inside) => `${inside}/../${inside.split("/").at(-1)}/db.env`, undefined],
    ["that leaves by ..", (inside) => `${inside}/../other.env`, undefined],
    ["with a double slash", (inside) => `${inside}//db.env`, undefined],
    ["that ends with a slash", (inside) => `${inside}/db.env/`, undefined],
    ["that is not absolute", () => "db.env", undefined],
    ["that is the folder itself", (inside) => inside, undefined],
    ["beside a folder whose name begins alike", (inside) => `${inside}-other/db.env`, undefined],
    ["when no folder is allowed", (inside) => `${inside}/db.env`, []],
    ["elsewhere", () => "/etc/passwd", undefined],
  ])("%s are refused when it is bound", async (_, place, paths) => {
    const bound = bindEnvFile(place(folder), folder, paths === undefined ? {} : { paths });
    expect((await failureOf(bound)).code).toBe("env-file-path");
  });

  test("that lead out of the allowed folder by a link are refused", async () => {
    const outside = await mkdtemp(join(tmpdir(), "cre-env-outside-"));
    await symlink(outside, join(folder, "sub"));
    expect(await outcomes(await bindEnvFile(join(folder, "sub", "db.env"), folder))).toBe("env-file-path");
    expect(await readdir(outside)).toEqual([]);
    await rm(outside, { recursive: true });
  });

  test("below an allowed folder that is a link itself are taken", async () => {
    const alias = `${folder}-alias`;
    await symlink(folder, alias);
    await rotate(await bindEnvFile(join(alias, "db.env"), alias), "a1");
    expect(await readdir(folder)).toEqual(["db.env"]);
    await rm(alias);
  });

  test("to a link, a pipe, a folder, a second name of a file, or something large or binary are refused", async () => {
    const victim = join(folder, "victim");
    await writeFile(victim, "A=1\n");
    const target = await bindEnvFile(path, folder);
    const makes: (() => Promise<unknown>)[] = [
      async () => symlink(victim, path),
      async () => symlink(join(folder, "absent"), path),
      async () => execFileSync("mkfifo", [path]),
      async () => mkdir(path),
      async () => link(victim, path),
      async () => writeFile(path, "x".repeat(1024 * 1024 + 1)),
      async () => writeFile(path, "A=1\0\n"),
    ];
    for (const make of makes) {
      await make();
      expect(await outcomes(target)).toBe("env-file-target");
      await rm(path, { recursive: true });
    }
    expect(await readFile(victim, "utf8")).toBe("A=1\n");
  });

  test("whose folder, or one on the way to it, everybody can write are refused", async () => {
    const inner = join(folder, "a", "b");
    await mkdir(inner, { recursive: true });
    const target = await bindEnvFile(join(inner, "db.env"), folder);
    for (const open of [inner, join(folder, "a"), folder]) {
      const before = await modeOf(open);
      await chmod(open, 0o777);
      expect(await outcomes(target)).toBe("env-file-folder");
      await chmod(open, before);
    }
    await chmod(join(folder, "a"), 0o1777);
    await rotate(target, "a1");
    expect(await target.holds(signal)).toEqual({ current: "a1" });
  });

  test("whose folder is absent are refused, and hold nothing that is known", async () => {
    const target = await bindEnvFile(join(folder, "absent", "db.env"), folder);
    expect(await outcomes(target)).toBe("env-file-failed");
  });

  test("whose folder is exchanged while it works stay in the folder that was looked at", async () => {
    const inner = join(folder, "inner");
    await mkdir(inner);
    const elsewhere = join(folder, "elsewhere");
    await mkdir(elsewhere);
    let exchanged = false;
    const files = watchedFiles(
      () => undefined,
      () => undefined,
    );
    const target = await bindEnvFile(join(inner, "db.env"), folder, {
      files: {
        ...files,
        names: async (name) => {
          if (!exchanged) {
            execFileSync("sh", ["-c", 'mv "$1" "$1.was" && ln -s "$2" "$1"', "sh", inner, elsewhere]);
          }
          exchanged = true;
          return files.names(name);
        },
      },
    });
    await target.stage(consignmentOf("a1"), partsOf("a1"), signal);
    expect(await readdir(elsewhere)).toEqual([]);
    expect(await readdir(`${inner}.was`)).toHaveLength(1);
  });
});

test("a name that no shell takes for a variable is refused when it is bound", async () => {
  for (const name of ["1A", "A-B", "A.B", "A B", "ÄA", ""]) {
    await expect(bindEnvFile(path, folder, { values: { [name]: "{password}" } })).rejects.toMatchObject({
      code: "env-file-name",
    });
  }
});

test("what a process that died left behind is removed, and nothing else", async () => {
  const left = join(folder, ".db.env.orders-db.cre-new-0000");
  const others = [".db.env.billing-db.cre-new-0000", ".db.env.orders-db.cre-news", "x.cre-new-1"];
  for (const name of [...others, ".db.env.orders-db.cre-new-0000"]) {
    await writeFile(join(folder, name), "canary");
  }
  const target = await bindEnvFile(path, folder);
  await rotate(target, "a1");
  expect(await readdir(folder)).not.toContain(left.split("/").at(-1));
  expect(await readdir(folder)).toEqual(expect.arrayContaining(others));
  expectNoCanary(target.label);
});
