import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, onTestFinished, test } from "vitest";
import { jsonSchemas } from "../core/documents/json-schemas.ts";
import { CliSession } from "../testing/cli/session.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { createAuthority } from "../testing/services/certificates.ts";
import { createLocalRepository } from "../testing/services/git-remote.ts";

async function session(): Promise<{ cre: CliSession; git: (...args: string[]) => Promise<string> }> {
  const repository = await createLocalRepository(SMALL_COMPANY);
  onTestFinished(() => repository.dispose());
  return {
    cre: new CliSession(repository.path, repository.env),
    git: async (...args) => repository.git(...args),
  };
}

const PAYMENTS = SMALL_COMPANY["registry/payments.yaml"] ?? "";

const WATCHED = `apiVersion: cre/v1
kind: Credential
metadata: { name: shop-certificate }
spec:
  type: tls-certificate
  service: shop
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2025-06-01
  method: manual
  certificateFiles: [certs/shop.pem]
  access: []
`;

test("every problem of every file is listed at its place, with its fix, and ends with 2", async () => {
  const { cre } = await session();
  await cre.write(
    "registry/payments.yaml",
    PAYMENTS.replace("createdAt: 2025-06-01", "createdAtt: 2025-06-01"),
  );
  await cre.write("registry/broken.yaml", "kind: [\n");
  await cre.write("registry/latin.yaml", Buffer.from("kind: Credential # \xe9\n", "latin1"));
  await symlink("/etc/passwd", join(cre.path, "registry/link.yaml"));
  const { code, out, err } = await cre.run(["validate"]);
  expect(code).toBe(2);
  expect(out).toMatch(/^registry\/broken\.yaml:\d+:\d+ \S+ .+\n {4}Fix: .+$/m);
  expect(out).toMatch(/^registry\/latin\.yaml:1:20 file-not-utf8 /m);
  expect(out).toMatch(/^registry\/link\.yaml:1:1 file-symlink /m);
  expect(out).toMatch(/^registry\/payments\.yaml:10:3 .*createdAtt.*\n {4}Fix: .*createdAt/m);
  expect(out).toMatch(/documents, \d+ problems\.\n$/);
  expect(out + err).not.toMatch(/\n {4}at /);
});

test("the JSON of problems has its published shape", async () => {
  const { cre } = await session();
  await cre.write("registry/broken.yaml", "kind: Nothing\nmetadata: { name: a }\n");
  const { code, out } = await cre.run(["validate", "--format", "json"]);
  const report = JSON.parse(out) as { ok: boolean; problems: unknown[] };
  const validate = new Ajv2020({ strict: false }).compile(jsonSchemas().get("problems.schema.json") ?? false);
  validate(report);
  expect(validate.errors).toBe(null);
  expect(code).toBe(2);
  expect(report).toMatchObject({ ok: false, problems: [{ file: "registry/broken.yaml", line: 1 }] });
});

test("what looks like a secret is refused without being shown", async () => {
  const { cre } = await session();
  const secret = ["AKIA", "IOSFODNN7EXAMPLQ"].join("");
  await cre.write("registry/payments.yaml", PAYMENTS.replace("purpose: charges", `purpose: ${secret}`));
  for (const line of [["validate"], ["evaluate"], ["edit", "payments-key", "--set", "handle=x"]]) {
    const { code, out, err } = await cre.run(line);
    expect(code).toBe(2);
    expect(out + err).toMatch(/secret-looking/);
    expect(out + err).not.toContain(secret);
  }
});

test("a private key beside a certificate that a document names is refused at its line, without a byte of it", async () => {
  const { cre } = await session();
  const { certificate, key } = createAuthority().issue(["shop.example.com"]);
  await cre.write("registry/shop.yaml", WATCHED);
  await cre.write("certs/shop.pem", certificate);
  expect(await cre.run(["validate"])).toMatchObject({ code: 0 });
  await cre.write("certs/shop.pem", `${certificate.trimEnd()}\n${key}`);
  const { code, out, err } = await cre.run(["validate"]);
  const line = certificate.trimEnd().split("\n").length + 1;
  expect([code, out]).toEqual([2, expect.stringContaining(`certs/shop.pem:${line}:1 private-key `)]);
  expect(out + err).not.toContain(key.split("\n")[1]);
  expect(await cre.run(["validate", "--since", "HEAD"])).toMatchObject({ code: 2 });
});

test("an evaluation without the invalid documents says so, lists them and ends with 2", async () => {
  const { cre } = await session();
  await cre.write("registry/payments.yaml", PAYMENTS.replace("team: payments,", "team: paymints,"));
  for (const line of [["evaluate"], ["list"], ["plan"], ["status"], ["show", "orders-db"]]) {
    const { code, err } = await cre.run(line);
    expect(code).toBe(2);
    expect(err).toMatch(/registry\/payments\.yaml:\d+:\d+ \S+ .*paymints.*\n {4}Fix: .*payments/);
    expect(err).toMatch(/invalid ones are left out/);
  }
  const { out } = await cre.run(["plan", "--only", "orders-db", "--now", "2026-12-20"]);
  expect(out).toMatch(/orders-db +(refuse|adopt) /);
});

test("--since looks at changed documents, and at what the changes broke elsewhere", async () => {
  const { cre, git } = await session();
  await cre.write("registry/old.yaml", "kind: Nothing\nmetadata: { name: a }\n");
  await git("add", ".");
  await git(
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.com",
    "commit",
    "--quiet",
    "-m",
    "an old problem",
  );
  expect((await cre.run(["validate"])).code).toBe(2);
  expect(await cre.run(["validate", "--since", "HEAD"])).toMatchObject({
    code: 0,
    out: "0 documents, no problem.\n",
  });

  const platform = SMALL_COMPANY["policies/platform.yaml"] ?? "";
  await cre.write(
    "policies/platform.yaml",
    platform.replace("name: orders-cluster", "name: orders-clusters"),
  );
  const { code, out } = await cre.run(["validate", "--since", "HEAD"]);
  expect(code).toBe(2);
  expect(out).toMatch(/^registry\/orders\.yaml:\d+:\d+ connection-unknown .*orders-cluster/m);
  expect(out).not.toMatch(/registry\/old\.yaml/);
  expect(out).toMatch(/^1 document, /m);
});

test("--since does not count what the other branch did meanwhile", async () => {
  const { cre, git } = await session();
  const commit = ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "x"];
  await git("checkout", "--quiet", "-b", "topic");
  await cre.write("registry/payments.yaml", PAYMENTS.replace("purpose: charges", "purpose: refunds"));
  await git("add", ".");
  await git(...commit);
  await git("checkout", "--quiet", "main");
  await cre.write(
    "registry/orders.yaml",
    (SMALL_COMPANY["registry/orders.yaml"] ?? "").replace("main ", "big "),
  );
  await git("add", ".");
  await git(...commit);
  await git("checkout", "--quiet", "topic");
  expect((await cre.run(["validate", "--since", "main"])).out).toBe("1 document, no problem.\n");
});

test("documents can be checked before there is a git repository", async () => {
  const { cre } = await session();
  await cre.write("apart/registry/orders.yaml", "kind: Nothing\nmetadata: { name: a }\n");
  const ran = await cre.run(["validate", "--repo", "apart"]);
  expect(ran.code).toBe(2);
  expect(ran.out).toMatch(/^registry\/orders\.yaml:1:7 kind-unknown/);
});

test("a folder inside of the repository stands for the repository", async () => {
  const { cre } = await session();
  await cre.write("docs/runbooks/key.md", "steps");
  const inside = new CliSession(join(cre.path, "docs/runbooks"), { PATH: process.env["PATH"] });
  expect((await inside.run(["validate"])).out).toMatch(/^10 documents/);
  expect((await cre.run(["validate", "--repo", "docs"])).out).toMatch(/^10 documents/);
});

test("where there is no repository at all, the command says so", async () => {
  const { cre } = await session();
  const outside = new CliSession("/", { PATH: process.env["PATH"] });
  expect(cre.path).not.toBe("/");
  const { code, err } = await outside.run(["list"]);
  expect(code).toBe(2);
  expect(err).toMatch(/no git repository around[^]*Fix: Change into the repository/);
});

test("text of documents cannot steer the terminal, and JSON keeps it", async () => {
  const { cre } = await session();
  const evil = '"\\e]0;gone\\a\\u202Eeslaf\\e[8m"';
  await cre.write("registry/payments.yaml", PAYMENTS.replace("purpose: charges", `purpose: ${evil}`));
  const shown = await cre.run(["show", "payments-key"], { columns: 200, env: { TERM: "xterm" } });
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  expect(shown.out.replaceAll(/\u001b\[(1|2|22|3[0-9])m/g, "")).not.toMatch(/[\u0007\u001b\u202e]/);
  expect(shown.out).toContain("\\u{202e}eslaf");
  const { out } = await cre.run(["show", "payments-key", "--format", "json"]);
  expect(out).not.toContain("\u202e");
  expect(JSON.parse(out)).toMatchObject({
    document: { spec: { access: [{ purpose: "\u001b]0;gone\u0007\u202eeslaf\u001b[8m" }] } },
  });
});

test("a result from the work tree says when it is not what a run would read", async () => {
  const { cre } = await session();
  expect((await cre.run(["list"])).err).toBe("");
  await cre.write("registry/payments.yaml", PAYMENTS.replace("purpose: charges", "purpose: refunds"));
  expect((await cre.run(["list"])).err).toMatch(
    /a run reads the default branch, which differs: changes that are not/,
  );
  expect((await cre.run(["list", "--quiet"])).err).toBe("");
  expect((await cre.run(["list", "--as-of", "HEAD"])).err).toBe("");
});
