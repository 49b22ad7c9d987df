import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifyTrail } from "../../core/audit/verify.ts";
import { createScratchRepository, type ScratchRepository } from "../../testing/services/git-remote.ts";
import { noted, type StoreScenario, statusOf, storeOf } from "../../testing/services/store-scenario.ts";
import { openReadSide } from "./read-side.ts";

const sha256 = (text: string) => hash("sha256", text, "hex");
const SEGMENT = "audit/2026/11/000000000001-run-1.jsonl";

let remote: ScratchRepository;
let runner: StoreScenario;
beforeEach(async () => {
  remote = await createScratchRepository({ "registry/a.yaml": "kind: Credential\nmetadata: { name: a }\n" });
  runner = await storeOf(await remote.clone());
  const statuses = new Map(["a", "b"].map((name) => [name, statusOf(name)]));
  await runner.publish(await runner.load(), { statuses, events: [noted(), noted()] }, "run-1");
});
afterEach(async () => {
  await remote.dispose();
});

/** Somebody who can push to the state branch. */
async function meddle(files: Record<string, string | null>): Promise<void> {
  await remote.commit({ branch: "cre/state", files, author: "mallory" });
}

describe("a file of the machine that cannot be read", () => {
  test.each([
    ["garbage", "registry/status/orders/b.json", "{", "no JSON"],
    ["a newer version's", "registry/status/orders/b.json", '{"schemaVersion":2}', "newer version"],
    [
      "an unknown key",
      "registry/status/orders/b.json",
      JSON.stringify({ ...statusOf("b"), extra: 1 }),
      "not in the form",
    ],
    [
      "another credential's record",
      "registry/status/orders/b.json",
      JSON.stringify(statusOf("a")),
      "record of orders/a",
    ],
    [
      "a second record",
      "registry/status/zeta/b.json",
      JSON.stringify(statusOf("b", { service: "zeta" })),
      "second record",
    ],
  ])("%s stops just its credential, and is never overwritten", async (_, path, content, problem) => {
    await meddle({ [path]: content });
    const state = await runner.load();
    expect([...state.statuses.keys()]).toEqual(["a"]);
    expect(state.unreadable).toEqual([
      { path, credential: "b", problem: expect.stringContaining(problem) as string },
    ]);
    const service = path.split("/")[2]!;
    const rewritten = new Map([["b", statusOf("b", { service })]]);
    await expect(runner.publish(state, { statuses: rewritten })).rejects.toMatchObject({
      code: "state-unreadable",
    });
    await expect(
      runner.publish(state, { statuses: new Map([["a", statusOf("a", { epoch: 1 })]]) }),
    ).resolves.toMatchObject({ outcome: "accepted" });
  });

  test("an incident under another name is told by its path", async () => {
    await meddle({ "incidents/x.json": "{}", "holds/y.json": "[]", "registry/status/_alerts.json": "{}" });
    const state = await runner.load();
    expect(state.unreadable?.map(({ path }) => path)).toEqual([
      "holds/y.json",
      "incidents/x.json",
      "registry/status/_alerts.json",
    ]);
    expect(state.statuses.size).toBe(2);
  });

  test("a link is one, whatever it points to", async () => {
    const person = await remote.clone();
    await person.git("checkout", "-q", "cre/state");
    const blob = await person.git("rev-parse", "HEAD:registry/status/orders/a.json");
    await person.git("update-index", "--cacheinfo", `120000,${blob},registry/status/orders/a.json`);
    await person.git("-c", "user.name=m", "-c", "user.email=m@m", "commit", "-qm", "link");
    await person.git("push", "-q", "origin", "cre/state");
    expect((await runner.load()).unreadable).toMatchObject([{ credential: "a", problem: "a link" }]);
  });
});

describe("the trail", () => {
  test("a damaged end stops every push, since nothing could be chained to it", async () => {
    await meddle({ [SEGMENT]: "{}\n" });
    await expect(runner.load()).rejects.toMatchObject({ code: "audit-unreadable" });
  });

  test("bytes that somebody put into it are found and located", async () => {
    await runner.publish(await runner.load(), { events: [noted(), noted()] }, "run-2");
    const text = await remote.git("show", `cre/state:${SEGMENT}`);
    await meddle({ [SEGMENT]: text.replace("tester", "t\u00ebster") });
    const state = await runner.load();
    const { faults } = verifyTrail(await runner.store.readAudit(state.commit), sha256);
    expect(faults).toMatchObject([
      { code: "edited", path: SEGMENT, line: 1, seq: 1 },
      { code: "not-canonical", path: SEGMENT, line: 2 },
    ]);
  });

  test("entries that a later commit removed are missed by the heads of the commits before it", async () => {
    await runner.publish(await runner.load(), { events: [noted()] }, "run-2");
    await meddle({ "audit/2026/11/000000000003-run-2.jsonl": null });
    const clone = await remote.clone();
    const side = await openReadSide({ repo: clone.path, env: clone.env });
    const state = await side.readState(undefined);
    const segments = await side.readAudit(state);
    expect(verifyTrail(segments, sha256).ok).toBe(true);
    const { faults } = verifyTrail(segments, sha256, undefined, await side.recordedHeads(state));
    expect(faults).toMatchObject([{ code: "head-missing", path: SEGMENT }]);
    expect(faults[0]!.message).toMatch(/^commit [0-9a-f]{12} of 2026-11-23/);
  });

  test("the newest inputs are found however far back they are", async () => {
    const { store } = runner;
    expect(await store.lastInputs(await runner.load())).toBeUndefined();
    await runner.publish(
      await runner.load(),
      { events: [noted({ inputs: "a".repeat(40) }), noted()] },
      "run-2",
    );
    for (let run = 3; run < 9; run++) await runner.publish(await runner.load(), {}, `run-${run}`);
    expect(await store.lastInputs(await runner.load())).toBe("a".repeat(40));
  });
});

describe("a state branch that somebody reset", () => {
  test.each([
    ["to an ancestor", async () => await remote.git("update-ref", "refs/heads/cre/state", "cre/state~2")],
    ["to nothing", async () => await remote.git("update-ref", "-d", "refs/heads/cre/state")],
  ])("%s is noticed by every later run of this clone, which can write nothing", async (_, reset) => {
    await runner.publish(await runner.load(), {}, "run-2");
    await runner.publish(await runner.load(), {}, "run-3");
    const before = await runner.load();
    await reset();
    for (let run = 0; run < 2; run++) {
      const state = await runner.load();
      expect(state.rewoundFrom).toBe(before.commit);
      await expect(runner.publish(state, {})).rejects.toMatchObject({ code: "state-rewound" });
    }
  });

  test("an anchored head that the tip lacks is noticed by a fresh clone, too", async () => {
    await runner.publish(await runner.load(), {}, "run-2");
    const before = await runner.load();
    await remote.git("update-ref", "refs/heads/cre/state", "cre/state~1");
    const fresh = await storeOf(await remote.clone());
    const state = await fresh.load();
    expect(state).not.toHaveProperty("rewoundFrom");
    expect(await fresh.store.containsHead(state, before.auditHead!.hash)).toBe(false);
    expect(await fresh.store.containsHead(state, state.auditHead!.hash)).toBe(true);
  });

  test("history that was rewritten without a loss of entries is no loss", async () => {
    await runner.publish(await runner.load(), {}, "run-2");
    const squashed = await remote.git(
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@b",
      "commit-tree",
      "-m",
      "squashed",
      "cre/state^{tree}",
    );
    await remote.git("update-ref", "refs/heads/cre/state", squashed);
    expect(await runner.publish(await runner.load(), {}, "run-3")).toMatchObject({ outcome: "accepted" });
  });
});
