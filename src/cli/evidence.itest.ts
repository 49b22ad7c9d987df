import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDocuments } from "../adapters/documents/read-documents.ts";
import { openGitStore } from "../adapters/store/git-store.ts";
import type { AuditEvent } from "../core/audit/entry.ts";
import { CliSession, instant } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { csvRecords } from "../testing/report/csv-records.ts";
import {
  createScratchRepository,
  type ScratchClone,
  type ScratchRepository,
} from "../testing/services/git-remote.ts";

const ROTATIONS = ["r1", "r2", "r3", "r4"];

let repository: ScratchRepository;
let clone: ScratchClone;
let cre: CliSession;
beforeAll(async () => {
  repository = await createScratchRepository(SMALL_COMPANY, "2026-01-01T00:00:00Z");
  for (const [at, rotation] of ROTATIONS.entries()) await rotate(rotation, `2026-0${at + 6}-10T12:00:00Z`);
  clone = await repository.clone();
  cre = new CliSession(clone.path, clone.env);
});
afterAll(async () => repository.dispose());

/** What a run records of a rotation, in a segment and a commit of its own. */
async function rotate(rotation: string, time: string): Promise<void> {
  const runner = await repository.clone();
  const store = await openGitStore({ repo: runner.path, env: runner.env, readDocuments });
  const { signal } = new AbortController();
  const inputs = await store.fetchInputs(signal);
  const state = await store.fetchState(inputs, signal);
  const common = { time: instant(time), credential: "orders-db", rotation, inputs: inputs.commit ?? "" };
  const events: AuditEvent[] = [
    { ...common, event: "rotation.opened", detail: { reason: "due", recipe: "alternate" } },
    { ...common, event: "rotation.confirmed", step: "confirm", outcome: "done" },
    { ...common, event: "rotation.closed", detail: { outcome: "done" } },
  ];
  const change = { statuses: new Map(), events, subject: `rotate orders-db: ${rotation}`, trailers: [] };
  const identity = { run: `run-${rotation}`, actor: "scheduler" };
  expect(await store.publish(state, change, identity, instant(time), signal)).toMatchObject({
    outcome: "accepted",
  });
}

async function make(out: string, ...args: readonly string[]) {
  const answer = await cre.run(["evidence", "--period", "2026-06-01..2026-08-31", "--out", out, ...args]);
  return { ...answer, folder: join(clone.path, out) };
}

/** The command lines of a page for auditors. */
function commandsIn(readme: string): readonly string[] {
  const [, block = ""] = /```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  return block.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function shell(line: string, cwd: string): string {
  const env = { ...clone.env, PATH: process.env["PATH"] ?? "", GIT_DIR: join(clone.path, ".git") };
  return execFileSync("sh", ["-c", line], { cwd, env, encoding: "utf8", stdio: "pipe" });
}

test("draws from the population of a period, and every page's commands verify what lies there", async () => {
  const { code, out, folder } = await make("ev", "--population", "rotations", "--sample", "2", "--seed", "7");
  expect(code).toBe(0);
  expect(out).toContain("3 members in the population of rotations");
  const population = csvRecords(readFileSync(join(folder, "population.csv"), "utf8")).map(({ id }) => id);
  expect(population).toEqual(["r1", "r2", "r3"]);
  const drawn = csvRecords(readFileSync(join(folder, "selection.csv"), "utf8")).map(({ id }) => id);
  const byHand = population
    .map((id) => `${shell(`printf '%s' '7:${id}' | sha256sum`, folder).slice(0, 64)} ${id}`)
    .toSorted();
  expect(drawn).toEqual(byHand.slice(0, 2).map((line) => line.slice(65)));
  for (const line of commandsIn(readFileSync(join(folder, "README.md"), "utf8"))) shell(line, folder);
  const items = readdirSync(join(folder, "items"));
  expect(items).toHaveLength(2);
  for (const item of items) {
    const readme = readFileSync(join(folder, "items", item, "README.md"), "utf8");
    const commands = commandsIn(readme);
    expect(commands.some((line) => line.startsWith("git cat-file"))).toBe(true);
    for (const line of commands) {
      const said = shell(line, join(folder, "items", item));
      const [, head = said.trim()] = /# says ([0-9a-f]{64})/.exec(line) ?? [];
      expect(said.trim()).toBe(head);
    }
    expect(readFileSync(join(folder, "items", item, "after/registry/orders.yaml"), "utf8")).toContain(
      "orders-db",
    );
  }
});

test("the same question gives the same bytes", async () => {
  const one = await make("one", "--population", "runs");
  const two = await make("two", "--population", "runs");
  const sums = (folder: string) => readFileSync(join(folder, "SHA256SUMS"), "utf8");
  expect(sums(one.folder)).toBe(sums(two.folder));
  expect(sums(one.folder).match(/\/README\.md$/gm)).toHaveLength(3);
});

test("a changed entry is found by sha256sum alone", async () => {
  const { folder } = await make("tampered", "--population", "rotations");
  const chain = join(folder, "items", readdirSync(join(folder, "items"))[0] ?? "", "chain");
  const file = readdirSync(chain).find((name) => name.endsWith(".json")) ?? "";
  writeFileSync(join(chain, file), readFileSync(join(chain, file), "utf8").replace("scheduler", "somebody"));
  expect(() => shell("sha256sum --quiet -c HASHES", chain)).toThrow("HASHES");
});

test("is never written over, and half of it is never left", async () => {
  await make("kept", "--population", "changes");
  const { code, err } = await make("kept", "--population", "changes");
  expect({ code, refused: err.includes("is not empty") }).toEqual({ code: 2, refused: true });
  const unknown = await make("none", "--population", "changes", "--sample", "0", "--seed", "7");
  expect(unknown.code).toBe(2);
  const seedless = await make("none", "--population", "changes", "--sample", "5");
  expect(seedless.err).toContain("the auditor chooses the seed");
  expect(existsSync(seedless.folder)).toBe(false);
});

test("a population without members says so and has no items", async () => {
  const { code, out, folder } = await make("empty", "--population", "exceptions");
  expect(code).toBe(0);
  expect(out).toMatch(/^\d+ members? in the population of exceptions/);
  expect(existsSync(join(folder, "population.csv"))).toBe(true);
});
