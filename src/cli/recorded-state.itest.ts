import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDocuments } from "../adapters/documents/read-documents.ts";
import { sha256 } from "../adapters/runtime/hash.ts";
import { openGitStore } from "../adapters/store/git-store.ts";
import type { AuditEvent } from "../core/audit/entry.ts";
import type { Status } from "../core/state/status.ts";
import { CliSession, instant, TODAY } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { createScratchRepository, type ScratchRepository } from "../testing/services/git-remote.ts";

const KEY = "a-key-for-tags";

function tag(name: string, attempt: string, value: string): string {
  return createHmac("sha256", KEY).update(`${name}\0${attempt}\0${value}`).digest("hex").slice(0, 16);
}

const VERSION = { createdAt: instant("2026-11-01"), live: true, origin: "issued" } as const;
const RECORD: Status = {
  schemaVersion: 1,
  credential: "orders-db",
  service: "orders-api",
  epoch: 3,
  adoptedAt: instant("2026-01-20"),
  versions: [
    {
      ...VERSION,
      handle: "orders_a",
      slot: "orders_a",
      createdAt: instant("2026-09-01"),
      promoted: false,
      mark: { rotation: "r1", attempt: "t1", epoch: 1 },
      tag: tag("orders-db", "t1", "the old one"),
    },
    {
      ...VERSION,
      handle: "orders_b",
      slot: "orders_b",
      promoted: true,
      mark: { rotation: "r2", attempt: "t2", epoch: 2 },
      tag: tag("orders-db", "t2", "the new one"),
    },
  ],
};

const ROTATION: NonNullable<Status["rotation"]> = {
  id: "r2",
  recipe: "alternate",
  reason: "due",
  because: "database-passwords",
  emergency: false,
  openedAt: instant("2026-11-01"),
  outcome: "open",
  step: "deactivate",
  phase: "ready",
  since: instant("2026-11-02"),
  attempts: 1,
  failures: 0,
  pointOfNoReturn: true,
  wait: { why: "quiet", until: instant("2026-11-24T02:00:00Z") },
  pinned: {
    commit: "c".repeat(40),
    credential: readDocumentsOf().credentials.get("orders-db")!.document,
    policy: {
      rotate: true,
      gracePeriod: 86_400,
      quietPeriod: 86_400,
      soakPeriod: 86_400,
      emergency: { order: "replace-first", confirmWithin: 900 },
    },
  },
};

function readDocumentsOf(): ReturnType<typeof readDocuments>["documents"] {
  const files = Object.entries(SMALL_COMPANY).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  return readDocuments(files).documents;
}

/** Records a status and events as a run does. */
async function record(
  repository: ScratchRepository,
  status: Status,
  events: readonly AuditEvent[],
): Promise<void> {
  const clone = await repository.clone();
  const store = await openGitStore({ repo: clone.path, env: clone.env, readDocuments });
  const { signal } = new AbortController();
  const inputs = await store.fetchInputs(signal);
  const state = await store.fetchState(inputs, signal);
  const { credential } = status;
  const change = {
    statuses: new Map([[credential, status]]),
    events,
    subject: `record ${credential}`,
    trailers: [],
  };
  const identity = { run: `run-${state.auditHead?.seq ?? 0}`, actor: "scheduler" };
  const outcome = await store.publish(state, change, identity, instant(TODAY), signal);
  expect(outcome.outcome).toBe("accepted");
}

function event(name: string, credential = "orders-db"): AuditEvent {
  return {
    time: instant(TODAY),
    event: name,
    credential,
    step: "promote",
    outcome: "applied",
    detail: { handle: "orders_b" },
  };
}

let repository: ScratchRepository;
let cre: CliSession;
const env = { TAG_KEY: KEY };

beforeAll(async () => {
  repository = await createScratchRepository(SMALL_COMPANY, "2026-01-01T00:00:00Z");
  await record(repository, RECORD, [event("rotation.opened"), event("step.applied")]);
  await record(repository, { ...RECORD, rotation: ROTATION }, [event("rotation.waits")]);
  const clone = await repository.clone();
  cre = new CliSession(clone.path, clone.env);
});
afterAll(async () => repository.dispose());

describe("check compares a value with the recorded versions", () => {
  const cases: readonly [value: string, code: number, text: RegExp][] = [
    ["the new one", 0, /it is the current version \(orders_b/],
    ["the new one\n", 0, /it is the current version/],
    ["the old one", 1, /it is an older version \(orders_a\), which can still authenticate/],
    ["orders_b", 0, /it is the current version/],
    ["orders_a", 1, /older version/],
    ["something else", 1, /none of the versions on record/],
  ];
  for (const [stdin, code, text] of cases) {
    test(`${JSON.stringify(stdin)} ends with ${code}`, async () => {
      const ran = await cre.run(["check", "orders-db"], { stdin, env });
      expect(ran.out).toMatch(text);
      expect(ran.code).toBe(code);
      expect(ran.out + ran.err).not.toContain("one\n");
    });
  }

  test("it says why it cannot be said: no key, no record, nothing piped, no text", async () => {
    const without = await cre.run(["check", "orders-db"], { stdin: "x" });
    expect(without.code).toBe(2);
    expect(without.err).toMatch(/TAG_KEY is not set/);
    const unrecorded = await cre.run(["check", "payments-key"], { stdin: "x", env });
    expect(unrecorded).toMatchObject({
      code: 2,
      out: expect.stringMatching(/no version on record has a tag/),
    });
    expect(await cre.run(["check", "orders-db"], { env })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is empty/),
    });
    const binary = await cre.run(["check", "orders-db"], { stdin: Buffer.from([0xff, 0x00]), env });
    expect(binary).toMatchObject({ code: 2, err: expect.stringMatching(/not UTF-8/) });
  });

  test("its JSON has no trace of the value", async () => {
    const ran = await cre.run(["check", "orders-db", "--format", "json"], { stdin: "the new one", env });
    expect(JSON.parse(ran.out)).toMatchObject({ verdict: "current", by: "tag", handle: "orders_b" });
    expect(ran.out).not.toContain("the new one");
  });
});

test("without a tagKey in the settings check ends with 2 and says why", async () => {
  const platform = SMALL_COMPANY["policies/platform.yaml"] ?? "";
  const clone = await repository.clone();
  const session = new CliSession(clone.path, clone.env);
  await session.write("policies/platform.yaml", platform.replace("  tagKey: { env: TAG_KEY }\n", ""));
  const ran = await session.run(["check", "orders-db"], { stdin: "the new one", env });
  expect(ran).toMatchObject({ code: 2, out: expect.stringMatching(/no tags are kept/) });
});

test("status says what a rotation waits for, until when, and exits 0 for a healthy wait", async () => {
  const ran = await cre.run(["status"]);
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(
    /orders-db +deactivate +waiting +2026-11-02 00:00 +the old version to be silent.*until 2026-11-24T02:00:00Z/,
  );
  const { out } = await cre.run(["status", "--format", "json"]);
  expect(JSON.parse(out)).toMatchObject({
    rotations: [{ credential: "orders-db", stands: "waiting", help: [] }],
  });
});

test("status tells once why a try failed, and what can be done about it", async () => {
  const other = await createScratchRepository(SMALL_COMPANY, "2026-01-01T00:00:00Z");
  try {
    const message = "the tokens server did not answer";
    const failed: NonNullable<Status["rotation"]> = {
      ...ROTATION,
      step: "preflight",
      pointOfNoReturn: false,
      failures: 1,
      failure: { step: "preflight", code: "no-answer", message, at: instant("2026-11-23") },
      wait: { why: "backoff", until: instant("2026-11-24T02:00:00Z"), detail: message },
    };
    await record(other, { ...RECORD, rotation: failed }, [event("step.failed")]);
    const clone = await other.clone();
    const ran = await new CliSession(clone.path, clone.env).run(["status"]);
    expect(ran.out.split(message)).toHaveLength(2);
    expect(ran.out).toMatch(
      /the next try: the tokens server[^]*cre retry orders-db [^]*cre rollback orders-db /,
    );
  } finally {
    await other.dispose();
  }
});

test("show and list take versions and dates from the record", async () => {
  expect((await cre.run(["show", "orders-db"])).out).toMatch(
    /orders_b +2026-11-01T00:00:00Z +live +promoted +issued/,
  );
  expect((await cre.run(["list", "--only", "orders-db"])).out).toMatch(
    /orders-db +(stale|expired) +2026-10-31/,
  );
  const narrow = await cre.run(["show", "orders-db"], { columns: 70, env: { NO_COLOR: "1" } });
  const facts = narrow.out.slice(0, narrow.out.indexOf("Who has access"));
  expect(facts.split("\n").filter((line) => line.length > 70)).toEqual([]);
});

test("a parked rotation ends status with 3 and the commands that help", async () => {
  const other = await createScratchRepository(SMALL_COMPANY, "2026-01-01T00:00:00Z");
  try {
    const { wait: _, ...rotation } = ROTATION;
    const parked = {
      code: "state-behind",
      message: "the mark is newer",
      at: instant("2026-11-20"),
      commands: ["retry", "rollback"],
    };
    await record(other, { ...RECORD, rotation: { ...rotation, outcome: "parked", parked } }, [
      event("rotation.parked"),
    ]);
    const clone = await other.clone();
    const ran = await new CliSession(clone.path, clone.env).run(["status"]);
    expect(ran.code).toBe(3);
    expect(ran.out).toMatch(
      /parked +2026-11-20 00:00 +the mark is newer[^]*cre retry orders-db --reason TEXT\n {2}cre rollback/,
    );
  } finally {
    await other.dispose();
  }
});

describe("the trail", () => {
  test("of one credential is told in order, with its facts", async () => {
    const ran = await cre.run(["audit", "orders-db"]);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(
      /1 +2026-11-23 10:00 +orders-db +rotation\.opened +promote +applied +scheduler\n +handle=orders_b\n[^]*rotation\.waits/,
    );
    const { out } = await cre.run(["audit", "--format", "json"]);
    expect((JSON.parse(out) as { entries: unknown[] }).entries).toHaveLength(3);
  });

  test("has a head that is kept elsewhere, and verifies against it", async () => {
    const { out, code } = await cre.run(["audit", "anchor"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^[0-9a-f]{64}\n$/);
    const verified = await cre.run(["audit", "verify", "--anchor", out.trim().toUpperCase()]);
    expect(verified).toMatchObject({ code: 0, err: "" });
    expect(verified.out).toMatch(
      /^The chain is whole: 3 entries in 2 segments, head [0-9a-f]{64} .*; it holds the anchor\.\n$/,
    );
  });

  const damage: readonly [what: string, change: (lines: string[]) => string[], words: RegExp][] = [
    [
      "a changed entry",
      (lines) => lines.map((line) => line.replace("orders_b", "orders_x")),
      /:1 edited entry 1/,
    ],
    ["a removed entry", (lines) => lines.slice(1), /misnamed|gap/],
    ["exchanged entries", (lines) => lines.toReversed(), /out-of-order|gap|misnamed/],
    ["a cut last line", (lines) => [...lines.slice(0, -1), lines.at(-1)?.slice(0, 40) ?? ""], /unparsable/],
    ["nothing left", () => [], /empty/],
  ];
  for (const [what, change, words] of damage) {
    test(`with ${what} ends with 3 and names the place`, async () => {
      const clone = await repository.clone();
      const paths = await clone.git("ls-tree", "-r", "--name-only", "origin/cre/state", "audit");
      const [path = ""] = paths.split("\n");
      await clone.git("checkout", "--quiet", "-b", "tampered", "origin/cre/state");
      const session = new CliSession(clone.path, clone.env);
      const lines = session.read(path).trimEnd().split("\n");
      const text = change(lines)
        .map((line) => `${line}\n`)
        .join("");
      await clone.commit({ files: { [path]: text }, message: "tamper" });
      await clone.git("update-ref", "refs/remotes/origin/cre/state", "tampered");
      await clone.git("checkout", "--quiet", "main");
      const ran = await session.run(["audit", "verify"]);
      expect(ran.out).toMatch(words);
      expect(ran.out).toContain(path);
      expect(ran.code).toBe(3);
    });
  }

  test("with a damaged end is still verified and told, and no other command works with it", async () => {
    const clone = await repository.clone();
    const session = new CliSession(clone.path, clone.env);
    await clone.git("checkout", "--quiet", "-b", "tampered", "origin/cre/state");
    const paths = await clone.git("ls-tree", "-r", "--name-only", "HEAD", "audit");
    const path = paths.split("\n").at(-1) ?? "";
    await clone.commit({ files: { [path]: `${session.read(path)}not an entry\n` }, message: "tamper" });
    await clone.git("update-ref", "refs/remotes/origin/cre/state", "tampered");
    await clone.git("checkout", "--quiet", "main");
    expect(await session.run(["audit", "verify"])).toMatchObject({
      code: 3,
      out: expect.stringMatching(/unparsable/),
    });
    expect((await session.run(["audit"])).code).toBe(0);
    expect(await session.run(["evaluate"])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/cre audit verify/),
    });
  });

  test("that was cut back is found by what the commits recorded", async () => {
    const clone = await repository.clone();
    const paths = await clone.git("ls-tree", "-r", "--name-only", "origin/cre/state", "audit");
    const path = paths.split("\n").at(-1) ?? "";
    await clone.git("checkout", "--quiet", "-b", "tampered", "origin/cre/state");
    await clone.commit({ files: { [path]: null }, message: "cut" });
    await clone.git("update-ref", "refs/remotes/origin/cre/state", "tampered");
    await clone.git("checkout", "--quiet", "main");
    const ran = await new CliSession(clone.path, clone.env).run(["audit", "verify"]);
    expect(ran).toMatchObject({ code: 3, out: expect.stringMatching(/head-missing/) });
  });
});

test("--as-of takes documents, records and clock of then", async () => {
  const commit = await repository.git("rev-parse", "cre/state~1");
  const before = await cre.run(["status", "--as-of", commit]);
  expect(before).toMatchObject({ code: 0, out: "No rotation is open.\n" });
  const long = await cre.run(["list", "--as-of", "2026-02-01", "--only", "orders-db"]);
  expect(long.out).toMatch(/orders-db +active/);
  expect((await cre.run(["audit", "--as-of", "2026-02-01"])).out).toBe("The trail says nothing yet.\n");
});

test("an unreadable record is told, and makes the result incomplete: 3", async () => {
  const clone = await repository.clone();
  const session = new CliSession(clone.path, clone.env);
  await clone.git("checkout", "--quiet", "-b", "tampered", "origin/cre/state");
  await clone.commit({ files: { "registry/status/orders-api/orders-db.json": "{}\n" }, message: "damage" });
  await clone.git("update-ref", "refs/remotes/origin/cre/state", "tampered");
  await clone.git("checkout", "--quiet", "main");
  const ran = await session.run(["evaluate"]);
  expect(ran.code).toBe(3);
  expect(ran.err).toMatch(/registry\/status\/orders-api\/orders-db\.json .* cannot be read/);
});

test("a clone without the state branch is told the command that fetches it", async () => {
  const clone = await repository.clone({ args: ["--single-branch"] });
  const session = new CliSession(clone.path, clone.env);
  const ran = await session.run(["evaluate"]);
  expect(ran.code).toBe(2);
  expect(ran.err).toMatch(/state branch cre\/state is not in this clone\n.*\nFix: run: (git fetch .*)\n/);
  const [, fetch = ""] = /Fix: run: git (.*)\n/.exec(ran.err) ?? [];
  await clone.git(...fetch.split(" "));
  expect((await session.run(["evaluate"])).code).toBe(0);
  expect((await session.run(["validate"])).code).toBe(0);
});

test("tags are made as documented: the first 16 hex of the HMAC over name, attempt and value", () => {
  expect(tag("n", "a", "v")).toMatch(/^[0-9a-f]{16}$/);
  expect(sha256("")).toMatch(/^e3b0c442/);
});
