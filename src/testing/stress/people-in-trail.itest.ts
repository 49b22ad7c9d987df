import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Estate, git, pushAs, writeInto } from "../conformance/estate.ts";
import { hoursAfter } from "../conformance/virtual-clock.ts";
import { startPostgres, type TestPostgres } from "../services/postgresql.ts";
import { createStressEstate, runIn, START } from "./life.ts";

let postgres: TestPostgres;
let estate: Estate;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());
beforeEach(async () => {
  estate = await createStressEstate(postgres, "two roles");
});
afterEach(async () => estate.dispose());

/** A person registers something that no runner acts on. */
function register(name: string): string {
  const clone = estate.clone();
  git(clone, "checkout", "--quiet", "main");
  const spec = "spec: { match: { types: [ssh-key] }, rotateWithin: 180d }";
  const text = `apiVersion: cre/v1\nkind: Policy\nmetadata: { name: ${name} }\n${spec}\n`;
  writeInto(clone, `policies/${name}.yaml`, text);
  pushAs("Bob", clone, name);
  return git(clone, "rev-parse", "HEAD").trim();
}

/** Changes of policies as the trail tells them: what happened to which, in its order. */
function told(): string[] {
  const lines = git(estate.remote, "grep", "-h", '"event":"document\\.', "cre/state", "--", "audit")
    .trim()
    .split("\n");
  return lines
    .map((line) => JSON.parse(line) as { seq: number; event: string; detail: { kind: string; name: string } })
    .toSorted((a, b) => a.seq - b.seq)
    .filter(({ detail }) => detail.kind === "Policy" && detail.name.startsWith("ssh"))
    .map(({ event, detail }) => `${event} ${detail.name}`);
}

test("two runs that have read the same change tell it once", async () => {
  await estate.runAt(START);
  register("ssh-one");
  let others = 0;
  await runIn(estate, estate.clone(), hoursAfter(START, 1), {
    before: async (call) => {
      if (call !== "push" || others > 0) return;
      others += 1;
      await estate.runAt(hoursAfter(START, 1));
    },
  });
  expect(others).toBe(1);
  expect(told()).toEqual(["document.added ssh-one"]);
});

test("a run that read older documents than the trail knows tells nothing, least of all the reverse", async () => {
  await estate.runAt(START);
  const clone = estate.clone();
  let others = 0;
  await runIn(estate, clone, hoursAfter(START, 1), {
    betweenReads: async () => {
      others += 1;
      register("ssh-one");
      await estate.runAt(hoursAfter(START, 1));
    },
  });
  expect(others).toBe(1);
  await estate.runAt(hoursAfter(START, 2));
  expect(told()).toEqual(["document.added ssh-one"]);
});
