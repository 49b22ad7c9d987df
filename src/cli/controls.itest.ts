import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ComplianceReport } from "../core/compliance/compliance-report.ts";
import { CliSession } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { createScratchRepository, type ScratchRepository } from "../testing/services/git-remote.ts";

let repository: ScratchRepository;
let cre: CliSession;
beforeAll(async () => {
  repository = await createScratchRepository(SMALL_COMPANY, "2026-01-01T00:00:00Z");
  const clone = await repository.clone();
  cre = new CliSession(clone.path, clone.env);
});
afterAll(async () => repository.dispose());

async function report(...args: readonly string[]): Promise<ComplianceReport> {
  const { out } = await cre.run(["controls", "--format", "json", ...args]);
  return JSON.parse(out) as ComplianceReport; // its schema is tested below
}

test("what is printed as JSON fits its published schema and is the same each time", async () => {
  const first = await report("--as-of", "2026-11-20T00:00:00Z");
  expect(first).toEqual(await report("--as-of", "2026-11-20T00:00:00Z"));
  expect(new Ajv2020().compile(ComplianceReport)(first)).toBe(true);
  expect(first.frameworks.map(({ id }) => id)).toEqual(["soc2", "iso27001", "pci-dss"]);
});

test("shows a framework by its name, with the checks and what fails", async () => {
  const { code, out } = await cre.run(["controls", "--framework", "nis2"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^11\.6\.2\(c\) {2,}direct {2,}fail /m);
  expect(out).toContain(
    "K07 compromise_response: 1 do not hold\n  document of leaked-key: a version from before 2026-11-20",
  );
  const unknown = await cre.run(["controls", "--framework", "soc3"]);
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain("Did you mean `soc2`?");
});

test("the trail is verified, and one that is broken is a result and exit code 3", async () => {
  await cre.run(["hold", "orders-db", "--until", "2026-12-01", "--reason", "odd errors"]);
  const measured = (await report()).checks.filter(({ check }) => ["K16", "K17", "K23"].includes(check));
  expect(measured.map(({ status, failing }) => [status, failing.length])).toEqual([
    ["pass", 0],
    ["pass", 0],
    ["pass", 0],
  ]);
  const files = { "audit/2026/12/000000000099-run.jsonl": "no entry\n" };
  await repository.commit({ branch: "cre/state", files });
  const clone = await repository.clone();
  const broken = await new CliSession(clone.path, clone.env).run(["controls", "--framework", "nis2"]);
  expect(broken.code).toBe(3);
  expect(broken.out).toMatch(
    /^K16 audit_chain: 1 do not hold\n  audit\/2026\/12\/000000000099-run\.jsonl:1: /m,
  );
});

test("a framework of one's own is used, and a broken one is told at its line by controls and validate", async () => {
  const settings = SMALL_COMPANY["policies/platform.yaml"]?.replace(
    /^kind: Settings[^]*?spec:\n/m,
    (top) => `${top}  reports: { frameworks: [own/rules.yaml] }\n`,
  );
  await cre.write("policies/platform.yaml", settings ?? "");
  const own = (checks: string): string =>
    `apiVersion: cre/v1\nkind: Framework\nmetadata: { name: rules }\nspec:\n  title: Rules\n  version: "1"\n  controls:\n    - { id: R1, title: Keys are young, fit: direct, checks: [${checks}], not: strength }\n`;
  const missing = await cre.run(["validate"]);
  expect(missing.out).toContain("policies/platform.yaml:1:1 framework-missing");
  await cre.write("own/rules.yaml", own("K01"));
  expect((await report()).frameworks).toMatchObject([
    { id: "rules", controls: [{ id: "R1", status: "fail" }] },
  ]);
  await cre.write("own/rules.yaml", own("K77"));
  for (const command of ["controls", "validate"]) {
    const { code, out, err } = await cre.run([command]);
    expect(code).toBe(2);
    expect(out + err).toMatch(/own\/rules\.yaml:8:62 value-unknown/);
  }
});
