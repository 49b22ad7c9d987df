import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CliSession } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { csvRecords } from "../testing/report/csv-records.ts";
import { createScratchRepository, type ScratchRepository } from "../testing/services/git-remote.ts";

let repository: ScratchRepository;
let cre: CliSession;
beforeAll(async () => {
  repository = await createScratchRepository(SMALL_COMPANY, "2026-01-01T00:00:00Z");
  const clone = await repository.clone();
  cre = new CliSession(clone.path, clone.env);
});
afterAll(async () => repository.dispose());

/** Every file of a folder by its path, with its text. */
function filesIn(folder: string): ReadonlyMap<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

function folder(name: string): string {
  return join(cre.path, "out", name);
}

test("writes every format, tells progress apart from the result, and leaves nothing else behind", async () => {
  const { code, out, err } = await cre.run(["report", "--out", "out/all"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^5 credentials, as of 2026-11-23T10:00:00Z\.\nCompliance: \d of \d/);
  expect(err).toContain("Writing sarif.");
  const files = filesIn(folder("all"));
  const manifest = JSON.parse(files.get("manifest.json") ?? "") as {
    readonly complete: boolean;
    readonly generatedAt: string;
    readonly files: readonly { readonly path: string }[];
  };
  expect(manifest).toMatchObject({ complete: true, generatedAt: "2026-11-23T10:00:00Z" });
  expect([...manifest.files.map(({ path }) => path), "manifest.json"].toSorted()).toEqual([...files.keys()]);
  expect(csvRecords(files.get("csv/credentials.csv") ?? "")).toHaveLength(5);
});

test("the same commit and instant give the same bytes whenever it is made", async () => {
  const asOf = ["--as-of", "2026-11-20T00:00:00Z"];
  await cre.run(["report", "--out", "out/first", ...asOf]);
  await cre.run(["report", "--out", "out/second", ...asOf], { now: "2027-06-01T00:00:00Z" });
  const [first, second] = [new Map(filesIn(folder("first"))), new Map(filesIn(folder("second")))];
  expect(first.get("manifest.json")).not.toBe(second.get("manifest.json"));
  first.delete("manifest.json");
  second.delete("manifest.json");
  expect(first).toEqual(second);
  expect(JSON.parse(first.get("report.json") ?? "")).toMatchObject({ identity: { clock: "as-of" } });
});

test("--now is told as a what-if in every format", async () => {
  const { err } = await cre.run(["report", "--out", "out/now", "--now", "2027-01-01"]);
  expect(err).toContain("What if:");
  const files = filesIn(folder("now"));
  for (const path of ["report.json", "csv/summary.csv", "report.md", "report.sarif", "report.junit.xml"]) {
    expect(files.get(path)).toContain("What if");
  }
});

test("a new report replaces the former one, with what it has no more, and nothing else", async () => {
  await cre.run(["report", "--out", "out/again"]);
  writeFileSync(join(folder("again"), "notes.txt"), "mine");
  const { code } = await cre.run([
    "report",
    "--out",
    "out/again",
    "--format",
    "json,junit",
    "--only",
    "orders-db",
  ]);
  expect(code).toBe(0);
  const files = filesIn(folder("again"));
  expect([...files.keys()]).toEqual(["manifest.json", "notes.txt", "report.json", "report.junit.xml"]);
  expect(JSON.parse(files.get("report.json") ?? "")).toMatchObject({
    identity: { selection: "--only orders-db" },
    population: { credentials: 1 },
  });
});

test("never writes over what is not its own, and then changes nothing", async () => {
  const target = folder("foreign");
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "report.md"), "mine");
  const refused = await cre.run(["report", "--out", "out/foreign"]);
  expect(refused).toMatchObject({ code: 2, out: "" });
  expect(refused.err).toMatch(/report\.md is not a file of an earlier report/);
  expect([...filesIn(target)]).toEqual([["report.md", "mine"]]);

  rmSync(join(target, "report.md"));
  symlinkSync(cre.path, join(target, "api"));
  expect((await cre.run(["report", "--out", "out/foreign"])).code).toBe(2);
  expect(existsSync(join(cre.path, "v1"))).toBe(false);

  await cre.run(["report", "--out", "out/edited"]);
  writeFileSync(join(folder("edited"), "report.md"), "signed off by me");
  expect((await cre.run(["report", "--out", "out/edited"])).code).toBe(2);
  expect(filesIn(folder("edited")).get("report.md")).toBe("signed off by me");
});

test("a report whose writing was cut off may be written again", async () => {
  await cre.run(["report", "--out", "out/cut"]);
  const path = join(folder("cut"), "manifest.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"complete": true', '"complete": false'));
  writeFileSync(join(folder("cut"), "report.md"), "half of i");
  expect((await cre.run(["report", "--out", "out/cut"])).code).toBe(0);
  expect(filesIn(folder("cut")).get("report.md")).toContain("# Credential rotation report");
});

test("an interruption leaves no file of it", async () => {
  const signal = AbortSignal.abort(new Error("interrupted by SIGINT"));
  expect((await cre.run(["report", "--out", "out/stopped"], { signal })).code).toBe(4);
  expect(existsSync(folder("stopped"))).toBe(false);
});

test("a format that there is not is refused with the nearest", async () => {
  const { code, err } = await cre.run(["report", "--out", "out/x", "--format", "json,sarf"]);
  expect(code).toBe(2);
  expect(err).toContain("Did you mean `sarif`?");
});

test("a broken audit chain, even at its end, is on the first page, and the exit code says so", async () => {
  const files = { "audit/2026/01/000000000001-run.jsonl": "no entry\n" };
  await repository.git("branch", "cre/state", "main");
  await repository.commit({ branch: "cre/state", files });
  const clone = await repository.clone();
  const session = new CliSession(clone.path, clone.env);
  const { code, err } = await session.run(["report", "--out", "out"]);
  expect({ code, err }).toMatchObject({ code: 3 });
  expect(err).toContain("The audit chain is broken");
  const page = readFileSync(join(clone.path, "out/report.md"), "utf8");
  expect(page.slice(0, 400)).toContain("The audit chain is broken");
});
