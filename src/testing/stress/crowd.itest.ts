import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../runner/run.ts";
import { CliSession } from "../cli/session.ts";
import { writeProofTable } from "../proof/proof-table.ts";
import { startPostgres, type TestPostgres } from "../services/postgresql.ts";
import { type Crowd, gatherCrowd } from "./crowd.ts";
import { type Member, member, SETTINGS_FILE, settings } from "./crowd-documents.ts";
import { type Cast, command, fateOf, isStopped, keepPushing, RENAMED, startRunners } from "./crowd-story.ts";
import {
  bends,
  lockedOut,
  lostCommits,
  peopleInTrail,
  promotedBy,
  pushesOf,
  readRecord,
} from "./crowd-verdict.ts";
import { Person } from "./people.ts";
import type { RunnerProcess } from "./runner-process.ts";

const RUNNERS = 32;
const MORE_RUNNERS = 4;
const CREDENTIALS = 28;
const NEWCOMERS = 3;
/** Of the credentials, those that are delivered by an env file. */
const ENV_FILES = 4;
/** Held by a person, then compromised, which no hold holds back. */
const BURNT = "svc-20-db";
/** Longer than a lease with the delay after which it may be taken over. */
const LEASE_OVER = 20 * 60;
const HOUR = 3600;

let postgres: TestPostgres;
let crowd: Crowd | undefined;
let runners: RunnerProcess[] = [];
beforeEach(async () => {
  postgres = await startPostgres({ settings: { max_connections: "400" } });
});
afterEach(async () => {
  for (const { child } of runners) child.kill("SIGKILL");
  await crowd?.dispose();
  crowd = undefined;
  await postgres.stop();
});

test("32 runners at once, some killed and some stopped past their leases, under people who push every second: every rotation once, no commit lost, no person's change lost, the chain whole", {
  timeout: 900_000,
}, async () => {
  const began = performance.now();
  const registered = Array.from({ length: CREDENTIALS }, (_, index) => index);
  let members: readonly Member[] = [];
  const here = await gatherCrowd(postgres, "env", (folder) => {
    const of = (index: number) =>
      member(index, index >= CREDENTIALS - ENV_FILES ? `${folder}/svc-${index}.env` : undefined);
    const others = Array.from({ length: NEWCOMERS }, (_, index) => member(CREDENTIALS + index));
    members = [...registered.map(of), ...others];
    return { registered: members.slice(0, CREDENTIALS), others };
  });
  crowd = here;
  const runHere = async () => run(await here.ports(), {}, new AbortController().signal);
  await runHere();
  const person = async (name: string) => Person.in(await here.repository.clone({ url: here.http.url }), name);
  const cast: Cast = {
    alice: await person("alice"),
    bob: await person("bob"),
    registered: members.slice(0, CREDENTIALS),
    others: members.slice(CREDENTIALS),
  };
  await cast.alice.push("Fewer at once", { files: { [SETTINGS_FILE]: settings(here.folder, 5) } });
  await command(here, "hold", BURNT);

  let working = true;
  const pushing = keepPushing(cast, here, () => working);
  const names = cast.registered.map(({ name }) => name);
  runners = await startRunners(here, names, RUNNERS, fateOf);
  const alive = runners.filter(({ child }) => child.exitCode === null).length;
  await command(here, "compromise", BURNT);
  await Promise.all(runners.map(atRest));
  const stopped = runners.filter(isStopped);
  const killed = runners.filter(({ child }) => child.signalCode === "SIGKILL");
  here.advance(LEASE_OVER);
  runners = [...runners, ...(await startRunners(here, names, MORE_RUNNERS, () => undefined))];
  for (const { child } of stopped) child.kill("SIGCONT");
  await Promise.all(runners.map(async ({ ended }) => ended));
  working = false;
  await pushing;
  const seconds = Math.round((performance.now() - began) / 1000);
  // What waits for the end of the hold, or for a backoff, has its turn.
  for (let calm = 0; calm < 6; calm += 1) {
    here.advance(2 * HOUR);
    await runHere();
  }

  const record = await readRecord(here);
  const namesOf = (each: Member): string[] => [each.name, ...(renamed.get(each.name) ?? "").split(" ")];
  const renamed = new Map([[cast.registered[RENAMED.index]?.name ?? "", RENAMED.to]]);
  const counted = members.map((each) => ({
    name: each.name,
    trail: promotedBy(record, namesOf(each)).length,
    consumer:
      each.envFile === undefined
        ? [...here.promotions].filter((line) => namesOf(each).includes(line.split(" ")[0] ?? "")).length
        : 1,
  }));
  expect(counted.filter(({ trail, consumer }) => trail !== 1 || consumer !== 1)).toEqual([]);
  expect(await lockedOut(postgres, here, members, renamed)).toEqual([]);
  expect(record.statuses.map(({ credential }) => credential)).toContain(RENAMED.to);
  expect(
    record.statuses.filter(({ rotation }) => rotation?.outcome === "parked" || rotation?.lease !== undefined),
  ).toEqual([]);

  const { accepted, rejected, mostInARow } = pushesOf(runners);
  expect(await lostCommits(here, "cre/state", accepted)).toEqual([]);
  const people = [cast.alice, cast.bob];
  expect(
    await lostCommits(
      here,
      "main",
      people.flatMap(({ commits }) => commits.map(({ commit }) => commit)),
    ),
  ).toEqual([]);
  expect(peopleInTrail(record, people)).toEqual({ twice: [], missing: [] });
  expect(await bends(here)).toBe("");
  await here.repository.git("fsck", "--strict", "--no-dangling");
  const audited = await here.repository.clone({ url: here.http.url });
  const verified = await new CliSession(audited.path, here.env).run(["audit", "verify"], { now: here.now() });
  expect(verified).toMatchObject({
    code: 0,
    err: "",
    out: expect.stringContaining("The chain is whole") as string,
  });
  expect(await locksIn(here.repository.root)).toBe("");
  expect(runners.flatMap(({ said }) => said.filter(({ kind }) => kind === "failed"))).toEqual([]);

  expect(killed.length).toBeGreaterThan(1);
  expect(stopped.length).toBeGreaterThan(1);
  expect(alive).toBe(RUNNERS);
  const commits = Number(await here.repository.git("rev-list", "--count", "cre/state"));
  writeProofTable({
    name: "git-stress",
    title: "A crowd of runners and people on one HTTP remote",
    summary: `${runners.length} runner processes, ${RUNNERS} of them at once, rotated ${members.length} credentials in ${seconds} s: every one exactly once, no commit lost, no person's change lost, the chain whole.`,
    head: ["thrown at it", "how often", "found"],
    rows: [
      ["runner processes", runners.length, `none of them failed; ${members.length} rotations, each once`],
      [
        "killed with SIGKILL in the middle of a run",
        killed.length,
        "gone on with by others; no secret lost, nobody locked out",
      ],
      ["stopped until the lease was over, then let go on", stopped.length, "no effect twice"],
      [
        "pushes of runners that were accepted",
        accepted.length,
        `all in the branch, which has ${commits} commits in one line`,
      ],
      [
        "pushes of runners that were rejected",
        rejected,
        `at most ${mostInARow} in a row, then accepted or told by others`,
      ],
      [
        "commits of people",
        people.reduce((sum, { commits: theirs }) => sum + theirs.length, 0),
        "all in main; each change of a document once in the trail",
      ],
      [
        "their pushes that were rejected",
        cast.alice.rejected + cast.bob.rejected,
        "accepted after pull --rebase",
      ],
      ["a hold, then an incident, from a clone of a person", 1, "the emergency went ahead of the hold"],
      ["requests that the remote served", here.http.requests, "git fsck clean, no lock left"],
    ],
  });
});

/** Until it has ended, or stopped itself. */
async function atRest(runner: RunnerProcess): Promise<void> {
  const { child } = runner;
  while (child.exitCode === null && child.signalCode === null && !isStopped(runner)) await sleep(50);
}

async function locksIn(root: string): Promise<string> {
  const { stdout } = await promisify(execFile)("find", [root, "-name", "*.lock"]);
  return stdout;
}
