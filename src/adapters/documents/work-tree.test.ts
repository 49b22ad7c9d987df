import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readDocuments } from "./read-documents.ts";
import { readWorkTree } from "./work-tree.ts";

function workTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "cre-tree-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function listed(root: string): string[] {
  return readWorkTree(root).map(({ path, bytes, symlink, unreadable }) => {
    const refused = symlink ? " (link)" : unreadable === undefined ? "" : ` (${unreadable})`;
    return `${path}${refused} ${Buffer.from(bytes).toString()}`.trim();
  });
}

test("documents of the three folders, by path; nothing of the machine, of tests and of others", () => {
  const root = workTree({
    "registry/b.yaml": "b",
    "registry/a/deep/c.yml": "c",
    "registry/status/orders/x.yaml": "machine",
    "registry/schema/x.yaml": "machine",
    "registry/statuses.yaml": "s",
    "registry/a.test.yaml": "test",
    "registry/readme.md": "text",
    "policies/p.yaml": "p",
    "exceptions/e.YAML": "e",
    "other/o.yaml": "o",
    "top.yaml": "t",
  });
  expect(listed(root)).toEqual([
    "exceptions/e.YAML e",
    "policies/p.yaml p",
    "registry/a/deep/c.yml c",
    "registry/b.yaml b",
    "registry/statuses.yaml s",
  ]);
});

test("a repository without any is empty", () => {
  expect(listed(workTree({}))).toEqual([]);
});

test("no link is followed, to a file or to a folder, inside or out; other links do not matter", () => {
  const outside = workTree({ "secret.yaml": "outside", "folder/x.yaml": "outside" });
  const root = workTree({ "registry/real.yaml": "real", "readme.md": "text" });
  symlinkSync(join(outside, "secret.yaml"), join(root, "registry/link.yaml"));
  symlinkSync("real.yaml", join(root, "registry/inside.yaml"));
  symlinkSync("nowhere", join(root, "registry/dangling.yaml"));
  symlinkSync(join(outside, "folder"), join(root, "registry/folder"));
  symlinkSync(join(outside, "folder"), join(root, "policies"));
  symlinkSync("../readme.md", join(root, "registry/readme.md"));
  expect(listed(root)).toEqual([
    "policies/ (link)",
    "registry/dangling.yaml (link)",
    "registry/folder/ (link)",
    "registry/inside.yaml (link)",
    "registry/link.yaml (link)",
    "registry/real.yaml real",
  ]);
  expect(
    readDocuments(readWorkTree(root)).problems.filter(({ code }) => code === "file-symlink"),
  ).toHaveLength(5);
});

test("a pipe does not block, and is told", () => {
  const root = workTree({ "registry/a.yaml": "a" });
  execFileSync("mkfifo", [join(root, "registry/pipe.yaml")]);
  expect(listed(root)).toEqual(["registry/a.yaml a", "registry/pipe.yaml (not a regular file)"]);
});

test.skipIf(process.getuid?.() === 0)("what may not be read is told", () => {
  const root = workTree({ "registry/locked.yaml": "a", "registry/shut/b.yaml": "b" });
  chmodSync(join(root, "registry/locked.yaml"), 0o000);
  chmodSync(join(root, "registry/shut"), 0o000);
  const files = listed(root);
  chmodSync(join(root, "registry/shut"), 0o700);
  expect(files).toEqual(["registry/locked.yaml (EACCES)", "registry/shut/ (EACCES)"]);
});

test("of a file that is too large no more is read than shows it", () => {
  const root = workTree({ "registry/large.yaml": "a: b\n".repeat(100_000), "registry/small.yaml": "" });
  expect(readWorkTree(root).map(({ bytes }) => bytes.length)).toEqual([262_145, 0]);
  expect(readDocuments(readWorkTree(root)).problems.map(({ code }) => code)).toEqual(["file-too-large"]);
});
