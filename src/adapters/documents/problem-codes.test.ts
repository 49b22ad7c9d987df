import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../core/documents/kinds.ts";
import { readDocuments } from "./read-documents.ts";

/** A sound repository that each case adds one file to, or replaces one of. */
const SOUND = {
  "policies/settings.yaml": `
apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  labels: { environment: { required: true, values: [production, staging] } }
  teams: { payments: {}, orders: {} }
  channels: { sec: { slack: { webhook: { env: SLACK } } } }
  paths: [/etc/orders]
  commands: { reload: [/usr/bin/reload] }
`,
  "policies/base.yaml": `
apiVersion: cre/v1
kind: Policy
metadata: { name: api-keys }
spec: { rotateWithin: 90d }
---
${connection("cluster", "postgresql: { host: db.internal, admin: { user: rotator, password: { env: PW } } }", 'names: [case, pair, twin, base], objects: ["orders_*", rotator, postgres]')}
---
${connection("pooler", "postgresql: { host: pooler.internal }", "services: [orders-api]")}
---
${connection("hook", 'webhook: { url: "https://a.internal/c", key: { id: k1, secret: { env: K } } }', "services: [orders-api]")}
---
${connection("far-hook", 'webhook: { url: "https://b.internal/c", key: { id: k1, secret: { env: K } } }\n  zone: far', "services: [orders-api]")}
---
${connection("near-hook", 'webhook: { url: "https://c.internal/c", key: { id: k1, secret: { env: K } } }\n  zone: near', "services: [orders-api]")}
---
${connection("github", "github: { token: { env: T } }", "services: [orders-api]")}
---
${connection("aws", "aws: { region: eu-west-1 }", 'names: [case, twin], objects: ["*prod/*", "arn:aws:acm:*"]')}
---
${connection("role-aws", 'aws: { region: eu-west-1, assumeRole: "arn:aws:iam::111122223333:role/cre" }', "services: [orders-api]")}
---
${connection("tenant", "entra: { tenant: 22222222-2222-4333-8444-555555555555, clientId: 33333333-2222-4333-8444-555555555555, secret: { env: T } }", 'names: [case], objects: ["*"]')}
${connection("far-aws", "aws: { region: eu-west-1 }\n  zone: far", "names: [case]").replace(/^/u, "---\n")}
---
${connection("stored", "postgresql: { host: db2.internal, admin: { user: rotator, password: { aws-secrets-manager: { connection: aws, secretId: prod/login, key: password } } } }", 'names: [case], objects: ["orders_*"]')}
`,
  "registry/base.yaml": credential("base", "spec: { method: manual }"),
};

function connection(name: string, kind: string, allow: string): string {
  return `apiVersion: cre/v1\nkind: Connection\nmetadata: { name: ${name} }\nspec:\n  ${kind}\n  allow: { ${allow} }`;
}

/** A credential with these lines in its spec; `spec: {…}` stands for a manual API key without more. */
function credential(name: string, spec: string, type = "api-key"): string {
  const rest = spec.startsWith("spec:") ? "  method: manual" : spec;
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name}, labels: { environment: production } }
spec:
  type: ${type}
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
${rest}`;
}

const automated = (rest: string): string =>
  credential("case", `  method: automated\n${rest}`, "database-password");
const pair =
  "  provider: { postgresql: { connection: cluster, database: orders, roles: [orders_a, orders_b] } }\n";
const hook = "  deliver: [ { webhook: { connection: hook } } ]\n";
const policy = (spec: string): string =>
  `apiVersion: cre/v1\nkind: Policy\nmetadata: { name: case }\nspec:\n${spec}`;
const settings = (spec: string): string =>
  `apiVersion: cre/v1\nkind: Settings\nmetadata: { name: settings }\nspec:\n  teams: { payments: {}, orders: {} }\n  paths: [/etc/orders]\n${spec}`;
const exception = (spec: string): string =>
  `apiVersion: cre/v1\nkind: Exception\nmetadata: { name: case }\nspec:\n  justification: a reason that is long enough\n  requestedBy: bob\n  startsAt: 2026-11-15\n  expiresAt: 2026-12-15\n${spec}`;
const GUID = "11111111-2222-4333-8444-555555555555";
const scope = "  credentials: [base]\n  policy: api-keys\n";

const acm = (region: string, account = "111122223333"): string =>
  `arn:aws:acm:${region}:${account}:certificate/0d6c9ab1-7f65-4a6e-9a07-3f7c2a5f1e11`;
/** A certificate that is delivered to ACM. */
const imported = (name: string, through: string, arn: string): string =>
  credential(
    name,
    `  method: manual\n  deliver: [ { aws-acm: { connection: ${through}, certificateArn: ${arn} } } ]`,
    "tls-certificate",
  );

type Case = readonly [code: string, file: "registry" | "policies" | "exceptions" | "settings", text: string];

/** « stands just before the place where the problem is told. */
const PROBLEMS: readonly Case[] = [
  // the text
  ["yaml-malformed", "registry", "a: [1, 2\n«b: 3\n"],
  ["yaml-malformed", "registry", 'a: "x\n«---\n'],
  ["yaml-malformed", "registry", "a:\n«\t- b\n"],
  ["yaml-malformed", "registry", "a: b«: c\n"],
  ["yaml-too-deep", "registry", `${"[".repeat(32)}«[${"]".repeat(33)}\n`],
  ["yaml-too-many-aliases", "registry", `a: &a [x, x]\nb: [${"*a, ".repeat(100)}«*a]\n`],
  ["yaml-control-character", "registry", "a: b«\u0007\n"],
  ["yaml-half-character", "registry", 'a: [«"x\\ud83dy", "\\ud83d\\ude00"]\n'],
  ["yaml-half-character", "registry", 'a: { «"\\U0000dc00": b }\n'],
  ["yaml-tag", "registry", "a: «!secret b\n"],
  ["yaml-alias", "registry", "a: «*b\n"],
  ["key-duplicate", "registry", "a: 1\n«a: 2\n"],
  ["key-reserved", "registry", "a: { «__proto__: { b: 1 } }\n"],
  ["key-reserved", "registry", 'a: { «"\\u0063onstructor": 1 }\n'],
  ["key-not-text", "registry", "a: { ? «[b] : c }\n"],
  ["secret-looking", "registry", `# «ghp_${"Ab1".repeat(12)}\n`],
  ["allowance-without-reason", "registry", `# ghp_${"Ab1".repeat(12)} «# cre:allow-secret-looking\n`],
  // the frame
  ["document-not-a-map", "registry", "«- a\n"],
  ["kind-missing", "registry", "«apiVersion: cre/v1\n"],
  ["kind-unknown", "registry", "apiVersion: cre/v1\nkind: «Credental\n"],
  ["wrong-folder", "registry", policy("  rotateWithin: 90d").replace("kind: ", "kind: «")],
  ["name-twice", "registry", credential("base", "  method: manual").replace("name: base", "name: «base")],
  [
    "settings-twice",
    "policies",
    "apiVersion: cre/v1\nkind: «Settings\nmetadata: { name: other }\nspec: {}\n",
  ],
  // the schemas
  ["value-unknown", "registry", credential("case", "  method: manual").replace("cre/v1", "«cre/v2")],
  ["value-unknown", "registry", credential("case", "  method: «automatic")],
  [
    "field-missing",
    "registry",
    credential("case", "  method: manual").replace("owner: { team: orders, ", "«owner: { "),
  ],
  ["key-unknown", "registry", credential("case", "  method: manual\n  «rotatetAt: 2026-01-01")],
  [
    "key-invalid",
    "registry",
    credential("case", "  method: manual").replace("{ environment", "{ «Scope: pci, environment"),
  ],
  ["name-invalid", "registry", credential("«Case", "  method: manual")],
  ["date-invalid", "registry", credential("case", "  method: manual\n  rotatedAt: «last week")],
  ["date-to-fill", "registry", credential("case", "  method: manual\n  rotatedAt: «DAY-OF-ROTATION")],
  ["duration-invalid", "registry", credential("case", "  method: manual\n  manual: { oldLives: «7 days }")],
  [
    "form-invalid",
    "registry",
    credential("case", "  method: manual\n  manual: { console: «http://a.example.com }"),
  ],
  ["type-wrong", "registry", credential("case", "  method: manual\n  handle: «12")],
  ["list-empty", "registry", credential("case", "  method: manual\n  dependsOn: «[]")],
  ["map-empty", "policies", policy("  match: «{}")],
  [
    "too-many",
    "registry",
    credential("case", `  method: manual\n  deliver: «[${"{ webhook: { connection: hook } }, ".repeat(21)}]`),
  ],
  ["text-too-short", "registry", credential("case", '  method: manual\n  handle: «""')],
  ["text-too-long", "registry", credential("case", `  method: manual\n  handle: «${"a ".repeat(101)}b`)],
  ["number-out-of-range", "settings", settings("  limits: { concurrency: «0 }")],
  [
    "exactly-one",
    "registry",
    automated(`${pair}  deliver: [ { webhook: { connection: hook }, «command: { run: reload } } ]`),
  ],
  [
    "exactly-one",
    "policies",
    connection(
      "case",
      "webhook: { url: 'https://a.internal', key: { id: k, secret: { env: A, «file: /b } } }",
      "names: [base]",
    ),
  ],
  ["exactly-one", "exceptions", exception("  policy: api-keys").replace("spec:", "«spec:")],
  // methods and providers
  ["provider-missing", "registry", credential("case", `  method: «automated\n${hook}`)],
  ["deliver-missing", "registry", automated(pair).replace("method: ", "method: «")],
  ["delegate-missing", "registry", credential("case", "  method: «delegated")],
  ["delegate-unused", "registry", credential("case", "  method: manual\n  delegate: «{ to: somebody }")],
  [
    "provider-wrong-type",
    "registry",
    credential("case", `  method: automated\n${pair.replace("{ postgresql", "{ «postgresql")}${hook}`),
  ],
  [
    "endpoints-unused",
    "registry",
    credential("case", '  method: manual\n  «endpoints: ["a.example.com:443"]'),
  ],
  [
    "certificate-files-unused",
    "registry",
    credential("case", "  method: manual\n  «certificateFiles: [certs/a.pem]"),
  ],
  ["roles-same", "registry", automated(pair.replace("orders_b", "«orders_a") + hook)],
  [
    "owner-role-rotated",
    "registry",
    automated(pair.replace("database", "ownerRole: «orders_a, database") + hook),
  ],
  ["role-refused", "registry", automated(pair.replace("orders_b", "«rotator") + hook)],
  ["role-refused", "registry", automated(pair.replace("orders_b", "«postgres") + hook)],
  [
    "identity-twice",
    "registry",
    `${automated(pair + hook)}\n---\n${automated(pair.replace("orders_a", "orders_c").replace("orders_b", "«orders_b") + hook).replace("name: case", "name: twin")}`,
  ],
  // connections
  ["connection-unknown", "registry", automated(pair + hook.replace("hook }", "«hok }"))],
  ["connection-wrong-kind", "registry", automated(pair + hook.replace("hook }", "«cluster }"))],
  ["connection-without-admin", "registry", automated(pair.replace("cluster", "«pooler") + hook)],
  ["connection-not-allowed", "registry", automated(pair.replace("orders_b", "«billing_b") + hook)],
  [
    "connection-unknown",
    "policies",
    connection("case", "github: { token: { aws-ssm: { connection: «aw, name: /t } } }", "names: [case]"),
  ],
  [
    "connection-wrong-kind",
    "policies",
    connection("case", "github: { token: { aws-ssm: { connection: «hook, name: /t } } }", "names: [case]"),
  ],
  [
    "zones-differ",
    "policies",
    connection("case", "github: { token: { aws-ssm: { connection: «far-aws, name: /t } } }", "names: [case]"),
  ],
  [
    "target-shared",
    "registry",
    automated(
      `${pair}  deliver: [ { env-file: { path: /etc/orders/a, values: { A: "{password}" } } }, { env-file: { path: /etc/orders/a, values: { B: "x", A: «"{url}" } } } ]\n`,
    ),
  ],
  [
    "target-shared",
    "registry",
    automated(
      `${pair}  deliver: [ { aws-secrets-manager: { connection: aws, secretId: prod/a } }, { aws-secrets-manager: { connection: aws, secretId: «"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/a-AbCdEf" } } ]\n`,
    ),
  ],
  [
    "rotates-own-login",
    "registry",
    automated(
      `${pair.replace("cluster", "«stored")}  deliver: [ { aws-secrets-manager: { connection: aws, secretId: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/login-AbCdEf" } } ]\n`,
    ),
  ],
  [
    "connection-not-allowed",
    "registry",
    automated(pair.replace("cluster", "«cluster") + hook).replace("name: case", "name: other"),
  ],
  [
    "connection-not-allowed",
    "registry",
    automated(pair + hook.replace("hook }", "«hook }")).replace("orders-api", "web-shop"),
  ],
  [
    "zones-differ",
    "registry",
    automated(
      `${pair}  deliver: [ { webhook: { connection: far-hook } }, { webhook: { connection: «near-hook } } ]`,
    ),
  ],
  [
    "tls-disabled",
    "policies",
    connection("case", "postgresql: { host: db.internal, tls: { mode: «disable } }", "names: [base]"),
  ],
  [
    "objects-missing",
    "policies",
    connection(
      "case",
      "postgresql: { host: db.internal, admin: { user: a, password: { env: P } } }",
      "names: [base]",
    ).replace("allow:", "«allow:"),
  ],
  [
    "file-outside",
    "policies",
    connection("case", "postgresql: { host: db.internal, tls: { ca: «../ca.pem } }", "names: [base]"),
  ],
  [
    "form-invalid",
    "policies",
    connection("case", "github: { token: { file: «token.txt } }", "names: [base]"),
  ],
  // deliveries
  [
    "consumer-without-access",
    "registry",
    automated(`${pair}  deliver: [ { webhook: { connection: hook }, consumer: «orders-api } ]`),
  ],
  [
    "second-push",
    "registry",
    automated(
      `${pair}  deliver: [ { github-secret: { connection: github, scope: repository, repository: a/b, values: { A: x } } }, { «github-secret: { connection: github, scope: repository, repository: a/b, values: { B: x } } } ]`,
    ),
  ],
  [
    "cannot-complete",
    "registry",
    credential(
      "case",
      '  method: automated\n  provider: { csr: { names: [www.example.com], certificate: certs/www.pem } }\n  deliver: [ { «aws-ssm: { connection: aws, values: { /prod/www: "{privateKey}" } } } ]',
      "tls-certificate",
    ),
  ],
  [
    "acm-needs-certificate",
    "registry",
    automated(
      `${pair}  deliver: [ { «aws-acm: { connection: aws, certificateArn: "${acm("eu-west-1")}" } } ]`,
    ),
  ],
  ["acm-elsewhere", "registry", imported("case", "aws", `«"${acm("us-east-1")}"`)],
  ["acm-elsewhere", "registry", imported("case", "role-aws", `«"${acm("eu-west-1", "444455556666")}"`)],
  [
    "target-shared",
    "registry",
    `${imported("other", "role-aws", `"${acm("eu-west-1")}"`)}\n---\n${imported("case", "role-aws", `«"${acm("eu-west-1")}"`)}`,
  ],
  [
    "form-invalid",
    "registry",
    imported("case", "aws", '«"arn:aws:iam::111122223333:server-certificate/web"'),
  ],
  [
    "template-part-unknown",
    "registry",
    automated(`${pair}  deliver: [ { env-file: { path: /etc/orders/a, values: { A: «"{pasword}" } } } ]`),
  ],
  [
    "template-many-lines",
    "registry",
    credential(
      "case",
      '  method: manual\n  deliver: [ { env-file: { path: /etc/orders/a, values: { A: "{privateKey:uri}", B: «"{privateKey}" } } } ]',
      "ssh-key",
    ),
  ],
  [
    "template-encoding-unknown",
    "registry",
    automated(
      `${pair}  deliver: [ { env-file: { path: /etc/orders/a, values: { A: «"{password:base64}" } } } ]`,
    ),
  ],
  [
    "path-not-allowed",
    "registry",
    automated(`${pair}  deliver: [ { env-file: { path: «/etc/orders/../shadow, values: { A: x } } } ]`),
  ],
  [
    "scope-incomplete",
    "registry",
    automated(
      `${pair}  deliver: [ { github-secret: «{ connection: github, scope: environment, repository: a/b, values: { A: x } } } ]`,
    ),
  ],
  [
    "scope-contradicted",
    "registry",
    automated(
      `${pair}  deliver: [ { github-secret: { connection: github, scope: repository, repository: a/b, «environment: c, values: { A: x } } } ]`,
    ),
  ],
  [
    "form-invalid",
    "registry",
    automated(
      `${pair}  deliver: [ { github-secret: { connection: github, scope: repository, repository: «a/b/../c, values: { A: x } } } ]`,
    ),
  ],
  [
    "key-invalid",
    "registry",
    automated(
      `${pair}  deliver: [ { github-secret: { connection: github, scope: repository, repository: a/b, values: { «GITHUB_TOKEN: x } } } ]`,
    ),
  ],
  [
    "key-invalid",
    "registry",
    automated(
      `${pair}  deliver: [ { github-secret: { connection: github, scope: repository, repository: a/b, values: { TOKEN: x, «Token: x } } } ]`,
    ),
  ],
  ["command-unknown", "registry", automated(`${pair}  deliver: [ { command: { run: «relaod } } ]`)],
  // the rest of a credential
  [
    "team-unknown",
    "registry",
    credential("case", "  method: manual").replace("team: orders", "team: «ordres"),
  ],
  [
    "label-missing",
    "registry",
    credential("case", "  method: manual").replace(
      "labels: { environment: production }",
      "«labels: { scope: pci }",
    ),
  ],
  ["label-value-unknown", "registry", credential("case", "  method: manual").replace("production", "«prod")],
  ["dependency-unknown", "registry", credential("case", "  method: manual\n  dependsOn: [«bsae]")],
  [
    "dependency-cycle",
    "registry",
    `${credential("case", "  method: manual\n  dependsOn: [twin]")}\n---\n${credential("twin", "  method: manual\n  dependsOn: [«case]")}`,
  ],
  ["date-not-in-calendar", "registry", credential("case", "  method: manual\n  rotatedAt: «2026-02-30")],
  ["dates-out-of-order", "registry", credential("case", "  method: manual\n  rotatedAt: «2025-12-31")],
  [
    "former-name-taken",
    "registry",
    credential("case", "  method: manual").replace("name: case,", "name: case, formerNames: [«base],"),
  ],
  // policies and settings
  ["rotate-within-too-short", "policies", policy("  rotateWithin: «23h")],
  ["fraction-too-large", "policies", policy("  renew: { fractionOfLifetime: «3/2 }")],
  ["duration-zero", "policies", policy("  emergency: { confirmWithin: «0s }")],
  ["required-field-unknown", "policies", policy("  require: [«owner.contat]")],
  [
    "timezone-unknown",
    "policies",
    policy('  window: { cron: "0 2 * * *", duration: 12h, timezone: «Europe/Berln }'),
  ],
  ["cron-invalid", "policies", policy('  window: { cron: «"0 2 * *", duration: 12h }')],
  ["cron-never", "policies", policy('  window: { cron: «"0 2 30 2 *", duration: 12h }')],
  ["window-too-short", "policies", policy('  window: { cron: "0 2 * * *", duration: «0h }')],
  ["credential-unknown", "policies", policy("  match: { names: [«bse] }")],
  [
    "channel-unknown",
    "settings",
    settings("  routes: [ { to: [«secc] } ]\n  channels: { sec: { slack: { webhook: { env: A } } } }"),
  ],
  ["team-unknown", "settings", settings("  routes: [ { match: { teams: [«order] }, to: [owner] } ]")],
  ["channel-name-taken", "settings", settings("  channels: { «owner: { slack: { webhook: { env: A } } } }")],
  ["escalation-incomplete", "settings", settings("  routes: [ «{ to: [owner], escalateAfter: 1d } ]")],
  [
    "connection-unknown",
    "settings",
    settings("  discovery: [ { name: a, postgresql: { connection: «clster } } ]"),
  ],
  [
    "connection-wrong-kind",
    "settings",
    settings("  discovery: [ { name: a, postgresql: { connection: «hook } } ]"),
  ],
  ["schedule-too-short", "settings", settings("  schedule: { every: «1s }")],
  ["lease-too-short", "settings", settings("  limits: { lease: «60s }")],
  ["path-not-plain", "settings", settings("").replace("[/etc/orders]", "[/etc/orders, «/etc/../root]")],
  ["branch-invalid", "settings", settings("  state: { branch: «a..b }")],
  // exceptions
  ["credential-unknown", "exceptions", exception(scope.replace("base", "«bas"))],
  ["policy-unknown", "exceptions", exception(scope.replace("api-keys", "«api-key"))],
  ["finding-unknown", "exceptions", exception("  credentials: [base]\n  finding: «drfit")],
  ["finding-never-waived", "exceptions", exception("  credentials: [base]\n  finding: «compromised")],
  [
    "sightings-misplaced",
    "exceptions",
    exception("  match: { «sightings: [AKIA1], types: [api-key] }\n  finding: unmanaged"),
  ],
  ["sightings-missing", "exceptions", exception("  credentials: [base]\n  finding: «unmanaged")],
  ["approver-is-requester", "exceptions", exception(`${scope}  approvedBy: «"@Bob"`)],
  [
    "dates-out-of-order",
    "exceptions",
    exception(scope).replace("expiresAt: 2026-12-15", "expiresAt: «2026-11-15"),
  ],
  [
    "field-missing",
    "exceptions",
    exception(scope).replace("  expiresAt: 2026-12-15\n", "").replace("spec:", "«spec:"),
  ],
];

const WARNINGS: readonly Case[] = [
  [
    "allowance-unused",
    "registry",
    `${credential("case", "  method: manual")} «# cre:allow-secret-looking nothing is here`,
  ],
  [
    "deliver-unused",
    "registry",
    credential(
      "case",
      `  method: delegated\n  delegate: { to: RDS }\n${hook.replace("deliver", "«deliver")}`,
    ),
  ],
  [
    "connection-open",
    "policies",
    "apiVersion: cre/v1\nkind: Connection\nmetadata: { name: case }\nspec: { «github: { token: { env: T } } }\n",
  ],
  [
    "lead-too-short",
    "policies",
    policy(
      "  match: { types: [tls-certificate, ssh-key] }\n  renew: { ari: true }\n  enforcement: rotate\n  «warnBefore: 3d",
    ),
  ],
  [
    "lead-too-short",
    "policies",
    policy(
      "  match: { types: [tls-certificate] }\n  renew: { ari: true }\n  enforcement: rotate\n  «warnBefore: 2d",
    ),
  ],
  ["lead-too-short", "policies", policy("  rotateWithin: 90d\n  enforcement: rotate\n  «warnBefore: 9d")],
  [
    "ends-before-due",
    "registry",
    `${credential("case", "  method: manual", "oauth-client-secret")}\n  provider: { entra-application: { connection: tenant, applicationId: ${GUID}, «lifetime: 60d } }`,
  ],
  ["window-without-run", "policies", policy('  «window: { cron: "0 2 * * *", duration: 2h }')],
];

const FILES = {
  registry: "registry/case.yaml",
  policies: "policies/zz.yaml",
  exceptions: "exceptions/case.yaml",
  settings: "policies/settings.yaml",
};

function read(files: Readonly<Record<string, string>>) {
  return readDocuments(
    Object.entries(files).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) })),
  );
}

function expected([code, folder, marked]: Case): string {
  const before = marked.slice(0, marked.indexOf("«")).split("\n");
  return `${FILES[folder]}:${before.length}:${(before.at(-1) ?? "").length + 1} ${code}`;
}

function told({ file, line, column, code }: Problem): string {
  return `${file}:${line}:${column} ${code}`;
}

function readCase([, folder, marked]: Case) {
  return read({ ...SOUND, [FILES[folder]]: marked.replace("«", "") });
}

test("the repository that the cases start from is sound", () => {
  const { problems, warnings, count } = read(SOUND);
  expect([...problems, ...warnings].map(told)).toEqual([]);
  expect(count).toBe(14);
});

describe("a problem is told once, at its place, with a fix, and its document is held back", () => {
  test.each(PROBLEMS)("%s in %s: %s", (...one) => {
    const { problems, warnings, documents } = readCase(one);
    expect(problems.map(told)).toEqual([expected(one)]);
    expect(warnings).toEqual([]);
    expect(
      problems.flatMap(({ message, fix }) => [message, fix]).filter((text) => !/^\S.*\S$/.test(text)),
    ).toEqual([]);
    expect(documents.credentials.has("case") && documents.credentials.has("twin")).toBe(false);
    expect(documents.policies.has("case") || documents.exceptions.has("case")).toBe(false);
  });
});

describe("a warning is told at its place and holds nothing back", () => {
  test.each(WARNINGS)("%s in %s: %s", (...one) => {
    const { problems, warnings, invalid } = readCase(one);
    expect(problems).toEqual([]);
    expect(warnings.map(told)).toEqual([expected(one)]);
    expect(invalid).toEqual([]);
  });
});

test("every code that the source knows has a case here or among the tests of whole files", () => {
  const folders = ["./", "../../core/documents/check/"].map((path) => new URL(path, import.meta.url));
  const sources = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => !name.endsWith(".test.ts"))
      .map((name) => readFileSync(new URL(name, folder), "utf8")),
  );
  const codes = new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/(?:code: |add\(\s*)"([a-z0-9-]+)"/g)].map((match) => match[1]),
    ),
  );
  const elsewhere = [
    "connection-without-host control-twice discovery-name-twice endpoint-invalid range-invalid",
    "file-not-utf8 file-symlink file-too-large file-too-many-documents file-unreadable too-many-documents",
  ].flatMap((line) => line.split(" "));
  // Ways out for what no schema of ours and no text that we found can bring about.
  const never = ["value-invalid", "yaml-unreadable"];
  const shown = new Set([...PROBLEMS, ...WARNINGS].map(([code]) => code).concat(elsewhere, never));
  expect([...codes].filter((code) => code !== undefined && !shown.has(code))).toEqual([]);
});
