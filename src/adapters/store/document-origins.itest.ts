import { afterEach, beforeEach, expect, test } from "vitest";
import type { DocumentPart } from "../../core/reviews/document-part.ts";
import { createScratchRepository, type ScratchRepository } from "../../testing/services/git-remote.ts";
import { storeOf } from "../../testing/services/store-scenario.ts";

const never = new AbortController().signal;
const FILE = "policies/hooks.yaml";

let remote: ScratchRepository;
beforeEach(async () => {
  remote = await createScratchRepository({ [FILE]: `${hook("a", "one")}---\n${hook("b", "one")}` });
});
afterEach(async () => {
  await remote.dispose();
});

function hook(name: string, url: string, labels = "", kind = "Connection"): string {
  return `apiVersion: cre/v1\nkind: ${kind}\nmetadata: { name: ${name}${labels} }\nspec: { url: "https://${url}/", zone: z }\n`;
}

const A: DocumentPart = { kind: "Connection", name: "a", file: FILE, fields: [["spec"]] };

async function origin(part: Partial<DocumentPart> = {}, args: readonly string[] = []) {
  const { store } = await storeOf(await remote.clone({ args }));
  const { commit } = await store.fetchInputs(never);
  const [found] = await store.originsOf([{ ...A, ...part }], commit ?? "", never);
  return { store, found };
}

test("is the commit that changed the part, and none that touched its file or its document since", async () => {
  const changed = await remote.commit({ files: { [FILE]: `${hook("a", "two")}---\n${hook("b", "one")}` } });
  // Another document, another field, another order, other layout, another file and another name: none of them says more.
  await remote.commit({ files: { [FILE]: `${hook("a", "two")}---\n${hook("b", "two")}` } });
  await remote.commit({
    files: { [FILE]: `${hook("b", "two")}---\n${hook("a", "two", ", labels: { x: y }")}` },
  });
  const laidOut = "kind: Connection\nspec:\n  zone: z\n  url: https://two/\nmetadata:\n  name: a\n";
  await remote.commit({ files: { [FILE]: `${hook("b", "two")}---\n${laidOut}` } });
  await remote.commit({ files: { [FILE]: hook("b", "two"), "policies/moved.yaml": laidOut } });
  await remote.commit({ files: { "policies/moved.yaml": laidOut.replace("name: a", "name: renamed") } });
  const { store, found } = await origin({ name: "renamed", file: "policies/moved.yaml" });
  expect(found).toMatchObject({ commit: changed, name: "a", file: FILE });
  expect(found?.blob).toBe(await remote.git("rev-parse", `${changed}:${FILE}`));
  expect(store.saidIn(laidOut, A)).toBe(found?.said);
  expect(store.saidIn(hook("a", "three"), A)).not.toBe(found?.said);
  expect(store.saidIn(hook("c", "two"), A)).toBeUndefined();
});

test("is the commit that brought a copy: approving the original was not approving that", async () => {
  const copied = await remote.commit({ files: { "policies/copy.yaml": hook("copy", "one") } });
  expect((await origin({ name: "copy", file: "policies/copy.yaml" })).found?.commit).toBe(copied);
});

test("is the commit that brought it back after another form of it", async () => {
  await remote.commit({ files: { [FILE]: hook("a", "two") } });
  const back = await remote.commit({ files: { [FILE]: hook("a", "one") } });
  expect((await origin()).found?.commit).toBe(back);
});

test("is known for parts of a document alone, and of a document whose kind changed", async () => {
  const first = await remote.git("rev-parse", "main");
  const changed = await remote.commit({ files: { [FILE]: hook("a", "two").replace("zone: z", "zone: y") } });
  await remote.commit({ files: { [FILE]: hook("a", "three").replace("zone: z", "zone: y") } });
  expect((await origin({ fields: [["spec", "zone"]] })).found?.commit).toBe(changed);
  expect((await origin({ fields: [["spec", "absent"]] })).found?.commit).toBe(first);
  const other = await remote.commit({ files: { [FILE]: hook("a", "three", "", "Policy") } });
  expect((await origin({ kind: "Policy" })).found?.commit).toBe(other);
});

test("is found through a merge as the merge, from a clone without history, and not for what is not there", async () => {
  const person = await remote.clone();
  await person.git("checkout", "-q", "-b", "change");
  await person.commit({ files: { [FILE]: hook("a", "two") } });
  await person.git("checkout", "-q", "main");
  await person.git(
    "-c",
    "user.name=dave",
    "-c",
    "user.email=d@example.com",
    "merge",
    "-q",
    "--no-ff",
    "-m",
    "Merge #12",
    "change",
  );
  await person.git("push", "-q", "origin", "main");
  const merge = await person.git("rev-parse", "main");
  await remote.commit({ files: { "policies/other.yaml": hook("other", "x") } });
  expect((await origin({}, ["--depth=1"])).found?.commit).toBe(merge);
  expect((await origin({ name: "nobody" })).found).toBeUndefined();
  expect((await origin({ file: "policies/nowhere.yaml" })).found).toBeUndefined();
});

test("documents of an older commit can be read, also one that no branch leads to any more, and not one that is gone", async () => {
  const first = await remote.git("rev-parse", "main");
  await remote.commit({ files: { [FILE]: hook("a", "two") } });
  const { store } = await storeOf(await remote.clone({ args: ["--depth=1"] }));
  await store.fetchInputs(never);
  expect(await store.inputsAt(first, never)).toMatchObject({ commit: first });
  expect(await store.inputsAt("0123456789012345678901234567890123456789", never)).toBeUndefined();
});
