import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { CliSession } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { createLocalRepository } from "../testing/services/git-remote.ts";

const repositories: { dispose(): Promise<void> }[] = [];
let cre: CliSession;
let git: (...args: string[]) => Promise<string>;

beforeEach(async () => {
  const repository = await createLocalRepository(SMALL_COMPANY);
  repositories.push(repository);
  cre = new CliSession(repository.path, repository.env);
  git = async (...args) => repository.git(...args);
});
afterAll(async () => {
  for (const repository of repositories) await repository.dispose();
});

const ORDERS = SMALL_COMPANY["registry/orders.yaml"] ?? "";
const PAYMENTS = SMALL_COMPANY["registry/payments.yaml"] ?? "";

/** Replaces one piece of a text that stands there once. */
function swap(text: string, piece: string, by: string): string {
  expect(text.split(piece)).toHaveLength(2);
  return text.replace(piece, by);
}

describe("one field changes, and no other byte", () => {
  test("rotated sets the instant of now, in its place", async () => {
    const ran = await cre.run(["rotated", "payments-key"]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toBe(
      'registry/payments.yaml: Credential payments-key changed\n  spec.rotatedAt: "2026-11-23T10:00:00Z"\n',
    );
    expect(cre.read("registry/payments.yaml")).toBe(swap(PAYMENTS, "2026-09-01 ", "2026-11-23T10:00:00Z "));
    expect((await cre.run(["list", "--only", "payments-key"])).out).toMatch(
      /payments-key +active +2027-02-21/,
    );
  });

  test("rotated keeps a day as the person wrote it, with handle and end", async () => {
    const line = [
      "rotated",
      "orders-old-key",
      "--at",
      "2026-11-20",
      "--expires-at",
      "2027-03-01",
      "--handle",
      "K2",
    ];
    expect((await cre.run(line)).code).toBe(0);
    expect(cre.read("registry/orders.yaml")).toBe(
      swap(
        ORDERS,
        "  access: []\n",
        "  access: []\n  rotatedAt: 2026-11-20\n  expiresAt: 2027-03-01\n  handle: K2\n",
      ),
    );
  });

  test("retire adds its line and says who ends the credential", async () => {
    const ran = await cre.run(["retire", "orders-old-key", "--at", "2026-12-31"]);
    expect(ran.code).toBe(0);
    expect(ran.err).toMatch(/end it at the provider by hand/);
    expect(cre.read("registry/orders.yaml")).toBe(`${ORDERS}  retiredAt: 2026-12-31\n`);
  });

  test("edit sets several fields at once, with values of every kind", async () => {
    const sets = ["access[0].until=2027-01-01", 'metadata.labels.scope="007"', "dependsOn=[leaked-key]"];
    const ran = await cre.run(["edit", "payments-key", ...sets.flatMap((set) => ["--set", set])]);
    expect(ran).toMatchObject({ code: 0 });
    expect(cre.read("registry/payments.yaml")).toBe(
      swap(
        swap(
          PAYMENTS,
          "purpose: charges }\n",
          "purpose: charges, until: 2027-01-01 }\n  dependsOn: [leaked-key]\n",
        ),
        "scope: pci",
        'scope: "007"',
      ),
    );
  });

  test("edit of Windows text keeps its line ends and its byte order mark", async () => {
    const windows = `\ufeff${PAYMENTS.replaceAll("\n", "\r\n")}`;
    await cre.write("registry/payments.yaml", windows);
    expect((await cre.run(["edit", "leaked-key", "--set", "handle=K1"])).code).toBe(0);
    expect(cre.read("registry/payments.yaml")).toBe(
      swap(windows, "printed in a build log }\r\n", "printed in a build log }\r\n  handle: K1\r\n"),
    );
  });

  test("edit changes other kinds, asked for by kind or by a name that only they have", async () => {
    const platform = SMALL_COMPANY["policies/platform.yaml"] ?? "";
    expect((await cre.run(["edit", "database-passwords", "--set", "rotateWithin=45d"])).code).toBe(0);
    expect(cre.read("policies/platform.yaml")).toBe(swap(platform, "rotateWithin: 60d", "rotateWithin: 45d"));
  });

  test("the same edit again changes nothing", async () => {
    await cre.run(["edit", "payments-key", "--set", "handle=K1"]);
    const once = cre.read("registry/payments.yaml");
    expect((await cre.run(["edit", "payments-key", "--set", "handle=K1"])).code).toBe(0);
    expect(cre.read("registry/payments.yaml")).toBe(once);
  });
});

describe("new documents", () => {
  const key = "register new-key --type api-key --team orders --contact o@example.com --service";

  test("register puts a credential behind those of its service", async () => {
    const line = [...key.split(" "), "orders-api", "--label", "environment=staging", "--set", "access=[]"];
    expect((await cre.run(line)).code).toBe(0);
    expect(cre.read("registry/orders.yaml")).toBe(`${ORDERS}---
apiVersion: cre/v1
kind: Credential
metadata:
  name: new-key
  labels: { environment: staging }
spec:
  type: api-key
  service: orders-api
  owner: { team: orders, contact: o@example.com }
  createdAt: 2026-11-23
  method: manual
  access: []
`);
    expect((await cre.run(["validate"])).code).toBe(0);
  });

  test("register begins a file for a new service, which editors check where schemas are published", async () => {
    await cre.run(["schema", "--out", "registry/schema"]);
    const ran = await cre.run([...key.split(" "), "web"]);
    expect(ran.code).toBe(0);
    expect(ran.err).toMatch(/nobody wrote down who can use it/);
    expect(cre.read("registry/web.yaml")).toMatch(
      /^# yaml-language-server: \$schema=schema\/credential\.schema\.json\napiVersion: cre\/v1\n/,
    );
  });

  test("except writes a request that counts once another person approves it", async () => {
    const words = ["--justification", "Change freeze until the sale is over."];
    const ran = await cre.run([
      "except",
      "orders-old-key",
      "--policy",
      "api-keys",
      "--until",
      "30d",
      ...words,
    ]);
    expect(ran.code).toBe(0);
    expect(ran.err).toMatch(/does not count until another person approves it/);
    expect(cre.read("exceptions/orders.yaml")).toMatch(
      /requestedBy: alice\n {2}startsAt: 2026-11-23\n {2}expiresAt: 2026-12-23\n/,
    );
    expect((await cre.run(["evaluate", "--only", "orders-old-key"])).out).not.toMatch(/waived/);
    await cre.run(["edit", "orders-old-key-api-keys", "--set", "approvedBy=carol"]);
    expect((await cre.run(["evaluate", "--only", "orders-old-key"])).out).toMatch(
      /waived by orders-old-key-api-keys/,
    );
  });

  test("except accepts for a while what discovery saw and nobody registered", async () => {
    const ran = await cre.run([
      "except",
      "--sighting",
      "user deploy",
      "--sighting",
      "ci-*",
      "--until",
      "90d",
      "--justification",
      "Users of the old build farm, which ends in March.",
    ]);
    expect(ran.err).toMatch(/does not count until another person approves it/);
    expect(ran.code).toBe(0);
    expect(cre.read("exceptions/discovery.yaml")).toMatch(
      /name: discovery-unmanaged \}[^]*match:\n {4}sightings: \[user deploy, ci-\*\]\n {2}finding: unmanaged\n/,
    );
    expect((await cre.run(["validate"])).code).toBe(0);
  });

  test("except says that the pull request is what is approved where a forge records it", async () => {
    await cre.run(["edit", "settings", "--set", "forge={ kind: github }"]);
    const ran = await cre.run(
      "except orders-old-key --policy api-keys --until 7d --justification".split(" ").concat("x".repeat(20)),
    );
    expect(ran.err).toMatch(/does not count until another person approves its pull request/);
  });

  test("snooze writes its end, beside what is there", async () => {
    for (const name of ["payments-key", "payments-key"]) {
      expect((await cre.run(["snooze", name, "--until", "7d", "--reason", "ticket 4711"])).code).toBe(0);
    }
    const text = cre.read("exceptions/payments.yaml");
    expect(text).toMatch(
      /name: payments-key-snooze \}[^]*until: 2026-11-30T10:00:00Z[^]*---[^]*name: payments-key-snooze-2 \}/,
    );
    expect((await cre.run(["validate"])).code).toBe(0);
  });

  test("JSON says what was written", async () => {
    const ran = await cre.run(["retire", "payments-key", "--at", "2026-12-31", "--format", "json"]);
    expect(JSON.parse(ran.out)).toMatchObject({
      file: "registry/payments.yaml",
      kind: "Credential",
      name: "payments-key",
      created: false,
      set: [{ path: "spec.retiredAt", value: "2026-12-31" }],
    });
  });
});

describe("what would not be right is refused, and nothing is written", () => {
  const because = "--justification because-it-cannot-be-done-now";
  const cases: readonly [line: string, words: RegExp][] = [
    [
      "edit payments-kye --set handle=x",
      /There is no document `payments-kye`\.\nFix: Did you mean `payments-key`\?/,
    ],
    ["edit payments-key --set ownr.team=x", /registry\/payments\.yaml:\d+:\d+: \S+: .*ownr.*owner/],
    ["edit payments-key --set owner.team=nobody", /registry\/payments\.yaml:9:18: team-unknown: .*nobody/],
    ["edit payments-key --set createdAt=2026-02-30", /date-not-in-calendar/],
    ["edit payments-key --set method=sometimes", /registry\/payments\.yaml:\d+:\d+: .*automated/],
    ["edit payments-key --set handle", /--set needs PATH=VALUE/],
    ["edit payments-key --set handle=", /has no value/],
    ["edit payments-key --set a..b=1", /no path of a field/],
    ["edit payments-key --set access={", /no YAML of one line/],
    ["edit payments-key --set spec.__proto__.x=1", /registry\/payments\.yaml:\d+:\d+: /],
    ["edit payments-key", /needs --set/],
    ["edit payments-key --kind Polcy --set a=1", /--kind cannot be `Polcy`\.\nFix: Did you mean Policy/],
    ["edit orders-cluster --set postgresql.port=99999", /policies\/platform\.yaml:\d+:\d+: /],
    ["edit payments-key --set metadata.name=orders-db", /registry\/payments\.yaml:\d+:\d+: /],
    ["rotated payments-key --at 2026-12-01", /in the future/],
    ["rotated payments-key --at 2026-08-01", /rotated later than that already[^]*rotatedAt is 2026-09-01/],
    ["rotated payments-key --at soon", /--at cannot be `soon`/],
    ["rotated nobody", /There is no Credential `nobody`/],
    ["retire gone-key", /retired from 2026-05-01 on already/],
    ["retire payments-key --at 2020-01-01", /dates-out-of-order/],
    ["snooze payments-key --until 15d --reason x", /15 days ahead/],
    ["snooze payments-key --until 2026-11-23 --reason x", /that is over/],
    ["snooze payments-key --until later --reason x", /--until cannot be `later`/],
    ["snooze nobody --until 7d --reason x", /There is no Credential `nobody`/],
    [
      `except payments-key --until 30d ${because}`,
      /policies that match: api-keys[^]*--policy NAME or --finding CODE/,
    ],
    [`except payments-key --policy api-keys --until 61d ${because}`, /it runs 61 days.*60d/],
    [`except orders-db --policy database-passwords --until 7d ${because}`, /allows no exceptions/],
    [`except leaked-key --finding compromised --until 7d ${because}`, /finding-never-waived/],
    [`except payments-key --policy api-kyes --until 7d ${because}`, /policy-unknown/],
    [
      `except payments-key --policy api-keys --until 7d --approved-by alice ${because}`,
      /approved their own request\.[^]*Have another person approve it/,
    ],
    ["except payments-key --policy api-keys --until 7d --justification short", /justification/],
    [`except --until 7d ${because}`, /credentials, or about what discovery saw[^]*--sighting HANDLE/],
    [`except payments-key --sighting AKIA --until 7d ${because}`, /credentials, or about what discovery saw/],
    [`except --sighting AKIA --policy api-keys --until 7d ${because}`, /sightings-misplaced/],
    [`except --sighting AKIA --finding stale --until 7d ${because}`, /sightings-misplaced/],
    [
      `except payments-key --policy api-keys --until 7d --file registry/x.yaml ${because}`,
      /no place for a Exception/,
    ],
    ["register payments-key --type api-key --service s --team orders --contact c", /registered already/],
    ["register Bad_Name --type api-key --service s --team orders --contact c", /registry\/s\.yaml:\d+:\d+: /],
    ["register a-b --type api --service s --team orders --contact c", /--type cannot be `api`/],
    ["register a-b --type api-key --service s --team orders", /needs --contact/],
    ["register a-b --type api-key --service s --team nobody --contact c", /nobody/],
    ["register a-b --type api-key --service s --team orders --contact c --method automated", /provider/],
    [
      "register a-b --type api-key --service ../../x --team orders --contact c",
      /no place for a Credential|service/,
    ],
    [
      "register a-b --type api-key --service s --team orders --contact c --file ../x.yaml",
      /no place for a Credential/,
    ],
    [
      "register a-b --type api-key --service s --team orders --contact c --file registry/../../x.yaml",
      /no place/,
    ],
  ];
  for (const [line, words] of cases) {
    test(`cre ${line}`, async () => {
      const ran = await cre.run(line.split(" "));
      expect(ran.err).toMatch(words);
      expect(ran.err).not.toMatch(/\n {4}at |should not/);
      expect(ran.out).toBe("");
      expect(ran.code).toBe(2);
      expect(await git("status", "--porcelain")).toBe("");
    });
  }
});

test("old problems elsewhere are no obstacle, and one edit may mend a document", async () => {
  await cre.write("registry/broken.yaml", "kind: [\n");
  expect((await cre.run(["edit", "payments-key", "--set", "handle=K1"])).code).toBe(0);
  await cre.write("registry/orders.yaml", swap(ORDERS, "createdAt: 2025-01-01", "createdAt: someday"));
  expect((await cre.run(["edit", "orders-old-key", "--set", "handle=K1"])).err).toMatch(
    /registry\/orders\.yaml:\d+:\d+: /,
  );
  expect((await cre.run(["edit", "orders-old-key", "--set", "createdAt=2025-01-02"])).code).toBe(0);
  expect(cre.read("registry/orders.yaml")).toBe(
    swap(ORDERS, "createdAt: 2025-01-01", "createdAt: 2025-01-02"),
  );
});

test("a file that is a link is not written through", async () => {
  await cre.write("elsewhere.yaml", PAYMENTS.replaceAll(/name: (\S+)/g, "name: x-$1"));
  await symlink(join(cre.path, "elsewhere.yaml"), join(cre.path, "registry/link.yaml"));
  const line = "register a-b --type api-key --service s --team orders --contact c --file registry/link.yaml";
  const ran = await cre.run(line.split(" "));
  expect(ran.code).toBe(2);
  expect(ran.err).toMatch(/cannot be edited by a command/);
  expect(cre.read("elsewhere.yaml")).not.toContain("a-b");
});
