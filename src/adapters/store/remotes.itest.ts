import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CreError } from "../../core/model/errors.ts";
import { type GitHttpRemote, type PushFault, startGitHttpRemote } from "../../testing/services/git-http.ts";
import { createScratchRepository, type ScratchRepository } from "../../testing/services/git-remote.ts";
import { startGitSshRemote } from "../../testing/services/git-ssh.ts";
import { statusOf, storeOf } from "../../testing/services/store-scenario.ts";

const DOCUMENTS = { "registry/orders.yaml": "kind: Credential\nmetadata: { name: orders-db }\n" };
const CHANGE = { statuses: new Map([["orders-db", statusOf("orders-db")]]) };

let remote: ScratchRepository;
beforeEach(async () => {
  remote = await createScratchRepository(DOCUMENTS);
});
afterEach(async () => {
  await remote.dispose();
});

async function commits(): Promise<number> {
  return Number(await remote.git("rev-list", "--count", "--all", "--not", "main"));
}

describe("over HTTP", () => {
  let http: GitHttpRemote;
  beforeEach(async () => {
    http = await startGitHttpRemote(remote.path);
  });
  afterEach(async () => {
    await http.close();
  });

  function failing(...faults: readonly (PushFault | undefined)[]): void {
    http.onPush = (push) => faults[push - 1];
  }

  test("a push costs one exchange and reads back", async () => {
    const { load, publish } = await storeOf(await remote.clone({ url: http.url }));
    expect(await publish(await load(), CHANGE)).toMatchObject({ outcome: "accepted" });
    expect(http.pushes).toBe(1);
    expect((await load()).statuses.size).toBe(1);
  });

  test("a push that was applied before the connection was cut is found", async () => {
    const { load, publish } = await storeOf(await remote.clone({ url: http.url }));
    const base = await load();
    http.onPush = () => "cut";
    expect(await publish(base, CHANGE)).toMatchObject({ outcome: "accepted" });
    expect(await commits()).toBe(1);
  });

  test("a push that was lost on the way is sent again as the same commit", async () => {
    const { load, publish } = await storeOf(await remote.clone({ url: http.url }));
    const base = await load();
    failing("drop", "error");
    const outcome = await publish(base, CHANGE);
    expect(outcome).toMatchObject({
      outcome: "accepted",
      commit: await remote.git("rev-parse", "cre/state"),
    });
    expect([http.pushes, await commits()]).toEqual([3, 1]);
  });

  test("an applied push whose answer was lost is found below what another run pushed on top", async () => {
    const [one, two] = [
      await storeOf(await remote.clone({ url: http.url })),
      await storeOf(await remote.clone()),
    ];
    const base = await one.load();
    const gate = Promise.withResolvers<void>();
    http.onPush = (push) => {
      if (push === 1) setTimeout(gate.resolve, 0);
      return push === 1 ? "cut" : undefined;
    };
    const other = gate.promise.then(async () => {
      while ((await commits()) === 0) await two.load();
      return await two.persist(() => ({}), "run-2");
    });
    const outcome = await one.publish(base, CHANGE, "run-1");
    await other;
    expect(outcome).toMatchObject({ outcome: "accepted" });
    expect(await commits()).toBe(2);
    expect((await two.load()).statuses.size).toBe(1);
  });

  test("a lost push to a branch that another run moved meanwhile is a rejection", async () => {
    const [one, two] = [
      await storeOf(await remote.clone({ url: http.url })),
      await storeOf(await remote.clone()),
    ];
    await two.persist(() => ({}), "run-0");
    const base = await one.load();
    await two.persist(() => ({}), "run-2");
    failing("drop");
    expect(await one.publish(base, CHANGE)).toEqual({ outcome: "rejected" });
    expect(await commits()).toBe(2);
  });

  test("an account that may not push is told so at once, with what the server said", async () => {
    const { load, publish } = await storeOf(await remote.clone({ url: http.url }));
    const base = await load();
    http.onPush = () => "deny";
    await expect(publish(base, CHANGE)).rejects.toMatchObject({
      code: "remote-denied",
      evidence: expect.stringContaining("403") as string,
    });
    expect(http.pushes).toBe(1);
  });

  test("a remote that never answers a push is given up, and nothing was written", {
    timeout: 60_000,
  }, async () => {
    const { load, publish } = await storeOf(await remote.clone({ url: http.url }), { networkTimeout: 2_000 });
    const base = await load();
    http.onPush = () => "hang";
    await expect(publish(base, CHANGE)).rejects.toMatchObject({ code: "push-failed" });
    expect(await commits()).toBe(0);
  });

  test("an aborted run stops waiting for a push at once", async () => {
    const { load, publish } = await storeOf(await remote.clone({ url: http.url }));
    const base = await load();
    const stop = new AbortController();
    http.onPush = () => {
      stop.abort(new Error("SIGINT"));
      return "hang";
    };
    const started = performance.now();
    await expect(publish(base, CHANGE, "run-1", stop.signal)).rejects.toThrow("SIGINT");
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  test("a remote that is gone is told as unreachable", async () => {
    const clone = await remote.clone({ url: http.url });
    const { load } = await storeOf(clone);
    await http.close();
    await expect(load()).rejects.toMatchObject({ code: "remote-unreachable" });
    http = await startGitHttpRemote(remote.path);
  });

  test("the credential of the configuration is used, and is in no message when it is wrong", async () => {
    const guarded = await startGitHttpRemote(remote.path, { token: "s3cr3t-token" });
    try {
      const header = (token: string) =>
        `AUTHORIZATION: basic ${Buffer.from(`x:${token}`).toString("base64")}`;
      const clone = await remote.clone();
      await clone.git("remote", "set-url", "origin", guarded.url);
      await clone.git("config", `http.${guarded.url}.extraheader`, header("s3cr3t-token"));
      const { load, publish } = await storeOf(clone);
      expect(await publish(await load(), CHANGE)).toMatchObject({ outcome: "accepted" });

      await clone.git("config", `http.${guarded.url}.extraheader`, header("wr0ng-token"));
      const error = await load().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "remote-denied" });

      await clone.git("config", "--unset", `http.${guarded.url}.extraheader`);
      await clone.git("remote", "set-url", "origin", guarded.url.replace("//", "//bob:wr0ng-token@"));
      const other = await (await storeOf(clone)).load().catch((reason: unknown) => reason);
      for (const told of [error, other]) {
        expect(told).toBeInstanceOf(CreError);
        expect((told as CreError).describe()).not.toMatch(/wr0ng|s3cr3t|basic/i);
      }
    } finally {
      await guarded.close();
    }
  });
});

test("a lock that a dead git left is named, and not taken for a network that is down", {
  timeout: 60_000,
}, async () => {
  const clone = await remote.clone();
  const { load } = await storeOf(clone);
  await remote.commit({ files: { "registry/orders.yaml": "kind: Credential\n" } });
  await writeFile(join(clone.path, ".git/refs/remotes/origin/main.lock"), "");
  await expect(load()).rejects.toMatchObject({
    code: "repository-locked",
    evidence: expect.stringContaining("main.lock") as string,
  });
});

test("over SSH a run reads, publishes and is rejected as elsewhere", async () => {
  const ssh = await startGitSshRemote(remote.root, remote.path);
  try {
    const clone = await remote.clone({ url: ssh.url, env: ssh.env });
    const { load, publish } = await storeOf(clone);
    const base = await load();
    expect(await publish(base, CHANGE)).toMatchObject({ outcome: "accepted" });
    expect(await publish(base, {})).toEqual({ outcome: "rejected" });
    expect((await load()).statuses.size).toBe(1);
  } finally {
    await ssh.close();
  }
});

describe("clones as continuous integration makes them", () => {
  test.each([
    ["of one commit", ["--depth=1"]],
    ["of one commit, detached", ["--depth=1", "--single-branch"]],
    ["of a single branch", ["--single-branch", "--branch=main"]],
    ["without a work tree", ["--bare"]],
    ["as a mirror", ["--mirror"]],
    ["without blobs", ["--filter=blob:none"]],
  ])("a clone %s publishes twice and stays what it was", async (name, args) => {
    await remote.git("config", "uploadpack.allowFilter", "true");
    await (await storeOf(await remote.clone())).persist(() => ({}), "run-0");
    await (await storeOf(await remote.clone())).persist(() => ({}), "run-1");
    const clone = await remote.clone({ args });
    if (name.endsWith("detached")) await clone.git("checkout", "-q", "--detach");
    const shallow = await clone.git("rev-parse", "--is-shallow-repository");
    const { load, publish } = await storeOf(clone);
    expect(await publish(await load(), CHANGE, "run-2")).toMatchObject({ outcome: "accepted" });
    const state = await load();
    expect(state).toMatchObject({ auditHead: { seq: 3 } });
    expect(state).not.toHaveProperty("rewoundFrom");
    expect(await publish(state, {}, "run-3")).toMatchObject({ outcome: "accepted" });
    expect(await clone.git("rev-parse", "--is-shallow-repository")).toBe(shallow);
    const dirty = args.some((arg) => ["--bare", "--mirror"].includes(arg))
      ? ""
      : await clone.git("status", "--porcelain");
    expect(dirty).toBe("");
    expect(await remote.git("rev-list", "--count", "cre/state")).toBe("4");
  });

  test("a clone of one commit still knows a state that moved on by more, and one that was reset", async () => {
    const others = await storeOf(await remote.clone());
    await others.persist(() => ({}), "run-0");
    const kept = await remote.git("rev-parse", "cre/state");
    const clone = await remote.clone({ args: ["--depth=1"] });
    const { load, publish } = await storeOf(clone);
    expect((await load()).auditHead?.seq).toBe(1);
    for (const run of ["run-1", "run-2", "run-3"]) await others.persist(() => ({}), run);
    const state = await load();
    expect(state).toMatchObject({ auditHead: { seq: 4 } });
    expect(state).not.toHaveProperty("rewoundFrom");
    expect(await publish(state, {}, "run-4")).toMatchObject({ outcome: "accepted" });
    await remote.git("update-ref", "refs/heads/cre/state", kept);
    expect(await load()).toHaveProperty("rewoundFrom");
  });

  test("a clone without blobs asks for all of them at once", async () => {
    await remote.git("config", "uploadpack.allowFilter", "true");
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [`registry/service-${at}.yaml`, `kind: Credential # ${at}\n`]),
    );
    await remote.commit({ files });
    const http = await startGitHttpRemote(remote.path);
    try {
      const whole = await storeOf(await remote.clone({ url: http.url, args: ["--no-checkout"] }));
      const part = await storeOf(
        await remote.clone({ url: http.url, args: ["--no-checkout", "--filter=blob:none"] }),
      );
      const requestsOf = async (scenario: typeof part): Promise<number> => {
        const before = http.requests;
        await scenario.load();
        return http.requests - before;
      };
      const most = (await requestsOf(whole)) + 3;
      expect(await requestsOf(part)).toBeLessThanOrEqual(most);
      expect(part.files()).toEqual(whole.files());
    } finally {
      await http.close();
    }
  });

  test("a work tree beside the main one", async () => {
    const clone = await remote.clone();
    const beside = `${remote.root}/beside`;
    await clone.git("worktree", "add", "-q", "--detach", beside);
    const { load, publish } = await storeOf({ ...clone, path: beside });
    expect(await publish(await load(), CHANGE)).toMatchObject({ outcome: "accepted" });
  });

  test("a remote that is not called origin, and a default branch that is not called main", async () => {
    await remote.git("branch", "-m", "main", "trunk");
    const clone = await remote.clone({ args: ["--origin=upstream"] });
    const { load, publish } = await storeOf(clone);
    expect(await publish(await load(), CHANGE)).toMatchObject({ outcome: "accepted" });
  });

  test("two processes of one checkout do not disturb each other", async () => {
    const clone = await remote.clone();
    const stores = await Promise.all(Array.from({ length: 4 }, async () => await storeOf(clone)));
    await Promise.all(stores.map(async ({ persist }, at) => await persist(() => ({}), `run-${at}`)));
    expect(await remote.git("rev-list", "--count", "cre/state")).toBe("4");
  });
});
