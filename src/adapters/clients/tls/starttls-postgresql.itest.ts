import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import { forge } from "../../../testing/services/tls/certificate-forge.ts";
import { certificateScanner } from "./scan.ts";

const root = forge({ cn: "Root", ca: true });
const leaf = forge({ cn: "database", names: ["db.internal"], by: root });
let secured: TestPostgres;

beforeAll(async () => {
  secured = await startPostgres({ tls: { key: leaf.key, certificate: leaf.pem } });
});
afterAll(async () => secured.stop());

test("a real PostgreSQL shows its certificate before anybody signs in, and logs no try to", async () => {
  const scanner = certificateScanner({
    mayScan: () => true,
    roots: root.pem,
    lookup: async () => [secured.host],
  });
  const endpoint = { host: "db.internal", port: secured.port, starttls: "postgresql" } as const;
  const before = secured.logText();
  const scans = await scanner.scan(endpoint, new AbortController().signal);
  expect(scans).toMatchObject([
    { chain: [{ subject: "CN=database" }], path: { positions: [0], end: "trusted", root: "CN=Root" } },
  ]);
  expect(secured.logText().slice(before.length)).not.toMatch(/FATAL|authentication/);
});
