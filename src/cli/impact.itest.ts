import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { jsonSchemas } from "../core/documents/json-schemas.ts";
import { CliSession } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { createLocalRepository } from "../testing/services/git-remote.ts";

const call = promisify(execFile);
let repository: Awaited<ReturnType<typeof createLocalRepository>>;
let cre: CliSession;

beforeEach(async () => {
  repository = await createLocalRepository(SMALL_COMPANY);
  cre = new CliSession(repository.path, repository.env);
  await git("branch", "base");
});
afterEach(async () => repository.dispose());

async function git(...args: readonly string[]): Promise<string> {
  return await gitIn(repository.path, ...args);
}

async function gitIn(folder: string, ...args: readonly string[]): Promise<string> {
  const identity = ["-c", "user.name=alice", "-c", "user.email=alice@example.com"];
  const { stdout } = await call("git", [...identity, ...args], {
    cwd: folder,
    env: definedOf(repository.env),
  });
  return stdout.trim();
}

function definedOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

async function swap(file: string, from: string, to: string): Promise<void> {
  const text = cre.read(file);
  expect(text).toContain(from);
  await cre.write(file, text.replace(from, to));
}

describe("cre impact", () => {
  test("tells in each format what the work tree and the commits of a branch change", async () => {
    await swap("policies/platform.yaml", "host: db.internal", "host: db.example");
    await git("commit", "-qam", "another host");
    await swap("policies/platform.yaml", "rotateWithin: 90d", "rotateWithin: 60d");

    const text = await cre.run(["impact", "--since", "base"]);
    expect(text).toMatchObject({ code: 0 });
    expect(text.out).toMatch(
      /^This change makes 1 credential fail and moves 3 due dates earlier\. Look at 1 high-risk/,
    );
    expect(text.out).toMatch(
      /policies\/platform\.yaml:29 +Connection orders-cluster +postgresql\.host: db\.internal/,
    );
    expect(text.out).toMatch(
      /payments-key +compliant +failing +rotateWithin of the policy api-keys: 90d → 60d/,
    );

    const markdown = await cre.run(["impact", "--since", "base", "--format", "markdown"]);
    expect(markdown.out).toMatch(/^<!-- cre:impact -->\n\n### .*\n\n\*\*This change makes 1 credential fail/);

    const json = await cre.run(["impact", "--since", "base", "--format", "json", "--fail-on", "critical"]);
    expect(json.code).toBe(1);
    const validate = new Ajv2020({ strict: false }).compile(jsonSchemas().get("impact.schema.json") ?? {});
    validate(JSON.parse(json.out));
    expect(validate.errors).toBeNull();
  });

  test("what the other branch did meanwhile is no part of it, also in the merge commit of a pull request", async () => {
    await git("checkout", "-q", "base");
    await swap("policies/platform.yaml", "rotateWithin: 90d", "rotateWithin: 30d");
    await git("commit", "-qam", "theirs");
    await git("checkout", "-q", "main");
    await swap(
      "registry/payments.yaml",
      "owner: { team: payments, contact: p",
      "owner: { team: payments, contact: q",
    );
    await git("commit", "-qam", "ours");
    const nothing = /^This change changes nothing for compliance\.\n/;
    expect((await cre.run(["impact", "--since", "base"])).out).toMatch(nothing);
    await git("checkout", "-q", "--detach", "base");
    await git("merge", "-q", "--no-ff", "-m", "merge", "main");
    expect((await cre.run(["impact", "--since", "base"])).out).toMatch(nothing);
  });

  test("HEAD, a moved file, and a file that is gone", async () => {
    expect((await cre.run(["impact", "--since", "HEAD"])).out).toMatch(/^This change changes nothing/);
    await git("mv", "registry/payments.yaml", "registry/moved.yaml");
    expect((await cre.run(["impact", "--since", "base"])).out).toMatch(/^This change changes nothing/);
    await git("rm", "-qf", "registry/moved.yaml");
    const gone = await cre.run(["impact", "--since", "base"]);
    expect(gone.out).toMatch(/removes 2 credentials that were never retired/);
    expect(gone.out).toMatch(/registry\/payments\.yaml:1 +Credential payments-key/);
  });

  test("invalid documents are told and count as they were; the rest is compared", async () => {
    await swap("registry/payments.yaml", "rotatedAt: 2026-09-01", "rotatedAt: yesterday");
    await swap("policies/platform.yaml", "enforcement: rotate", "enforcement: report");
    const ran = await cre.run(["impact", "--since", "base", "--format", "json"]);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/registry\/payments\.yaml:11:14 .*[^]*1 problem in documents/);
    const report: unknown = JSON.parse(ran.out);
    expect(report).toMatchObject({
      removed: [],
      risks: [{ code: "policy-loosened", message: "enforcement: rotate → report" }],
      problems: [{ file: "registry/payments.yaml", line: 11 }],
    });
  });

  test("a commit that nobody knows, and a clone that is too shallow to know the branch point", async () => {
    expect(await cre.run(["impact", "--since", "nothing"])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--since nothing names no commit/),
    });
    await git("commit", "-q", "--allow-empty", "-m", "more");
    const folder = await mkdtemp(join(tmpdir(), "cre-impact-"));
    try {
      const from = `file://${repository.path}`;
      await gitIn(folder, "clone", "-q", "--depth", "1", "--no-single-branch", from, "clone");
      const shallow = new CliSession(join(folder, "clone"), repository.env);
      const ran = await shallow.run(["impact", "--since", "origin/base"]);
      expect(ran.code).toBe(2);
      expect(ran.err).toMatch(/too shallow[^]*git fetch --unshallow .*fetch-depth: 0/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("without the records, as in a clone of a fork, it says so and goes on", async () => {
    await git("branch", "cre/state");
    const folder = await mkdtemp(join(tmpdir(), "cre-impact-"));
    try {
      await gitIn(folder, "clone", "-q", "--single-branch", `file://${repository.path}`, "clone");
      const clone = new CliSession(join(folder, "clone"), repository.env);
      const ran = await clone.run(["impact", "--since", "HEAD"]);
      expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/^This change changes nothing/) });
      expect(ran.err).toMatch(/Note: Without the records dates are those of the documents alone.*git fetch/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("cre baseline", () => {
  const ask = ["baseline", "--until", "2027-01-18", "--requested-by", "bob", "--approved-by", "carol"];

  test("writes exceptions that hold, says what it cannot waive, and writes nothing the second time", async () => {
    const ran = await cre.run(ask);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toMatch(/^exceptions\/baseline-2026-11-23\.yaml: 1 exception for 1 credential/);
    expect(ran.out).toMatch(/2027-01-18 +api-keys +orders-old-key/);
    expect(ran.out).toMatch(/leaked-key +compromised +no exception waives this/);
    const text = cre.read("exceptions/baseline-2026-11-23.yaml");
    expect(text).toContain("name: baseline-20261123-api-keys-1");
    expect((await cre.run(["validate"])).code).toBe(0);
    expect((await cre.run(["evaluate", "--only", "orders-old-key", "--fail-on", "critical"])).code).toBe(0);

    const again = await cre.run(ask);
    expect(again.out).toMatch(/^There is nothing to waive that is not waived already\./);
    expect(cre.read("exceptions/baseline-2026-11-23.yaml")).toBe(text);
  });

  test("leaves the approval to the forge where there is one, and is covered by what waits for it", async () => {
    await swap("policies/platform.yaml", "  teams:", "  forge: { kind: github }\n  teams:");
    const line = ["baseline", "--until", "2027-01-18", "--requested-by", "bob"];
    expect((await cre.run(line)).code).toBe(0);
    const text = cre.read("exceptions/baseline-2026-11-23.yaml");
    expect(text).not.toContain("approvedBy");
    expect((await cre.run(line)).out).toMatch(/^There is nothing to waive/);
    const impact = await cre.run(["impact", "--since", "base"]);
    expect(impact.out).toMatch(/orders-old-key +failing +exempt/);
  });

  test("what could never count is refused, and nothing is written", async () => {
    const refused: readonly (readonly [line: readonly string[], words: RegExp])[] = [
      [["baseline", "--until", "60d"], /no forge[^]*--approved-by/],
      [[...ask.slice(0, 5), "--approved-by", "@BOB"], /bob cannot approve them/],
      [[...ask, "--per-week", "some"], /--per-week cannot be/],
      [["baseline", "--until", "2026-11-01", "--approved-by", "carol"], /is over/],
    ];
    for (const [line, words] of refused) {
      expect(await cre.run(line)).toMatchObject({ code: 2, err: expect.stringMatching(words) });
    }
    expect(await git("status", "--porcelain")).toBe("");
  });

  test("with invalid documents nothing is written", async () => {
    await swap("registry/payments.yaml", "rotatedAt: 2026-09-01", "rotatedAt: yesterday");
    expect(await cre.run(ask)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/documents are invalid/),
    });
    expect(await git("status", "--porcelain", "exceptions")).toBe("");
  });
});
