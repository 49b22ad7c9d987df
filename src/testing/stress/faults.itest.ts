import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeProofTable } from "../proof/proof-table.ts";
import { startPostgres, type TestPostgres } from "../services/postgresql.ts";
import { type CloneOutcome, runsFrom } from "./clone-kinds.ts";
import {
  type DiskOutcome,
  fullClone,
  fullRemote,
  fullTarget,
  fullWhilePushing,
  limitedFiles,
} from "./disk-faults.ts";
import { WHOLE_LIFE } from "./life.ts";
import { always, firstTries, lifeThrough, type Outcome } from "./remote-faults.ts";
import type { Said } from "./runner-process.ts";
import { findSmallDisk } from "./small-disk.ts";

/** Case, where it struck, what came of it. */
const rows: [string, string, string][] = [];
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres({ settings: { max_connections: "200" } });
});
afterAll(async () => {
  await postgres.stop();
  writeProofTable({
    name: "git-faults",
    title: "Remotes that drop, full disks, clones without history",
    summary: `${rows.length} cases, each a whole run with real effects on a real PostgreSQL.`,
    head: ["case", "where", "outcome"],
    rows,
  });
});

/** Commits of a life that nobody disturbs. */
const COMMITS = 10;
/** Pushes of the rotation itself in such a life; those before are of the adoption. */
const ROTATION = [3, 4, 5, 6];

describe.concurrent("a remote that does not answer a push as it should", () => {
  test.each([
    ["accepts and cuts the connection", always("cut")],
    ["accepts and cuts the connection in the middle of its answer", always("half")],
    ["accepts and answers 500", always("late-error")],
    ["cuts the connection before it accepts", firstTries("drop")],
    ["answers 500 before it accepts", firstTries("error")],
  ] as const)("%s: no effect happens twice and no commit is made twice", async (name, push) => {
    const life = await lifeThrough(postgres, { push });
    expect(life).toMatchObject({ commits: COMMITS, exits: [0, 0, 0, 0], rotation: "done", failedLogins: 0 });
    expect(life.effects.at(-1)).toEqual(WHOLE_LIFE);
    // git itself sends a push again whose connection was cut before any answer.
    expect(life.disturbed).toBeGreaterThanOrEqual(COMMITS);
    rows.push([`remote ${name}`, "every push of a life", told(life)]);
  });

  test.each([
    ["accepts and never answers", "late-hang", ROTATION],
    ["never answers and accepts nothing", "hang", [3, 5, 7, 9]],
  ] as const)("%s: the time limit ends the wait, then the same holds", async (name, fault, pushes) => {
    const life = await lifeThrough(postgres, {
      push: (push) => (pushes.some((at) => at === push) ? fault : undefined),
      networkTimeout: 3_000,
    });
    expect(life).toMatchObject({ commits: COMMITS, exits: [0, 0, 0, 0], rotation: "done", failedLogins: 0 });
    expect(life.effects.at(-1)).toEqual(WHOLE_LIFE);
    expect(life.disturbed).toBe(pushes.length);
    rows.push([`remote ${name}`, "every push of the rotation", told(life)]);
  });
});

describe.concurrent.each([
  ["accepts nothing any more", false],
  ["accepts one more push and is gone", true],
])("a remote that %s", (name, accepts) => {
  // What the run could still do: nothing but the effects whose intents had been acknowledged before.
  test.each([
    [3, { adopt: 2 }],
    [4, { adopt: 2, issue: 1 }],
    [5, { adopt: 2, issue: 1, stage: 1 }],
    [6, { adopt: 2, issue: 1, stage: 1, promote: 1 }],
  ])("from push %i on ends the run before the next effect, and a later run goes on", async (at, done) => {
    const gone = { push: () => undefined, downAfter: at };
    const mute = {
      push: (push: number, run: number) => (run === 1 && push >= at ? "drop" : undefined),
    } as const;
    const life = await lifeThrough(postgres, { ...(accepts ? gone : mute), hours: [0, 1, 2] });
    expect(life.effects[1]).toEqual(done);
    expect(life).toMatchObject({ exits: [0, "push-failed", 0], promoted: 1, failedLogins: 0 });
    rows.push([`remote ${name}`, `from push ${at} of a life on`, told(life)]);
  });
});

const way = findSmallDisk(tmpdir());
if (way === undefined) {
  process.stderr.write("This machine mounts no disk for us: full disks are not tested.\n");
}

describe.skipIf(way === undefined).concurrent("a full disk of the runner (needs a mount of its own)", () => {
  const disk = way ?? [];

  test.each([
    ["before it fetches", "fetch", []],
    ["before it writes its first commit", 1, []],
    ["before it writes the commit after an effect", 2, ["issue"]],
    ["before it writes the last commit", 4, ["issue", "stage", "promote"]],
  ] as const)(
    "that is full %s: nothing without an acknowledged intent, nothing corrupt",
    async (name, from, done) => {
      const outcome = await fullClone(postgres, disk, from);
      expect(failureIn(outcome.full)).toMatchObject({
        code: "disk-full",
        text: expect.stringContaining("free some space"),
      });
      expect(effectsIn(outcome.full)).toEqual(done);
      expect(outcome).toMatchObject({ damage: [], rotated: true, failedLogins: 0 });
      rows.push([`the runner's disk is full ${name}`, "clone", toldOf(outcome)]);
    },
  );

  test("that fills up while a push is under way: what was acknowledged is done, then it stops", async () => {
    const outcome = await fullWhilePushing(postgres, disk, 1);
    expect(failureIn(outcome.full)).toMatchObject({ code: "disk-full" });
    expect(effectsIn(outcome.full)).toEqual(["issue"]);
    expect(outcome).toMatchObject({ damage: [], rotated: true, failedLogins: 0 });
    rows.push(["the runner's disk fills up while it pushes", "clone", toldOf(outcome)]);
  });

  test.each([
    ["the first intent", 1, []],
    ["the result of an effect", 2, ["issue"]],
  ] as const)(
    "of the remote, when %s is pushed: the effect after it does not start",
    async (name, from, done) => {
      const outcome = await fullRemote(postgres, disk, from);
      expect(failureIn(outcome.full)).toMatchObject({ code: "remote-full" });
      expect(effectsIn(outcome.full)).toEqual(done);
      expect(outcome).toMatchObject({ damage: [], rotated: true, failedLogins: 0 });
      rows.push([`the remote's disk is full when ${name} is pushed`, "remote", toldOf(outcome)]);
    },
  );

  test.each(["stage", "promote"] as const)(
    "of an env file, at %s: the old file stays whole",
    async (step) => {
      const outcome = await fullTarget(postgres, disk, step);
      expect(outcome).toMatchObject({
        untouched: true,
        rotated: true,
        failedLogins: 0,
        names: "orders.env\n",
      });
      expect(JSON.stringify(outcome.full)).toContain("Fix: free space on its disk");
      rows.push([`the env file's disk is full at ${step}`, "target", toldOf(outcome)]);
    },
  );
});

test("a limit on the size of files stops git before anything is touched", async () => {
  const outcome = await limitedFiles(postgres);
  expect(failureIn(outcome.full)?.text).toContain("ulimit -f");
  expect(effectsIn(outcome.full)).toEqual([]);
  expect(outcome).toMatchObject({ rotated: true, failedLogins: 0 });
  rows.push(["no file may be larger than a kilobyte", "clone", toldOf(outcome)]);
});

describe.concurrent("clones as continuous integration makes them", () => {
  const whole = new Promise<CloneOutcome>((done, failed) => {
    beforeAll(() => void runsFrom(postgres, []).then(done, failed));
  });

  test.each([
    ["of one commit", ["--depth=1"]],
    ["of one commit of every branch", ["--depth=1", "--no-single-branch"]],
    ["of a single branch", ["--single-branch"]],
    ["without the contents of files", ["--filter=blob:none"]],
  ])("%s come to the same as whole ones, people's changes and their authors included", async (name, args) => {
    const [expected, outcome] = await Promise.all([whole, runsFrom(postgres, args)]);
    expect(expected).toMatchObject({ exits: [0, 0], verified: ["The chain is whole"] });
    const { exits, effects, people, verified } = outcome;
    expect({ exits, effects, people }).toEqual({
      exits: expected.exits,
      effects: expected.effects,
      people: expected.people,
    });
    // The run has brought what the verification needs; what a clone without it says is tested where it is refused.
    expect(verified).toEqual(expected.verified);
    const told = `as a whole clone: ${effects.length} effects, ${people.length} changes of people, the chain whole`;
    const requests = `${outcome.requests} requests for a rotation (whole: ${expected.requests})`;
    rows.push([`a clone ${name}`, args.join(" "), `${told}; ${requests}`]);
  });
});

function failureIn(said: readonly Said[]): Extract<Said, { kind: "failed" }> | undefined {
  return said.find((line) => line.kind === "failed");
}

function effectsIn(said: readonly Said[]): string[] {
  return said.flatMap((line) => (line.kind === "effect" ? [line.call] : []));
}

function toldOf({ full, next }: DiskOutcome): string {
  const failure = failureIn(full);
  const first = failure?.text.split("\n")[0] ?? "the credential waits for its backoff, the run goes on";
  const before = effectsIn(full).join(", ") || "none";
  return `${first}; effects before: ${before}; the next run: ${effectsIn(next).join(", ")}`;
}

function told({ commits, disturbed, pushes, effects, milliseconds }: Outcome): string {
  const tried = Object.entries(effects.at(-1) ?? {}).map(([effect, times]) => `${effect} ${times}`);
  return `rotated; ${commits} commits by ${pushes} pushes, ${disturbed} disturbed; ${tried.join(", ")}; ${milliseconds} ms`;
}
