import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifyTrail } from "../../core/audit/verify.ts";
import { CreError } from "../../core/model/errors.ts";
import { createScratchRepository, type ScratchRepository } from "../../testing/services/git-remote.ts";
import { NOON, noted, statusOf, storeOf } from "../../testing/services/store-scenario.ts";

const sha256 = (text: string) => hash("sha256", text, "hex");
const DOCUMENTS = {
  "registry/orders.yaml": "apiVersion: cre/v1\nkind: Credential\nmetadata: { name: orders-db }\n",
  "policies/default.yaml": "kind: Policy\nmetadata: { name: default }\n",
  "policies/default.test.yaml": "name: a test of a policy\n",
  "registry/status/README.yaml": "not: ours\n",
  "docs/notes.yaml": "kind: Policy\nmetadata: { name: elsewhere }\n",
};

let remote: ScratchRepository;
beforeEach(async () => {
  remote = await createScratchRepository(DOCUMENTS);
});
afterEach(async () => {
  await remote.dispose();
});

describe("documents", () => {
  test("come from the remote's tip, never from the work tree, and only those of people", async () => {
    const clone = await remote.clone();
    const { store, files } = await storeOf(clone);
    await clone.commit({ files: { "registry/local.yaml": "kind: Credential\n" } });
    const pushed = await remote.commit({ files: { "registry/new.yaml": "kind: Credential\n" } });
    const inputs = await store.fetchInputs(AbortSignal.timeout(20_000));
    expect(inputs).toMatchObject({ commit: pushed, uncommitted: false, count: 3 });
    expect(files().map(({ path }) => path)).toEqual([
      "policies/default.yaml",
      "registry/new.yaml",
      "registry/orders.yaml",
    ]);
    expect(files().at(-1)).toMatchObject({ blob: expect.stringMatching(/^[0-9a-f]{40}$/) as string });
  });

  test("a link is told as one and not followed", async () => {
    const clone = await remote.clone();
    await clone.git("config", "core.symlinks", "true");
    const blob = await clone.git("hash-object", "-w", "policies/default.yaml");
    await clone.git("update-index", "--add", "--cacheinfo", `120000,${blob},registry/link.yaml`);
    await clone.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "link");
    await clone.git("push", "-q", "origin", "HEAD:main");
    const { store, files } = await storeOf(clone);
    await store.fetchInputs(AbortSignal.timeout(20_000));
    expect(files().find(({ symlink }) => symlink === true)?.path).toBe("registry/link.yaml");
  });

  test("are read once as long as they stay the same", async () => {
    const { store } = await storeOf(await remote.clone());
    const first = await store.fetchInputs(AbortSignal.timeout(20_000));
    const commit = await remote.commit({ files: { "docs/more.md": "x" } });
    const second = await store.fetchInputs(AbortSignal.timeout(20_000));
    expect(second.commit).toBe(commit);
    expect(second.documents).toBe(first.documents);
  });

  test("settings that cannot be read hide where the records are, so that none are begun anew", async () => {
    await remote.commit({
      files: { "policies/settings.yaml": "kind: Settings\nspec: { state: nothing }\n" },
    });
    const { store } = await storeOf(await remote.clone());
    const signal = AbortSignal.timeout(20_000);
    const inputs = await store.fetchInputs(signal);
    const problem = { file: "policies/settings.yaml", line: 1, column: 1, code: "c", message: "m", fix: "f" };
    const documents = { ...inputs.documents, settings: undefined };
    const broken = { ...inputs, documents, problems: [problem] };
    await expect(store.fetchState(broken, signal)).rejects.toMatchObject({ code: "settings-unreadable" });
    await remote.git("branch", "cre/state", "main");
    expect((await store.fetchState(broken, signal)).branch).toBe("cre/state");
  });

  test("a remote without a commit says so", async () => {
    const empty = await createScratchRepository();
    try {
      const { store } = await storeOf(await empty.clone());
      await expect(store.fetchInputs(AbortSignal.timeout(20_000))).rejects.toMatchObject({
        code: "no-default-branch",
      });
    } finally {
      await empty.dispose();
    }
  });

  test("a file of a commit is read by its path, whatever its bytes", async () => {
    const { store } = await storeOf(await remote.clone());
    const commit = await remote.commit({ files: { "certs/a b.pem": "\u0000\u00ff\r\nx" } });
    await store.fetchInputs(AbortSignal.timeout(20_000));
    expect(Buffer.from((await store.readFile(commit, "certs/a b.pem"))!).toString()).toBe(
      "\u0000\u00ff\r\nx",
    );
    expect(await store.readFile(commit, "certs")).toBeUndefined();
    expect(await store.readFile(commit, "certs/none")).toBeUndefined();
  });
});

describe("the first commit of the state branch", () => {
  test("is an orphan that holds just the machine's files, with a subject and trailers for people", async () => {
    const { load, publish } = await storeOf(await remote.clone());
    const base = await load();
    expect(base).toMatchObject({ branch: "cre/state", commit: undefined, auditHead: undefined });
    const outcome = await publish(base, {
      statuses: new Map([["orders-db", statusOf("orders-db")]]),
      subject: "rotate orders-db: new password\nRun: forged",
      trailers: [
        { key: "Credential", value: "orders-db" },
        { key: "Step", value: "issue" },
      ],
    });
    expect(outcome).toMatchObject({ outcome: "accepted" });
    const entries = outcome.outcome === "accepted" ? outcome.entries : [];
    expect(await remote.git("log", "--format=%P|%an|%s|%(trailers:unfold,separator=%x2C)", "cre/state")).toBe(
      `|credential-rotation-enforcer|rotate orders-db: new password Run: forged|Run: run-1,Audit-Head: ${entries[0]!.hash},Credential: orders-db,Step: issue`,
    );
    expect((await remote.git("ls-tree", "-r", "--name-only", "cre/state")).split("\n")).toEqual([
      "audit/2026/11/000000000001-run-1.jsonl",
      "registry/status/orders/orders-db.json",
    ]);
    expect(await remote.git("show", "cre/state:registry/status/orders/orders-db.json")).toBe(
      '{\n  "credential": "orders-db",\n  "epoch": 0,\n  "schemaVersion": 1,\n  "service": "orders",\n  "versions": []\n}',
    );
  });

  test("of two runs that both found no branch, one makes it and the other is told", async () => {
    const [one, two] = [await storeOf(await remote.clone()), await storeOf(await remote.clone())];
    const [first, second] = [await one.load(), await two.load()];
    const outcomes = await Promise.all([one.publish(first, {}, "run-1"), two.publish(second, {}, "run-2")]);
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(["accepted", "rejected"]);
    expect(await remote.git("rev-list", "--count", "cre/state")).toBe("1");
  });
});

describe("publishing", () => {
  test("reads back what it wrote, also from another clone", async () => {
    const writer = await storeOf(await remote.clone());
    const person = { schemaVersion: 1 as const, at: NOON, by: "alice", reason: "leak" };
    await writer.publish(await writer.load(), {
      statuses: new Map([["orders-db", statusOf("orders-db", { epoch: 3 })]]),
      incidents: new Map([["orders-db-x", { ...person, id: "orders-db-x", credential: "orders-db" }]]),
      holds: new Map([["all-x", { ...person, id: "all-x", all: true, until: NOON }]]),
      requests: new Map([
        ["orders-db-y", { ...person, id: "orders-db-y", verb: "retry", credential: "orders-db" }],
      ]),
    });
    const state = await (await storeOf(await remote.clone())).load();
    expect([...state.statuses.values()]).toEqual([statusOf("orders-db", { epoch: 3 })]);
    expect([...state.incidents.keys(), ...state.holds.keys(), ...state.requests.keys()]).toEqual([
      "orders-db-x",
      "all-x",
      "orders-db-y",
    ]);
    expect(state.auditHead).toMatchObject({ seq: 1, time: NOON });
    expect(state).not.toHaveProperty("unreadable");
  });

  test("deletes consumed requests and records that moved, and changes nothing else", async () => {
    const { load, publish } = await storeOf(await remote.clone());
    const statuses = new Map(["a", "b", "c"].map((name) => [name, statusOf(name)]));
    const request = {
      schemaVersion: 1 as const,
      id: "a-y",
      at: NOON,
      by: "alice",
      reason: "x",
      verb: "retry" as const,
      credential: "a",
    };
    await publish(await load(), { statuses, requests: new Map([["a-y", request]]) });
    await publish(await load(), {
      statuses: new Map([["a2", statusOf("a2")]]),
      staleStatuses: [{ service: "orders", credential: "a" }],
      requests: new Map([["a-y", null]]),
    });
    const state = await load();
    expect([...state.statuses.keys()]).toEqual(["a2", "b", "c"]);
    expect(state.requests.size).toBe(0);
    expect(state.auditHead?.seq).toBe(2);
  });

  test("leaves work tree, index, HEAD, hooks and branches of the clone alone", async () => {
    const clone = await remote.clone();
    await clone.git("config", "user.name", "somebody");
    await clone.git("config", "core.hooksPath", "/nonexistent-hooks");
    await clone.commit({ files: { "registry/mine.yaml": "x: 1\n" } });
    const before = await clone.git("for-each-ref", "refs/heads", "refs/tags");
    const { load, publish } = await storeOf(clone);
    await publish(await load(), {});
    expect(await clone.git("status", "--porcelain")).toBe("");
    expect(await clone.git("symbolic-ref", "HEAD")).toBe("refs/heads/main");
    expect(await clone.git("for-each-ref", "refs/heads", "refs/tags")).toBe(before);
    expect(await clone.git("for-each-ref", "refs/cre/draft")).toBe("");
    expect(await clone.git("rev-parse", "refs/remotes/origin/cre/state")).toBe(
      await remote.git("rev-parse", "cre/state"),
    );
  });

  test("a hook of the remote that refuses is told in its own words, without passwords", async () => {
    const { load, publish } = await storeOf(await remote.clone());
    const base = await load();
    const { chmod, writeFile } = await import("node:fs/promises");
    const hook = `${remote.path}/hooks/pre-receive`;
    await writeFile(
      hook,
      "#!/bin/sh\necho 'state is frozen, see https://bob:hunter2@wiki.example/freeze' >&2\nexit 1\n",
    );
    await chmod(hook, 0o755);
    const error = await publish(base, {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CreError);
    expect(error).toMatchObject({
      code: "push-refused",
      evidence: expect.stringContaining("state is frozen, see https://wiki.example/freeze") as string,
    });
    expect(await remote.git("for-each-ref", "refs/heads/cre")).toBe("");
  });

  test("an author of one's own is taken from the surroundings", async () => {
    const clone = await remote.clone({
      env: { GIT_AUTHOR_NAME: "rota\nbot", GIT_AUTHOR_EMAIL: "<rota@example.com>" },
    });
    const { load, publish } = await storeOf(clone);
    await publish(await load(), {});
    expect(await remote.git("log", "-1", "--format=%an <%ae> %cn", "cre/state")).toBe(
      "rotabot <rota@example.com> credential-rotation-enforcer",
    );
  });

  test("a branch that was moved in between rejects the commit and keeps nothing of it", async () => {
    const [one, two] = [await storeOf(await remote.clone()), await storeOf(await remote.clone())];
    await one.publish(await one.load(), {});
    const stale = await two.load();
    await one.publish(await one.load(), {}, "run-2");
    expect(await two.publish(stale, { statuses: new Map([["x", statusOf("x")]]) }, "run-3")).toEqual({
      outcome: "rejected",
    });
    const state = await two.load();
    expect(state.statuses.size).toBe(0);
    expect(state.auditHead?.seq).toBe(2);
  });
});

test("of 16 runs that publish at once exactly one wins, and under people's pushes none is lost", {
  timeout: 180_000,
}, async () => {
  const runs = await Promise.all(
    Array.from({ length: 16 }, async () => await storeOf(await remote.clone({ args: ["--shared"] }))),
  );
  await runs[0]!.persist(() => ({}), "run-first");
  const base = await Promise.all(runs.map(async ({ load }) => await load()));
  const round = await Promise.all(
    runs.map(async ({ publish }, at) => await publish(base[at]!, {}, `round-${at}`)),
  );
  expect(round.filter(({ outcome }) => outcome === "accepted")).toHaveLength(1);

  // As the runner does it: each of five counts one up until that is accepted, while people push documents.
  const few = runs.slice(0, 5);
  const done = new AbortController();
  const people = (async () => {
    for (let edit = 0; !done.signal.aborted; edit++) {
      await remote.commit({ files: { "registry/orders.yaml": `kind: Credential\nedit: ${edit}\n` } });
    }
  })();
  const rejections = await Promise.all(
    few.map(
      async ({ persist }, at) =>
        await persist((state) => {
          const epoch = (state.statuses.get("counter")?.epoch ?? 0) + 1;
          return { statuses: new Map([["counter", statusOf("counter", { epoch })]]), events: [noted()] };
        }, `run-${at}`),
    ),
  );
  done.abort();
  await people;

  const { load, store } = runs[0]!;
  const state = await load();
  expect(state.statuses.get("counter")?.epoch).toBe(few.length);
  expect(rejections.some((count) => count > 0)).toBe(true);
  const verdict = verifyTrail(await store.readAudit(state.commit), sha256, state.auditHead!.hash);
  expect(verdict).toMatchObject({ ok: true, entries: few.length + 2 });
  expect(await remote.git("rev-list", "--merges", "--count", "cre/state")).toBe("0");
  expect(await remote.git("rev-list", "--count", "cre/state")).toBe(String(few.length + 2));
});
