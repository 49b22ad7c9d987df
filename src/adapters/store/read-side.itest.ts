import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CreError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import {
  createLocalRepository,
  createScratchRepository,
  type ScratchClone,
  type ScratchRepository,
} from "../../testing/services/git-remote.ts";
import { noted, statusOf, storeOf } from "../../testing/services/store-scenario.ts";
import { openReadSide, type ReadSide } from "./read-side.ts";

const at = (day: number) => `2026-11-0${day}T00:00:00Z` as Instant;

let remote: ScratchRepository;
let commits: string[];
beforeEach(async () => {
  remote = await createScratchRepository({ "registry/a.yaml": "kind: Credential\n" }, at(1));
  commits = [
    await remote.git("rev-parse", "main"),
    await remote.commit({ files: { "registry/b.yaml": "x: 1\n" }, at: at(5) }),
  ];
});
afterEach(async () => {
  await remote.dispose();
});

async function sideOf(clone: ScratchClone): Promise<ReadSide> {
  return await openReadSide({ repo: clone.path, env: clone.env, networkTimeout: 5_000 });
}

/** State commits on the third and the seventh. */
async function recordTwice(): Promise<string[]> {
  const { store, load } = await storeOf(await remote.clone());
  const made: string[] = [];
  for (const day of [3, 7]) {
    const change = {
      statuses: new Map([["a", statusOf("a", { epoch: day })]]),
      events: [noted({ time: at(day) })],
      subject: "run",
      trailers: [],
    };
    const outcome = await store.publish(
      await load(),
      change,
      { run: `run-${day}`, actor: "x" },
      at(day),
      AbortSignal.timeout(20_000),
    );
    made.push(outcome.outcome === "accepted" ? outcome.commit : "");
  }
  return made;
}

describe("the records", () => {
  test("come from the remote-tracking branch, without a fetch", async () => {
    await recordTwice();
    const clone = await remote.clone();
    await remote.git("update-ref", "refs/heads/cre/state", "cre/state~1");
    const state = await (await sideOf(clone)).readState(undefined);
    expect(state.statuses.get("a")?.epoch).toBe(7);
    expect(await clone.git("for-each-ref", "refs/cre")).toBe("");
  });

  test("are none when neither this clone nor the remote has them", async () => {
    const state = await (await sideOf(await remote.clone())).readState(undefined);
    expect(state).toMatchObject({ branch: "cre/state", commit: undefined });
  });

  test("that only the remote has are not guessed: the command that fetches them is told, and it works", async () => {
    await recordTwice();
    const clone = await remote.clone({ args: ["--single-branch"] });
    const side = await sideOf(clone);
    const fix = "run: git fetch origin +refs/heads/cre/state:refs/remotes/origin/cre/state";
    await expect(side.readState(undefined)).rejects.toMatchObject({ code: "state-not-fetched", fix });
    await clone.git(...fix.split(" ").slice(2));
    expect((await side.readState(undefined)).statuses.size).toBe(1);
  });

  test("cannot be known when the remote does not answer", async () => {
    const clone = await remote.clone();
    await rm(remote.path, { recursive: true });
    await expect((await sideOf(clone)).readState(undefined)).rejects.toMatchObject({ code: "state-unknown" });
  });

  test("of a repository without a remote are on its own branch", async () => {
    const local = await createLocalRepository({ "registry/a.yaml": "x: 1\n" });
    try {
      const side = await sideOf(local);
      expect((await side.readState(undefined)).commit).toBeUndefined();
      const { persist } = await storeOf(local);
      await persist(() => ({ statuses: new Map([["a", statusOf("a")]]) }));
      expect((await side.readState(undefined)).statuses.size).toBe(1);
      expect((await side.readState("same")).commit).toBe(await local.git("rev-parse", "main"));
    } finally {
      await local.dispose();
    }
  });
});

describe("as of", () => {
  test("an instant takes on each branch the last commit at or before it", async () => {
    const made = await recordTwice();
    const side = await sideOf(await remote.clone());
    const expected: readonly (readonly [string, number, number | undefined])[] = [
      ["2026-11-01T00:00:00Z", 0, undefined],
      ["2026-11-02T23:59:59Z", 0, undefined],
      ["2026-11-03T00:00:00Z", 0, 0],
      ["2026-11-04T23:59:59Z", 0, 0],
      ["2026-11-05T00:00:00Z", 1, 0],
      ["2026-11-07T00:00:00Z", 1, 1],
      ["2030-01-01T00:00:00Z", 1, 1],
    ];
    for (const [instant, documents, state] of expected) {
      const then = { documents: commits[documents], state: state === undefined ? undefined : made[state] };
      expect(await side.resolveAsOf(instant, undefined)).toEqual({ instant, ...then });
    }
    expect((await side.resolveAsOf("2026-11-05", undefined)).instant).toBe("2026-11-05T00:00:00Z");
  });

  test("a commit of either branch stands for itself and for its time on the other", async () => {
    const made = await recordTwice();
    const side = await sideOf(await remote.clone());
    expect(await side.resolveAsOf(commits[1]!, undefined)).toEqual({
      instant: at(5),
      documents: commits[1],
      state: made[0],
    });
    expect(await side.resolveAsOf(made[1]!, undefined)).toEqual({
      instant: at(7),
      documents: commits[1],
      state: made[1],
    });
    expect(await side.resolveAsOf(made[0]!, undefined)).toEqual({
      instant: at(3),
      documents: commits[0],
      state: made[0],
    });
    expect((await side.readState(undefined, { commit: made[0] })).statuses.get("a")?.epoch).toBe(3);
  });

  test("a time before the first document, nonsense, and a shallow clone are refused with what to do", async () => {
    const side = await sideOf(await remote.clone());
    await expect(side.resolveAsOf("2026-10-31", undefined)).rejects.toMatchObject({ code: "as-of" });
    await expect(side.resolveAsOf("--all", undefined)).rejects.toMatchObject({ code: "as-of" });
    const shallow = await sideOf(await remote.clone({ args: ["--depth=1"] }));
    await expect(shallow.resolveAsOf("2026-11-02", undefined)).rejects.toMatchObject({ code: "shallow" });
  });
});

test("a clone that lacks older commits of the state branch cannot say what they recorded, and says how to get them", async () => {
  await recordTwice();
  const shallow = await remote.clone({ args: ["--depth=1", "--no-single-branch"] });
  const side = await sideOf(shallow);
  const failure = await side.recordedHeads(await side.readState(undefined)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "shallow" });
  const command = /git (fetch .*)$/.exec((failure as CreError).fix ?? "")?.[1] ?? "";
  await shallow.git(...command.split(" "));
  const whole = await sideOf(await remote.clone());
  expect(await side.recordedHeads(await side.readState(undefined))).toEqual(
    await whole.recordedHeads(await whole.readState(undefined)),
  );
});

describe("the work tree", () => {
  test("is told apart from HEAD and from the tip", async () => {
    const clone = await remote.clone();
    const side = await sideOf(clone);
    expect(await side.standing()).toEqual({
      head: commits[1],
      tip: commits[1],
      uncommitted: false,
      differsFromTip: false,
    });
    await writeFile(join(clone.path, "notes.txt"), "none of ours");
    expect((await side.standing()).uncommitted).toBe(false);
    await writeFile(join(clone.path, "registry/c.yaml"), "x: 1\n");
    expect((await side.standing()).uncommitted).toBe(true);
    await clone.git("checkout", "-qb", "topic");
    const head = await clone.commit({ files: { "registry/c.yaml": "x: 1\n" } });
    expect(await side.standing()).toEqual({
      head,
      tip: commits[1],
      uncommitted: false,
      differsFromTip: true,
    });
    expect((await side.filesAt(commits[0]!)).map(({ path }) => path)).toEqual(["registry/a.yaml"]);
  });

  test("of a repository without a commit has no head", async () => {
    const empty = await createScratchRepository();
    try {
      const side = await sideOf(await empty.clone());
      expect(await side.standing()).toMatchObject({ head: undefined, tip: undefined });
    } finally {
      await empty.dispose();
    }
  });
});
