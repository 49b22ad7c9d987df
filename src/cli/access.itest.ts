import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AccessReport } from "../core/access/access-rows.ts";
import { CliSession } from "../testing/cli/session.ts";
import { createScratchRepository, type ScratchRepository } from "../testing/services/git-remote.ts";

function documentsWith(...access: readonly string[]): Readonly<Record<string, string>> {
  return {
    "registry/shop.yaml": `apiVersion: cre/v1
kind: Credential
metadata: { name: shop-key }
spec:
  type: api-key
  service: shop
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-01-01
  rotatedAt: 2026-01-15
  method: manual
  access: [${access.join(", ")}]
`,
  };
}
const SHOP = "{ principal: shop-api, kind: service }";
const ALICE = "{ principal: Alice, kind: person, purpose: nightly imports }";

let repository: ScratchRepository;
let cre: CliSession;
beforeAll(async () => {
  repository = await createScratchRepository(documentsWith(SHOP), "2026-01-01T00:00:00Z");
  await repository.commit({
    files: documentsWith(SHOP, ALICE),
    message: "Access for Alice (#7)",
    at: "2026-02-01T00:00:00Z",
  });
  await repository.commit({
    files: documentsWith(SHOP),
    message: "Alice has left (#9)",
    at: "2026-03-01T00:00:00Z",
  });
  const clone = await repository.clone();
  cre = new CliSession(clone.path, clone.env);
});
afterAll(async () => repository.dispose());

test("shows who has access now, since when and by which change, and that it is declared access", async () => {
  const { code, out, err } = await cre.run(["access", "shop-key"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^shop-key +shop-api +service +2026-01-01 00:00 +- /m);
  expect(out).not.toContain("Alice");
  expect(err).toContain("who can read the stores where secrets lie is not looked at");
});

test("a period has those who had access at some time of it, as published JSON", async () => {
  const read = async (period: string) => {
    const { out } = await cre.run(["access", "--period", period, "--format", "json"]);
    const report = JSON.parse(out) as AccessReport; // its schema is tested below
    expect(new Ajv2020().compile(AccessReport)(report)).toBe(true);
    return report.rows.map(({ principal, pullRequest, to }) => [principal, pullRequest, to]);
  };
  expect(await read("2026-02")).toEqual([
    ["Alice", "7", "2026-03-01T00:00:00Z"],
    ["shop-api", null, null],
  ]);
  expect(await read("2026-03")).toEqual([["shop-api", null, null]]);
});

test("of a leaver it says what has to be rotated, however long ago the access ended", async () => {
  const { code, out } = await cre.run(["access", "--principal", "alice"]);
  expect(code).toBe(0);
  expect(out).toContain("1 credential to rotate when it leaves: shop-key.");
});

test("a file that cannot be read for a while ends nobody's access", async () => {
  const shop = documentsWith(SHOP);
  const broken = { "registry/shop.yaml": `${shop["registry/shop.yaml"]}  unknown: field\n` };
  const own = await createScratchRepository(shop, "2026-01-01T00:00:00Z");
  await own.commit({ files: broken, at: "2026-02-01T00:00:00Z" });
  await own.commit({ files: shop, at: "2026-03-01T00:00:00Z" });
  const { path, env } = await own.clone();
  const { out } = await new CliSession(path, env).run(["access", "--format", "json"]);
  expect(JSON.parse(out)).toMatchObject({ rows: [{ from: "2026-01-01T00:00:00Z", to: null }] });
  await own.dispose();
});

test("a name that nobody ever declared is refused with the nearest one", async () => {
  const { code, err } = await cre.run(["access", "--principal", "alise"]);
  expect(code).toBe(2);
  expect(err).toContain("Did you mean `Alice`?");
});

test("a clone without the history says how to get it", async () => {
  const shallow = await repository.clone({ args: ["--depth=1"] });
  const { code, err } = await new CliSession(shallow.path, shallow.env).run(["access"]);
  expect(code).toBe(2);
  expect(err).toContain("git fetch --unshallow");
});
