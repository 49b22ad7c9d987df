import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeDocumentFile } from "./write-file.ts";

function folders(): { root: string; outside: string } {
  const top = mkdtempSync(join(tmpdir(), "cre-write-"));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const root = join(top, "repo");
  const outside = join(top, "outside");
  mkdirSync(root);
  mkdirSync(outside);
  return { root, outside };
}

test("a file is replaced with its mode kept, and nothing is left beside it", () => {
  const { root } = folders();
  writeFileSync(join(root, "a.yaml"), "old");
  chmodSync(join(root, "a.yaml"), 0o640);
  writeDocumentFile(root, "a.yaml", "new");
  expect(readFileSync(join(root, "a.yaml"), "utf8")).toBe("new");
  expect(statSync(join(root, "a.yaml")).mode & 0o777).toBe(0o640);
  expect(readdirSync(root)).toEqual(["a.yaml"]);
});

test("missing folders are made", () => {
  const { root } = folders();
  writeDocumentFile(root, "registry/payments/a.yaml", "new");
  expect(readFileSync(join(root, "registry/payments/a.yaml"), "utf8")).toBe("new");
});

const escapes: readonly [what: string, file: string][] = [
  ["a path that climbs out", "../outside/made/a.yaml"],
  ["a folder that is a link out", "linked/made/a.yaml"],
  ["a file that is a link", "link.yaml"],
];
for (const [what, file] of escapes) {
  test(`${what} is refused, and nothing is made there`, () => {
    const { root, outside } = folders();
    writeFileSync(join(outside, "target.yaml"), "theirs");
    symlinkSync(outside, join(root, "linked"));
    symlinkSync(join(outside, "target.yaml"), join(root, "link.yaml"));
    expect(() => writeDocumentFile(root, file, "ours")).toThrow(/is not written/);
    expect(readdirSync(outside)).toEqual(["target.yaml"]);
    expect(readFileSync(join(outside, "target.yaml"), "utf8")).toBe("theirs");
  });
}

test("where a folder's place is taken, the error says so and no temporary file stays", () => {
  const { root } = folders();
  writeFileSync(join(root, "registry"), "a file");
  expect(() => writeDocumentFile(root, "registry/a.yaml", "x")).toThrow(/could not be written/);
  expect(existsSync(join(root, "registry/a.yaml"))).toBe(false);
  expect(readdirSync(root)).toEqual(["registry"]);
});
