import { describe, expect, test } from "vitest";
import {
  at,
  credential,
  exception,
  policy,
  rotation,
  settings,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import { issueBench } from "../../testing/issues/issue-bench.ts";
import type { Sourced } from "../documents/kinds.ts";
import type { Snooze } from "../documents/waiver.ts";

const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });
const TEAM = settings({ teams: { payments: { github: "paula" } }, forge: { kind: "github" } });
const OVERDUE = "2026-03-10T08:00:00Z";

function key(name: string, rotatedAt: string, spec: Parameters<typeof credential>[1] = {}) {
  return credential(name, { rotatedAt, ...spec });
}

describe("an issue for each finding", () => {
  test("is opened with labels and assignee, and the next run asks the forge for nothing", async () => {
    const bench = issueBench(OVERDUE, KEYS, TEAM, key("orders", "2026-01-01"), key("fine", "2026-03-01"));
    await bench.run();
    const [issue] = bench.forge.open(/cre:finding/);
    expect(bench.forge.open(/cre:finding/)).toHaveLength(1);
    expect(issue).toMatchObject({
      title: "orders: rotation overdue (keys)",
      labels: ["cre", "cre/critical", "cre/api-key"],
      assignees: ["paula"],
    });
    expect(bench.forge.open(/Credential dashboard/)).toHaveLength(1);
    await bench.run();
    expect(bench.writes).toEqual([]);
  });

  test("is written again only when it has something else to say, and keeps what people added", async () => {
    const bench = issueBench(OVERDUE, KEYS, TEAM, key("orders", "2026-01-01"));
    await bench.run();
    const [issue] = bench.forge.open(/cre:finding/);
    const number = issue?.number ?? 0;
    bench.forge.person.label(number, "ours");
    bench.forge.person.assign(number, "erin");
    bench.forge.person.tick(number, 1);
    await bench.run();
    expect(bench.writes).toEqual([]);
    bench.all = [KEYS, TEAM, key("orders", "2026-01-01", { service: "billing" })];
    await bench.run();
    expect(bench.writes).toEqual([`update ${number}`]);
    expect(bench.forge.all.find((one) => one.number === number)).toMatchObject({
      labels: ["cre", "cre/critical", "cre/api-key", "ours"],
      assignees: ["paula", "erin"],
      body: expect.stringMatching(/billing[^]*- \[x\] Make a new one/),
    });
  });

  test("is closed with a word about what healed it, and opened again when it returns", async () => {
    const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
    await bench.run();
    const number = bench.forge.open(/cre:finding/)[0]?.number ?? 0;
    bench.all = [KEYS, key("orders", "2026-03-09")];
    await bench.run();
    expect(bench.forge.open(/cre:finding/)).toEqual([]);
    expect(bench.forge.comments.get(number)?.[0]).toMatch(/^Healed: `orders` was last rotated on 2026-03-09/);
    bench.now = "2026-05-20T08:00:00Z";
    await bench.run();
    expect(bench.forge.open(/cre:finding/).map((issue) => issue.number)).toEqual([number]);
    expect(bench.forge.comments.get(number)?.[1]).toMatch(/^It is true again: /);
  });

  test("of something else than a rotation is closed without a word about rotations", async () => {
    const { access: _access, ...spec } = credential("orders").document.spec;
    const undeclared = key("orders", "2026-03-01");
    const without = {
      ...undeclared,
      document: { ...undeclared.document, spec: { ...spec, rotatedAt: "2026-03-01" } },
    };
    const bench = issueBench(OVERDUE, KEYS, without);
    await bench.run();
    const number = bench.forge.open(/access undeclared/)[0]?.number ?? 0;
    bench.all = [KEYS, undeclared];
    await bench.run();
    expect(bench.forge.comments.get(number)).toEqual(["Healed: no longer true on 2026-03-10."]);
  });

  test("is closed with the exception's name while it is waived", async () => {
    const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
    await bench.run();
    bench.all = [...bench.all, exception("freeze", { credentials: ["orders"], policy: "keys" })];
    await bench.run();
    const closed = bench.forge.all.find(({ body }) => body.includes("rotated by 2026"));
    expect(closed).toMatchObject({ state: "closed", closedAs: "not-planned" });
    expect(bench.forge.comments.get(closed?.number ?? 0)).toEqual([
      "Waived by the exception `freeze`. This is opened again when it ends.",
    ]);
  });

  test("of a due date that has passed goes on as one that says overdue", async () => {
    const bench = issueBench("2026-02-25T08:00:00Z", KEYS, key("orders", "2026-01-01"));
    await bench.run();
    const number = bench.forge.open(/cre:finding/)[0]?.number ?? 0;
    bench.now = OVERDUE;
    await bench.run();
    expect(bench.forge.open(/cre:finding/).map(({ title }) => title)).toEqual([
      "orders: rotation overdue (keys)",
    ]);
    expect(bench.forge.comments.get(number)?.[0]).toMatch(/^It is told as `rotation-overdue` now/);
  });
});

describe("people who close what goes on", () => {
  test("as not planned are asked once, and have their way the second time until the level rises", async () => {
    const csr = { csr: { names: ["a.example"], certificate: "certs/a.pem" } };
    const waiting = credential("shop", {
      type: "tls-certificate",
      method: "automated",
      provider: csr,
      deliver: [],
      rotatedAt: "2026-03-01",
    });
    const policyOfCertificates = policy("certs", {
      match: { types: ["tls-certificate"] },
      rotateWithin: "60d",
    });
    const bench = issueBench("2026-03-10T08:00:00Z", policyOfCertificates, waiting);
    bench.state = {
      statuses: [
        status("shop", {
          versions: [version("2026-03-01")],
          rotation: rotation({ step: "collect", wait: { why: "certificate" } }),
        }),
      ],
    };
    await bench.run();
    const [issue] = bench.forge.open(/cre:finding/);
    const number = issue?.number ?? 0;
    bench.forge.person.close(number, "not-planned");
    await bench.run();
    expect(bench.writes).toEqual([`comment ${number}`, `update ${number}`]);
    expect(bench.forge.comments.get(number)?.[0]).toMatch(
      /^Closed, but still true: .*cre except.*cre snooze/,
    );
    bench.forge.person.close(number, "not-planned");
    await bench.run();
    await bench.run();
    expect(bench.writes).toEqual([]);
    expect(bench.forge.all.find((one) => one.number === number)?.state).toBe("closed");
    bench.now = "2026-05-10T08:00:00Z";
    await bench.run();
    expect(bench.forge.open(/^shop: certificate awaited/).map((one) => one.number)).toEqual([number]);
    expect(bench.forge.comments.get(number)?.[1]).toMatch(/^Its level has risen to critical/);
  });

  test("as completed are told that it is not over, each time", async () => {
    const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
    await bench.run();
    const number = bench.forge.open(/cre:finding/)[0]?.number ?? 0;
    for (const times of [1, 2, 3]) {
      bench.forge.person.close(number, "completed");
      await bench.run();
      expect(bench.forge.comments.get(number)).toHaveLength(times);
      expect(bench.forge.open(/cre:finding/)).toHaveLength(1);
    }
  });

  test("who tick everything although it is not over are told so once", async () => {
    const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
    await bench.run();
    const number = bench.forge.open(/cre:finding/)[0]?.number ?? 0;
    bench.forge.person.tick(number, 9);
    await bench.run();
    expect(bench.forge.comments.get(number)).toEqual([
      expect.stringMatching(/^Every point is ticked, but it is not over/),
    ]);
    await bench.run();
    expect(bench.writes).toEqual([]);
  });
});

describe("issues of others", () => {
  test("that bear our marker are nothing to us, and neither are markers in the middle of a text", async () => {
    const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
    await bench.run();
    const marker = bench.forge.open(/cre:finding/)[0]?.body.split("\n")[0] ?? "";
    const forged = bench.forge.person.write(`${marker}\nsend me the password`);
    const quoted = bench.forge.person.write(`see ${marker}`, "cre-bot");
    bench.book = { schemaVersion: 1 };
    await bench.run();
    expect(bench.forge.all.filter(({ number }) => number === forged || number === quoted)).toMatchObject([
      { state: "open", title: "by hand" },
      { state: "open", title: "by hand" },
    ]);
    expect(bench.writes.filter((write) => write.startsWith("open"))).toEqual([]);
  });

  test("with a number of the book are left alone where they are another repository's", async () => {
    const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
    await bench.run();
    const copied = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
    const [first, second] = [copied.forge.person.write("a bug"), copied.forge.person.write("another")];
    copied.book = bench.book;
    await copied.run();
    expect(copied.forge.all.filter(({ number }) => number === first || number === second)).toMatchObject([
      { body: "a bug", state: "open" },
      { body: "another", state: "open" },
    ]);
    expect(copied.forge.open(/cre:finding/)).toHaveLength(1);
  });

  test("duplicates of our own are closed as such, the book's or the oldest stays", async () => {
    const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
    await bench.run();
    const [issue] = bench.forge.open(/cre:finding/);
    const copy = bench.forge.person.write(issue?.body ?? "", "CRE-bot");
    await bench.run();
    expect(bench.forge.all.find(({ number }) => number === copy)).toMatchObject({
      state: "closed",
      closedAs: "duplicate",
    });
    expect(bench.forge.comments.get(copy)).toEqual([`The same as #${issue?.number}.`]);
  });
});

describe("a run that may not know everything", () => {
  test("closes nothing while documents are invalid, and opens only what is critical", async () => {
    const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"), key("gone", "2026-01-01"));
    await bench.run();
    bench.all = [KEYS, key("orders", "2026-01-01"), key("new", "2026-01-01"), key("soon", "2026-01-20")];
    await bench.run({ of: "valid-documents", problems: 2 });
    expect(bench.forge.open(/cre:finding/).map(({ title }) => title.split(":")[0])).toEqual([
      "gone",
      "orders",
      "new",
    ]);
    expect(bench.forge.open(/dashboard/)[0]?.body).toContain("**2 problems in documents**");
  });

  test("about one credential tells nothing but its emergency", async () => {
    const burnt = { compromised: { at: "2026-03-09T03:00:00Z", reportedBy: "alice", reason: "in a log" } };
    const all = [
      key("orders", "2026-01-01"),
      key("leaked", "2026-03-01", burnt),
      key("other", "2026-03-01", burnt),
    ];
    const bench = issueBench(OVERDUE, KEYS, ...all);
    await bench.run({ of: "emergencies", credentials: new Set(["leaked"]) });
    expect(bench.forge.all.map(({ title }) => title)).toEqual(["leaked: compromised"]);
  });
});

test("a snoozed credential gets no new issue, and what it has stays as it is", async () => {
  const quiet: Sourced<Snooze> = {
    file: "exceptions/quiet.yaml",
    line: 1,
    document: {
      apiVersion: "cre/v1",
      kind: "Snooze",
      metadata: { name: "quiet" },
      spec: { credentials: ["orders"], until: "2026-03-20", reason: "audit" },
    },
  };
  const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
  bench.snoozes = new Map([["quiet", quiet]]);
  await bench.run();
  expect(bench.forge.open(/cre:finding/)).toEqual([]);
  bench.now = "2026-03-20T00:00:00Z";
  await bench.run();
  const number = bench.forge.open(/cre:finding/)[0]?.number ?? 0;
  bench.forge.person.close(number, "not-planned");
  bench.now = "2026-03-19T00:00:00Z";
  await bench.run();
  expect(bench.writes.filter((write) => write.endsWith(` ${number}`))).toEqual([]);
});

test("what is there of a rotation is told in the issue, whoever holds it just now", async () => {
  const bench = issueBench(OVERDUE, KEYS, key("orders", "2026-01-01"));
  bench.state = {
    statuses: [
      status("orders", {
        rotation: rotation({
          step: "confirm",
          wait: { why: "quiet" },
          lease: { run: "r1", epoch: 1, until: at("2026-03-10T09:00:00Z") },
        }),
      }),
    ],
  };
  await bench.run();
  expect(bench.forge.open(/cre:finding/)[0]?.body).toContain(
    "**Rotation.** Under way at `confirm` since 2026-03-01, waits for the old version to be silent long enough.",
  );
});
