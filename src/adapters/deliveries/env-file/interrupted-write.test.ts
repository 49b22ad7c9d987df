import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EffectError } from "../../../core/model/errors.ts";
import { expectNoCanary } from "../../../testing/suites/delivery-suite.ts";
import { bindEnvFile, watchedFiles } from "../../../testing/suites/env-file-bench.ts";
import { consignmentOf, partsOf, type StagingDelivery } from "../../../testing/suites/sample-consignment.ts";

const { signal } = new AbortController();
const OTHERS = "# of people\r\nA='1'\n";
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-env-crash-"));
  path = join(folder, "db.env");
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

interface Case {
  readonly name: string;
  /** What had happened before the process that dies. */
  prepare(target: StagingDelivery): Promise<void>;
  act(target: StagingDelivery): Promise<void>;
}

const stage = async (target: StagingDelivery, attempt: string) =>
  target.stage(consignmentOf(attempt), partsOf(attempt), signal);
const promote = async (target: StagingDelivery, attempt: string) =>
  target.promote(consignmentOf(attempt), signal);

async function useFirst(target: StagingDelivery): Promise<void> {
  await writeFile(path, OTHERS);
  await stage(target, "a1");
  await promote(target, "a1");
}

const CASES: readonly Case[] = [
  { name: "the first stage", prepare: async () => undefined, act: async (target) => stage(target, "a1") },
  {
    name: "the first promote, which makes the file",
    prepare: async (target) => stage(target, "a1"),
    act: async (target) => promote(target, "a1"),
  },
  {
    name: "a stage in place of an older one",
    prepare: async (target) => {
      await useFirst(target);
      await stage(target, "a2");
    },
    act: async (target) => stage(target, "a3"),
  },
  {
    name: "a promote in place of the current one",
    prepare: async (target) => {
      await useFirst(target);
      await stage(target, "a2");
    },
    act: async (target) => promote(target, "a2"),
  },
  {
    name: "an abort",
    prepare: async (target) => {
      await useFirst(target);
      await stage(target, "a2");
    },
    act: async (target) => target.abort(consignmentOf("a2"), signal),
  },
];

/** Everything that is in the folder and in use, by name. */
async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.includes(".cre-new-"));
  const pairs = names.map(async (name) => [name, await readFile(join(folder, name), "latin1")] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

async function outcomeOf(effect: Promise<void>): Promise<unknown> {
  return effect.then(
    () => "done",
    (error: unknown) => error,
  );
}

/** Runs a case with something at one operation; resolves to undefined when it has fewer. */
async function runCase(
  about: Case,
  hooks: (operation: number) => { before?: () => void; after?: () => void },
): Promise<{
  outcome: unknown;
  before: Record<string, string>;
  after: Record<string, string>;
  reached: boolean;
}> {
  const plain = await bindEnvFile(path, folder);
  await about.prepare(plain);
  const before = await contents();
  let reached = false;
  const run = (hook: (() => void) | undefined) => {
    if (hook === undefined) return;
    reached = true;
    hook();
  };
  const files = watchedFiles(
    (operation) => run(hooks(operation).before),
    (operation) => run(hooks(operation).after),
  );
  const outcome = await outcomeOf(about.act(await bindEnvFile(path, folder, { files })));
  return { outcome, before, after: await contents(), reached };
}

async function clear(): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name));
}

describe.each(CASES)("$name", (about) => {
  test.each(["before", "after"] as const)(
    "that dies %s any operation leaves the old or the new, and is finished by the next run",
    async (side) => {
      const whole = await runCase(about, () => ({}));
      expect(whole.outcome).toBe("done");
      for (let at = 1, reached = true; reached; at += 1) {
        await clear();
        let isDead = false;
        const die = () => {
          isDead = true;
          throw new Error("killed");
        };
        // A dead process does nothing more, not even tidy up.
        const { before, after, ...end } = await runCase(about, (operation) => {
          if (isDead) return { before: die };
          return operation === at ? { [side]: die } : {};
        });
        ({ reached } = end);
        for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
          expect([before[name], whole.after[name]]).toContain(after[name]);
        }
        for (const name of await readdir(folder)) {
          const isOthers = name === "db.env" && after[name] === OTHERS;
          expect((await stat(join(folder, name))).mode & 0o777).toBe(isOthers ? 0o644 : 0o600);
        }
        const next = await bindEnvFile(path, folder);
        const held = await next.holds(signal);
        expect(held).not.toEqual({ current: "a1", pending: "a1" });
        expect(held).not.toEqual({ current: "a2", pending: "a2" });
        await about.act(next);
        expect(await contents()).toEqual(whole.after);
        expect(await readdir(folder)).toHaveLength(Object.keys(whole.after).length);
      }
    },
  );

  test.each(["ENOSPC", "EACCES"])(
    "that fails with %s at any operation says refused only when nothing changed",
    async (code) => {
      for (let at = 1, reached = true; reached; at += 1) {
        await clear();
        const fail = () => {
          throw Object.assign(new Error("canary-disk"), { code });
        };
        const { outcome, before, after, ...end } = await runCase(about, (operation) =>
          operation === at ? { before: fail } : {},
        );
        ({ reached } = end);
        if (outcome === "done") continue;
        if (!(outcome instanceof EffectError)) throw outcome;
        expectNoCanary(outcome);
        expect(`${outcome.evidence}`).toBe(code);
        expect(outcome.fix).toBeTruthy();
        // After a doubt anything may be there; that it is the old or the new one the test above says.
        expect(outcome.outcome === "refused" ? after : before).toEqual(before);
        expect((await readdir(folder)).filter((name) => name.includes(".cre-new-"))).toEqual([]);
      }
    },
  );
});
