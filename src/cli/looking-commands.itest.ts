import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jsonSchemas } from "../core/documents/json-schemas.ts";
import { CliSession } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { createLocalRepository } from "../testing/services/git-remote.ts";

let repository: Awaited<ReturnType<typeof createLocalRepository>>;
let cre: CliSession;

beforeAll(async () => {
  repository = await createLocalRepository(SMALL_COMPANY);
  cre = new CliSession(repository.path, repository.env);
});
afterAll(async () => repository.dispose());

/** Command line, exit code, and what standard output and standard error say. */
type Case = readonly [line: string, code: number, out: RegExp, err?: RegExp];

const GOOD: readonly Case[] = [
  ["validate", 0, /^10 documents, no problem\.\n$/, /^$/],
  ["validate --since HEAD", 0, /^0 documents, no problem\.\n$/],
  ["validate --as-of HEAD", 0, /^10 documents/],
  ["list", 0, /^NAME .*\ngone-key +retired .*\nleaked-key +compromised /],
  ["list --state expired", 0, /^NAME.*\norders-old-key .*\n$/],
  ["list --team payments --label scope=pci", 0, /^NAME.*\npayments-key .*\n$/],
  ["list --only orders-db --only payments-key", 0, /^NAME.*\norders-db .*\npayments-key .*\n$/],
  ["list --service nobody", 0, /^No credential fits\.\n$/],
  ["evaluate", 0, /compromised leaked-key[^]*Compliance 50\.0 % strict/],
  ["evaluate --fail-on emergency", 1, /leaked-key/],
  ["evaluate --fail-on emergency --only payments-key", 0, /payments-key/],
  ["evaluate --fail-on warning --only payments-key", 1, /warning rotation-due payments-key/],
  ["evaluate --now 2026-10-02 --only payments-key --fail-on warning", 0, /payments-key +active/],
  ["plan", 0, /leaked-key +refuse .*\norders-db +adopt +adopt .*\norders-old-key +skip /],
  ["plan --type database-password", 0, /^CREDENTIAL.*\norders-db .*\n$/],
  ["show payments-key", 0, /State: +stale, due 2026-11-30[^]*payments-api +service +- +charges/],
  ["show gone-key", 0, /Who has access\n {2}nobody\n/],
  [
    "explain payments-key",
    0,
    /2026-09-01T00:00:00Z \(rotatedAt[^]*rotateWithin 90d[^]*stale from 2026-11-16/,
  ],
  ["status", 0, /^No rotation is open\.\n$/],
  ["status orders-db", 0, /^orders-db has no record yet\.\n$/],
  ["audit", 0, /^The trail says nothing yet\.\n$/],
  ["audit orders-db", 0, /^The trail says nothing yet\.\n$/],
  ["audit verify", 0, /^The chain is whole: 0 entries in 0 segments\.\n$/],
  [`audit verify --anchor ${"0".repeat(64)}`, 0, /it holds the anchor/],
];

const BAD: readonly Case[] = [
  ["evaluat", 2, /^$/, /There is no command `evaluat`\.\nFix: Did you mean `cre evaluate`\?/],
  ["evaluate --fail-one critical", 2, /^$/, /no option --fail-one\.\nFix: Did you mean --fail-on\?/],
  ["evaluate --fail-on bad", 2, /^$/, /--fail-on cannot be `bad`/],
  ["evaluate --zone a", 2, /^$/, /no option --zone\.\nFix: It belongs to `cre plan`/],
  ["evaluate --now yesterday", 2, /^$/, /--now cannot be `yesterday`/],
  ["evaluate --now 2026-02-30", 2, /^$/, /--now cannot be/],
  ["evaluate --now 2026-01-01 --as-of HEAD", 2, /^$/, /exclude each other/],
  ["evaluate --as-of nothing-like-it", 2, /^$/, /neither an instant nor a commit/],
  ["evaluate --as-of 1999-01-01", 2, /^$/, /no documents at 1999-01-01/],
  ["evaluate --as-of --help-me", 2, /^$/, /--as-of needs a value/],
  ["list --only orders-bd", 2, /^$/, /no credential `orders-bd`\.\nFix: Did you mean `orders-db`\?/],
  ["list --state late", 2, /^$/, /--state cannot be `late`/],
  ["list --type api", 2, /^$/, /--type cannot be `api`[^]*api-key/],
  ["list --label production", 2, /^$/, /--label cannot be `production`/],
  ["list --format yaml", 2, /^$/, /--format cannot be `yaml`/],
  ["list extra", 2, /^$/, /does not know what to do with `extra`/],
  ["list --repo /nowhere/at/all", 2, /^$/, /does not exist/],
  ["show", 2, /^$/, /needs NAME/],
  ["show nobody-has-this", 2, /^$/, /no credential `nobody-has-this`/],
  ["explain 0123456789abcdef", 2, /^$/, /No finding has the fingerprint/],
  ["status orders-bd", 2, /^$/, /Did you mean `orders-db`/],
  ["validate --since nothing", 2, /^$/, /--since nothing names no commit/],
  ["audit nobody-has-this", 2, /^$/, /Neither the documents nor the trail/],
  ["audit anchor", 2, /^$/, /There is no trail yet/],
  ["audit verify --anchor 12", 2, /^$/, /64 hex digits/],
  [`audit verify --anchor ${"a".repeat(64)}`, 3, /anchor-missing[^]*The chain is broken: 1 fault/],
  ["audit verfy", 2, /^$/, /Neither the documents nor the trail/],
  ["schema --out /dev/null/x", 2, /^$/, /could not be written/],
  ["list --output /nowhere/at/all.txt", 2, /^$/, /could not be written to/],
];

for (const [line, code, out, err = /^$/] of [...GOOD, ...BAD]) {
  test(`cre ${line.replaceAll(/([0a])\1{60,}/g, "$1…")} ends with ${code}`, async () => {
    const ran = await cre.run(line.split(" "));
    expect(ran.out).toMatch(out);
    expect(ran.err).toMatch(err);
    expect(ran.err).not.toMatch(/\n {4}at |should not/);
    expect(ran.code).toBe(code);
  });
}

describe("JSON that other tools rely on", () => {
  const ajv = new Ajv2020({ strict: false });
  const schemas = jsonSchemas();
  const published: readonly [line: string, schema: string][] = [
    ["evaluate", "evaluation"],
    ["evaluate --as-of HEAD --only orders-db", "evaluation"],
    ["validate", "problems"],
    ["plan", "plan"],
    ["plan --now 2027-01-10", "plan"],
  ];
  for (const [line, schema] of published) {
    test(`${line} has its published shape`, async () => {
      const { out, code } = await cre.run([...line.split(" "), "--format", "json"]);
      expect(code).toBe(0);
      const validate = ajv.compile(schemas.get(`${schema}.schema.json`) ?? false);
      validate(JSON.parse(out));
      expect(validate.errors).toBe(null);
    });
  }

  test("the same evaluation has the same bytes", async () => {
    const line = ["evaluate", "--format", "json", "--now", "2026-11-23T00:00:00Z"];
    const [first, second] = [await cre.run(line), await cre.run(line)];
    expect(first.out).toBe(second.out);
    expect(JSON.parse(first.out)).toMatchObject({
      kind: "Evaluation",
      asOf: "2026-11-23T00:00:00Z",
      stateCommit: null,
      summary: { credentials: 5, compromised: 1, compliance: { strict: 0.5 } },
    });
  });

  const shapes: readonly [line: string, keys: readonly string[]][] = [
    ["list", ["asOf", "credentials"]],
    ["show orders-db", ["name", "asOf", "document", "state", "dueAt", "status"]],
    ["explain orders-db", ["asOf", "finding", "credential"]],
    ["status", ["asOf", "rotations", "holds", "incidents", "requests"]],
    ["audit", ["entries"]],
    ["audit verify", ["ok", "entries", "segments", "faults"]],
    ["schema", ["credential.schema.json", "evaluation.schema.json"]],
  ];
  for (const [line, keys] of shapes) {
    test(`cre ${line} --format json is an object with its facts`, async () => {
      const { out, code } = await cre.run([...line.split(" "), "--format", "json"]);
      expect(code).toBe(0);
      expect(Object.keys(JSON.parse(out) as object)).toEqual(expect.arrayContaining([...keys]));
    });
  }
});

test("a finding is explained by the fingerprint that evaluate gives it", async () => {
  const { out } = await cre.run(["evaluate", "--format", "json", "--only", "payments-key"]);
  const { findings } = JSON.parse(out) as { findings: { fingerprint: string }[] };
  const explained = await cre.run(["explain", findings[0]?.fingerprint ?? ""]);
  expect(explained).toMatchObject({ code: 0, err: "" });
  expect(explained.out).toMatch(
    /^warning rotation-due registry\/payments\.yaml:1\n[^]*payments-key is stale/,
  );
});

test("tables fit a terminal of 80 columns, and colours are for terminals that want them", async () => {
  for (const line of ["list", "evaluate", "plan", "explain leaked-key", "audit verify", "status"]) {
    const narrow = await cre.run(line.split(" "), { columns: 80, env: { NO_COLOR: "1" } });
    expect(narrow.out.split("\n").filter((text) => text.length > 80)).toEqual([]);
    expect(narrow.out).not.toContain("\u001b");
  }
  const colored = await cre.run(["list"], { columns: 80, env: { TERM: "xterm" } });
  expect(colored.out).toContain("\u001b[31mexpired\u001b[39m");
  const asked = await cre.run(["list", "--no-color"], { columns: 80, env: { TERM: "xterm" } });
  expect(asked.out).not.toContain("\u001b");
});

test("a result goes to the file that --output names, and nothing to standard output", async () => {
  const ran = await cre.run(["list", "--output", "list.txt"]);
  expect(ran).toMatchObject({ code: 0, out: "" });
  expect(cre.read("list.txt")).toMatch(/^NAME/);
});

test("an interrupted command ends with 4", async () => {
  const ran = await cre.run(["evaluate"], { signal: AbortSignal.abort(new Error("interrupted")) });
  expect(ran.code).toBe(4);
  expect(ran.err).toMatch(/Interrupted/);
});
