import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CliSession } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { createScratchRepository, type ScratchRepository } from "../testing/services/git-remote.ts";

let repository: ScratchRepository;
let cre: CliSession;

beforeAll(async () => {
  repository = await createScratchRepository(SMALL_COMPANY);
  const clone = await repository.clone();
  cre = new CliSession(clone.path, { ...clone.env, CRE_ACTOR: "alice" });
});
afterAll(async () => repository.dispose());

const FAR = "2099-01-01";

describe("what cannot be is refused before anything is written", () => {
  const cases: readonly [line: string, words: RegExp][] = [
    ["hold --until 4h --reason x", /either names or --all/],
    ["hold orders-db --all --until 4h --reason x", /either names or --all/],
    ["hold orders-db --until 4h", /needs --reason/],
    ["hold orders-db --reason x", /needs --until/],
    ["hold orders-db --until whenever --reason x", /--until cannot be `whenever`/],
    ["hold orders-bd --until 2099-01-01 --reason x", /no credential orders-bd; did you mean orders-db\?/],
    ["release nothing --reason x", /is called nothing; cre status shows those that are/],
    ["retry absent-key --reason x", /no credential absent-key; cre list shows all/],
    ["run --only absent-key", /no credential absent-key; cre list shows all/],
    ["retry orders-db --reason x", /no open rotation: there is nothing to retry/],
    ["rollback orders-bd --reason x", /did you mean orders-db/],
    ["proceed orders-db", /needs --reason/],
    ["compromise orders-bd --reason x", /did you mean orders-db/],
    ["compromise orders-db", /needs --reason/],
    ["run --now 2026-01-01", /no option --now/],
    ["run --as-of HEAD", /no option --as-of/],
    ["rotate", /needs NAME/],
  ];
  for (const [line, words] of cases) {
    test(`cre ${line}`, async () => {
      const ran = await cre.run(line.split(" "));
      expect(ran.out + ran.err).toMatch(words);
      expect(ran.err).not.toMatch(/\n {4}at |should not/);
      expect(ran.code).toBe(2);
      expect(await repository.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    });
  }
});

describe("a value on standard input", () => {
  const secret = "correct-horse-battery";

  test("is not read from a terminal", async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    const ran = await cre.run(["rotate", "payments-key", "--value-stdin"], { stdin: terminal });
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/which is a terminal/) });
  });

  test("is not waited for after an interruption", async () => {
    const interrupt = new AbortController();
    const ran = cre.run(["rotate", "payments-key", "--value-stdin"], {
      stdin: new PassThrough(),
      signal: interrupt.signal,
    });
    interrupt.abort(new Error("interrupted"));
    expect((await ran).code).toBe(4);
  });

  const wrong: readonly [what: string, stdin: string | Uint8Array, words: RegExp][] = [
    ["nothing", "", /is empty/],
    ["only a line end", "\n", /is empty/],
    ["no text", Buffer.from([0x61, 0xff]), /not UTF-8/],
    ["far too much", "x".repeat(300_000), /more than 256 KiB/],
  ];
  for (const [what, stdin, words] of wrong) {
    test(`that is ${what} is refused`, async () => {
      const ran = await cre.run(["rotate", "payments-key", "--value-stdin"], { stdin });
      expect(ran).toMatchObject({ code: 2, out: "", err: expect.stringMatching(words) });
    });
  }

  test("is never echoed, also where it cannot be used", async () => {
    for (const name of ["payments-key", "orders-db", "nobody"]) {
      const ran = await cre.run(["rotate", name, "--value-stdin"], { stdin: `${secret}\n` });
      expect([2, 3]).toContain(ran.code);
      expect(ran.out + ran.err).not.toContain(secret);
    }
  });
});

describe("a person's command is in force at once, and in the trail", () => {
  test("hold, status, release", async () => {
    const held = await cre.run(["hold", "orders-db", "--until", FAR, "--reason", "incident 12"]);
    expect(held).toMatchObject({
      code: 0,
      // Once, and nothing else.
      out: expect.stringMatching(/^hold orders-db-\d{8}T\d{6}Z is in force until 2099\S+; cre release .*\n$/),
    });

    const status = await cre.run(["status"]);
    expect(status.out).toMatch(/Hold orders-db-\S+: orders-db, until 2099-01-01T00:00:00Z: incident 12/);
    const plan = await cre.run(["plan", "--only", "orders-db", "--format", "json"]);
    expect(JSON.parse(plan.out)).toMatchObject({
      items: [{ action: "wait", notBefore: "2099-01-01T00:00:00Z" }],
    });

    const released = await cre.run(["release", "orders-db", "--reason", "over", "--format", "json"]);
    expect(released.code).toBe(0);
    expect(JSON.parse(released.out)).toMatchObject({ exit: 0, pushes: 1, problems: [] });
    expect((await cre.run(["status"])).out).toBe("No rotation is open.\n");

    const story = await cre.run(["audit"]);
    expect(story.out).toMatch(/hold\.pressed .*alice[^]*incident 12[^]*hold\.released .*alice/);
    expect((await cre.run(["audit", "verify"])).code).toBe(0);
  });

  test("a hold on everything stops everything", async () => {
    expect((await cre.run(["hold", "--all", "--until", "4h", "--reason", "stop"], { now: FAR })).code).toBe(
      0,
    );
    expect((await cre.run(["status", "--now", FAR])).out).toMatch(
      /Hold all-\S+: all, until 2099-01-01T04:00:00Z: stop/,
    );
    expect((await cre.run(["release", "all", "--reason", "go"])).code).toBe(0);
  });
});

test("who asks for a credential by name and does not get it sees no success", async () => {
  const refused: readonly [name: string, code: number, words: RegExp][] = [
    ["payments-key", 3, /method manual: nothing here can rotate it/],
    ["orders-db", 3, /PG_ADMIN is not set/],
    ["nobody", 2, /no credential nobody/],
  ];
  for (const [name, code, words] of refused) {
    const ran = await cre.run(["rotate", name]);
    expect(ran).toMatchObject({ code, out: expect.stringMatching(words) });
  }
});

test("a run reads the default branch and not the work tree, and says what it did", async () => {
  const clone = await repository.clone();
  const session = new CliSession(clone.path, clone.env);
  await session.write("registry/broken.yaml", "kind: [\n");
  const ran = await session.run(["run"]);
  expect(ran.err).not.toMatch(/broken/);
  expect(ran.out).toMatch(/leaked-key: refuse: compromised: payments must replace it now/);
  expect([0, 3]).toContain(ran.code);
});

test("a run with invalid documents lists them, starts nothing and ends with 2", async () => {
  const other = await createScratchRepository({ ...SMALL_COMPANY, "registry/broken.yaml": "kind: [\n" });
  try {
    const clone = await other.clone();
    const session = new CliSession(clone.path, clone.env);
    const ran = await session.run(["run"]);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/registry\/broken\.yaml:\d+:\d+ /);
    expect(ran.out).toMatch(/orders-db: refuse: documents are invalid/);
    const again = await session.run(["run", "--format", "json"]);
    expect(JSON.parse(again.out)).toMatchObject({ exit: 2, problems: [{ file: "registry/broken.yaml" }] });
  } finally {
    await other.dispose();
  }
});

test("an unreachable remote is a source that failed: 3, in words", async () => {
  const clone = await repository.clone();
  await clone.git("remote", "set-url", "origin", `${repository.path}-gone`);
  const ran = await new CliSession(clone.path, clone.env).run(["run"]);
  expect(ran).toMatchObject({ code: 3, out: "" });
  expect(ran.err).toMatch(/remote origin (cannot be reached|refuses access)[^]*Fix: /);
  expect(ran.err).not.toMatch(/\n {4}at /);
});
