import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLocalRepository, createScratchRepository } from "../../testing/services/git-remote.ts";
import { statusOf, storeOf } from "../../testing/services/store-scenario.ts";

const DOCUMENTS = { "registry/a.yaml": "kind: Credential\nmetadata: { name: a }\n" };
const CHANGE = { statuses: new Map([["a", statusOf("a")]]) };
const STATUS = "registry/status/orders/a.json";

let local: Awaited<ReturnType<typeof createLocalRepository>>;
beforeEach(async () => {
  local = await createLocalRepository(DOCUMENTS);
});
afterEach(async () => {
  await local.dispose();
});

describe("without a remote", () => {
  test("documents come from the tip of main, also while another branch with edits is checked out", async () => {
    const main = await local.git("rev-parse", "main");
    await local.git("checkout", "-qb", "feature");
    await local.commit({ files: { "registry/b.yaml": "kind: Credential\n" } });
    await writeFile(join(local.path, "registry/c.yaml"), "kind: Credential\n");
    const { store, files } = await storeOf(local);
    expect((await store.fetchInputs(AbortSignal.timeout(20_000))).commit).toBe(main);
    expect(files()).toHaveLength(1);
  });

  test("the state branch is made and moved, and of two runs on one tip one wins", async () => {
    const { load, publish } = await storeOf(local);
    const base = await load();
    const first = await Promise.all([publish(base, CHANGE, "run-1"), publish(base, {}, "run-2")]);
    expect(first.map(({ outcome }) => outcome).toSorted()).toEqual(["accepted", "rejected"]);
    const next = await load();
    const second = await Promise.all([publish(next, {}, "run-3"), publish(next, {}, "run-4")]);
    expect(second.map(({ outcome }) => outcome).toSorted()).toEqual(["accepted", "rejected"]);
    expect(await local.git("rev-list", "--count", "cre/state")).toBe("2");
    expect(await local.git("status", "--porcelain")).toBe("");
  });

  test("a detached HEAD still reads main", async () => {
    await local.git("checkout", "-q", "--detach");
    const { load, publish } = await storeOf(local);
    expect(await publish(await load(), CHANGE)).toMatchObject({ outcome: "accepted" });
  });

  test("a folder that is no repository says so", async () => {
    await expect(storeOf({ ...local, path: join(local.path, "..") })).rejects.toMatchObject({
      code: "no-repository",
    });
  });

  test("several remotes without an origin ask which", async () => {
    await local.git("remote", "add", "one", "/nowhere");
    await local.git("remote", "add", "two", "/nowhere");
    await expect(storeOf(local)).rejects.toMatchObject({ code: "which-remote" });
  });
});

describe("on the same branch, checked out, without a remote", () => {
  test("the machine's files appear in the work tree, and a person's own edits and staged files stay", async () => {
    await writeFile(
      join(local.path, "registry/a.yaml"),
      "kind: Credential\nmetadata: { name: a }\n# edited\n",
    );
    await writeFile(join(local.path, "registry/new.yaml"), "kind: Credential\n");
    await local.git("add", "registry/new.yaml");
    const { load, publish } = await storeOf(local, { branch: "same" });
    await publish(await load(), CHANGE);
    await publish(await load(), { statuses: new Map([["a", statusOf("a", { epoch: 1 })]]) }, "run-2");
    expect(await local.git("status", "--porcelain")).toBe("M registry/a.yaml\nA  registry/new.yaml");
    expect(JSON.parse(await readFile(join(local.path, STATUS), "utf8"))).toMatchObject({ epoch: 1 });
    expect(await local.git("log", "--format=%an", "main")).toBe(
      "credential-rotation-enforcer\ncredential-rotation-enforcer\nalice",
    );
  });

  test("a machine's file that a person has changed stops the push before anything is written", async () => {
    const { load, publish } = await storeOf(local, { branch: "same" });
    await publish(await load(), CHANGE);
    await writeFile(join(local.path, STATUS), "{}");
    const before = await local.git("rev-parse", "main");
    const base = await load();
    await expect(
      publish(base, { statuses: new Map([["a", statusOf("a", { epoch: 1 })]]) }, "run-2"),
    ).rejects.toMatchObject({
      code: "checkout-in-the-way",
      evidence: expect.stringContaining(STATUS) as string,
    });
    expect(await local.git("rev-parse", "main")).toBe(before);
    expect(await readFile(join(local.path, STATUS), "utf8")).toBe("{}");
    await local.git("restore", "--staged", "--worktree", "--", "registry/status");
    await expect(publish(base, {}, "run-3")).resolves.toMatchObject({ outcome: "accepted" });
  });

  test("a checkout in which another git works is waited for, then nothing is written", async () => {
    const { load, publish } = await storeOf(local, { branch: "same" });
    const base = await load();
    const lock = join(local.path, ".git/index.lock");
    await writeFile(lock, "");
    const waiting = publish(base, CHANGE);
    await rm(lock);
    expect(await waiting).toMatchObject({ outcome: "accepted" });

    await writeFile(lock, "");
    const next = await load();
    await expect(publish(next, {}, "run-2")).rejects.toMatchObject({ code: "checkout-in-use" });
    expect(await local.git("rev-parse", "main")).toBe(next.commit);
  });

  test("a commit that a person makes between load and publish is a rejection, and their commit stays", async () => {
    const { load, publish, persist } = await storeOf(local, { branch: "same" });
    const base = await load();
    const theirs = await local.commit({ files: { "registry/b.yaml": "kind: Credential\n" } });
    expect(await publish(base, CHANGE)).toEqual({ outcome: "rejected" });
    expect(await persist(() => CHANGE)).toBe(0);
    expect(await local.git("rev-parse", "main~1")).toBe(theirs);
  });
});

test("on the same branch of a remote the person's clone stays, and people's pushes in between are kept", async () => {
  const remote = await createScratchRepository(DOCUMENTS);
  try {
    const clone = await remote.clone();
    const { load, publish, persist, store } = await storeOf(clone, { branch: "same" });
    const base = await load();
    expect(base).toMatchObject({ branch: "main", commit: await remote.git("rev-parse", "main") });
    await remote.commit({ files: { "registry/b.yaml": "kind: Credential\n" }, author: "bob" });
    expect(await publish(base, CHANGE)).toEqual({ outcome: "rejected" });
    await persist(() => CHANGE, "run-2");
    expect(await remote.git("log", "--format=%an", "main")).toBe("credential-rotation-enforcer\nbob\nalice");
    expect(await clone.git("rev-list", "--count", "main")).toBe("1");
    expect(await clone.git("status", "--porcelain")).toBe("");
    const inputs = await store.fetchInputs(AbortSignal.timeout(20_000));
    expect(inputs.count).toBe(2);
    expect(
      await store.changesSince(
        await remote.git("rev-parse", "main~1"),
        inputs.commit!,
        AbortSignal.timeout(20_000),
      ),
    ).toEqual([]);
  } finally {
    await remote.dispose();
  }
});
