import { afterEach, beforeEach, expect, test } from "vitest";
import type { DocumentChange } from "../../core/ports/store.ts";
import { createScratchRepository, type ScratchRepository } from "../../testing/services/git-remote.ts";
import { storeOf } from "../../testing/services/store-scenario.ts";

const never = new AbortController().signal;

let remote: ScratchRepository;
let first: string;
beforeEach(async () => {
  remote = await createScratchRepository({
    "registry/orders.yaml": `${credential("a")}---\n${credential("b")}`,
    "policies/all.yaml": "kind: Policy\nmetadata: { name: p }\nspec: { rotateWithin: 60d }\n",
  });
  first = await remote.git("rev-parse", "main");
});
afterEach(async () => {
  await remote.dispose();
});

function credential(name: string, extra = ""): string {
  return `apiVersion: cre/v1\nkind: Credential\nmetadata:\n  name: ${name}\n${extra}spec: { service: orders }\n`;
}

/** The changes as `change kind/name`, with the former name and the author where they say more. */
function told(changes: readonly DocumentChange[]): string[] {
  return changes.map(({ change, kind, name, formerName, author }) => {
    const by = author.split(" ")[0];
    return `${by} ${change} ${kind}/${name}${formerName === undefined ? "" : ` was ${formerName}`}`;
  });
}

async function changes(
  options: { args?: readonly string[]; from?: string | undefined } = {},
): Promise<readonly DocumentChange[]> {
  const { store } = await storeOf(await remote.clone({ args: options.args ?? [] }));
  const { commit } = await store.fetchInputs(never);
  return await store.changesSince("from" in options ? options.from : first, commit!, never);
}

test("at first every document is added, by whoever touched its file last", async () => {
  await remote.commit({
    files: { "policies/all.yaml": "kind: Policy\nmetadata: { name: p }\n" },
    author: "bob",
  });
  const all = await changes({ from: undefined as never });
  expect(told(all).toSorted()).toEqual([
    "alice added Credential/a",
    "alice added Credential/b",
    "bob added Policy/p",
  ]);
  expect(all.map(({ commit }) => commit)).toContain(first);
});

test("each document is told with its commit, author and time, in order", async () => {
  const at = "2026-11-20T10:00:00Z";
  const one = await remote.commit({
    files: { "registry/orders.yaml": `${credential("a", "  labels: { x: y }\n")}---\n${credential("b")}` },
    author: "bob",
    at,
  });
  await remote.commit({ files: { "registry/new.yaml": credential("c") }, author: "carol" });
  await remote.commit({ files: { "registry/orders.yaml": credential("b") }, author: "dave" });
  const all = await changes();
  expect(told(all)).toEqual([
    "bob changed Credential/a",
    "carol added Credential/c",
    "dave removed Credential/a",
  ]);
  expect(all[0]).toEqual({
    change: "changed",
    kind: "Credential",
    name: "a",
    file: "registry/orders.yaml",
    commit: one,
    author: "bob <bob@example.com>",
    at,
  });
});

test("comments, layout and order are no change, a move to another file is", async () => {
  await remote.commit({
    files: {
      "registry/orders.yaml": `# hello\n${credential("b")}\n---\n${credential("a").replace("{ service: orders }", "\n  service: orders")}`,
    },
  });
  expect(await changes()).toEqual([]);
  await remote.commit({
    files: { "registry/orders.yaml": credential("b"), "registry/other.yml": credential("a") },
  });
  expect(await changes()).toMatchObject([{ change: "changed", name: "a", file: "registry/other.yml" }]);
});

test("a credential is renamed by its former names alone, another kind also where it stands", async () => {
  await remote.commit({
    files: { "registry/orders.yaml": `${credential("a2", "  formerNames: [a]\n")}---\n${credential("b2")}` },
  });
  await remote.commit({
    files: { "policies/all.yaml": "kind: Policy\nmetadata: { name: q }\nspec: { rotateWithin: 60d }\n" },
  });
  expect(told(await changes())).toEqual([
    "alice renamed Credential/a2 was a",
    "alice added Credential/b2",
    "alice removed Credential/b",
    "alice renamed Policy/q was p",
  ]);
});

test("what cannot be read is told too, and so is its repair", async () => {
  await remote.commit({ files: { "registry/orders.yaml": `${credential("a")}---\nkind: [\n` } });
  await remote.commit({ files: { "registry/orders.yaml": `${credential("a")}---\n${credential("b")}` } });
  expect(told(await changes())).toEqual([
    "alice added Unreadable/registry/orders.yaml",
    "alice removed Credential/b",
    "alice added Credential/b",
    "alice removed Unreadable/registry/orders.yaml",
  ]);
});

test("a merged pull request is one change, by whoever merged it", async () => {
  const person = await remote.clone();
  await person.git("checkout", "-qb", "topic");
  await person.commit({ files: { "registry/c.yaml": credential("c") }, author: "bob" });
  await person.commit({
    files: { "registry/c.yaml": credential("c", "  labels: { x: y }\n") },
    author: "bob",
  });
  await person.git("checkout", "-q", "main");
  await person.git(
    "-c",
    "user.name=carol",
    "-c",
    "user.email=carol@example.com",
    "merge",
    "-q",
    "--no-ff",
    "-m",
    "merge topic",
    "topic",
  );
  await person.git("push", "-q", "origin", "main");
  expect(told(await changes())).toEqual(["carol added Credential/c"]);
});

test("a branch that was merged the wrong way round tells what differs, once", async () => {
  const person = await remote.clone();
  await person.git("checkout", "-qb", "topic", "main");
  await person.commit({ files: { "registry/c.yaml": credential("c") }, author: "bob" });
  const known = await remote.commit({ files: { "registry/d.yaml": credential("d") }, author: "carol" });
  await person.git("fetch", "-q", "origin");
  await person.git(
    "-c",
    "user.name=bob",
    "-c",
    "user.email=bob@example.com",
    "merge",
    "-q",
    "--no-ff",
    "-m",
    "update",
    "origin/main",
  );
  await person.git("push", "-q", "origin", "topic:main");
  expect(told(await changes({ from: known }))).toEqual(["bob added Credential/c"]);
});

test("a shallow clone fetches the history it lacks", async () => {
  for (let at = 0; at < 5; at++) {
    await remote.commit({ files: { [`registry/n${at}.yaml`]: credential(`n${at}`) } });
  }
  expect(told(await changes({ args: ["--depth=1"] }))).toHaveLength(5);
});

test("in a shallow clone, too, every document is at first put to who touched its file last", async () => {
  await remote.commit({ files: { "registry/bob.yaml": credential("bob") }, author: "bob" });
  await remote.commit({ files: { "registry/carol.yaml": credential("carol") }, author: "carol" });
  const at = (args: readonly string[]) => changes({ args, from: undefined });
  expect(told(await at(["--depth=1"]))).toEqual(told(await at([])));
});

test("documents older than those that the trail knows tell nothing", async () => {
  const { store } = await storeOf(await remote.clone());
  const { commit } = await store.fetchInputs(never);
  const newer = await remote.commit({ files: { "registry/new.yaml": credential("new") } });
  expect(await store.changesSince(newer, commit!, never)).toEqual([]);
});

test("a default branch that was written anew tells what differs", async () => {
  await remote.commit({ files: { "registry/c.yaml": credential("c") } });
  const tree = await remote.git("rev-parse", "main^{tree}");
  const anew = await remote.git(
    "-c",
    "user.name=mallory",
    "-c",
    "user.email=m@m",
    "commit-tree",
    "-m",
    "anew",
    tree,
  );
  await remote.git("update-ref", "refs/heads/main", anew);
  const all = await changes();
  expect(told(all)).toEqual(["mallory added Credential/c"]);
});

test("a huge expansion of aliases costs nothing", async () => {
  const bomb = Array.from(
    { length: 40 },
    (_, at) => `x${at}: &x${at} [${at === 0 ? "1" : `*x${at - 1}, *x${at - 1}`}]`,
  ).join("\n");
  await remote.commit({
    files: { "registry/bomb.yaml": `kind: Credential\nmetadata: { name: bomb }\n${bomb}\n` },
  });
  const started = performance.now();
  expect(await changes()).toHaveLength(1);
  expect(performance.now() - started).toBeLessThan(20_000);
});
