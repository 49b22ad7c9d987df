import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSecretLooking, looksSecret } from "./secret-looking.ts";

/** Joined here, so that no scanner of this repository takes the samples for real. */
const joined = (...parts: readonly string[]): string => parts.join("");
const BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

describe("refused", () => {
  test.each([
    ["a PEM private key", joined("-----BEGIN RSA PRIV", "ATE KEY-----")],
    [
      "a PEM private key",
      joined(
        "-----BEGIN OPENSSH PRIV",
        "ATE KEY-----\n    b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n    -----END OPENSSH PRIV",
        "ATE KEY-----",
      ),
    ],
    [
      "a PEM private key",
      joined("key: |\n  -----BEGIN PRIV", "ATE KEY-----\r\n  MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\r\n"),
    ],
    ["an age secret key", joined("AGE-SECRET-", "KEY-1QQPQZRYGFYEXAMPLEEXAMPLE")],
    ["an AWS access key id", "purpose: AKIAIOSFODNN7EXAMPLE"],
    ["a random key", "purpose: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    ["a GitHub token", joined("gh", "p_16C7e42F292c6912E7710c838347Ae178B4a")],
    ["a GitHub token", joined("github_", "pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ")],
    ["a GitLab token", joined("gl", "pat-aBcDeFgHiJkLmNoPqRsT")],
    ["a Slack token", joined("xo", "xb-2345678901-abcdefghijk")],
    [
      "a Slack webhook address",
      joined("https://hooks.sl", "ack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"),
    ],
    [
      "a Discord webhook address",
      joined("https://disc", "ord.com/api/webhooks/123456789012345678/aBcDeFgHiJkLmNo"),
    ],
    ["a Stripe key", joined("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc")],
    ["a Stripe key", joined("whs", "ec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    ["a Google key", joined("AI", "zaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe")],
    ["a Google key", joined("GOC", "SPX-abcdefghijklmnopqrstuvwx")],
    ["an npm or PyPI token", joined("np", "m_abcdefghijklmnopqrstuvwxyz0123456789")],
    ["a SendGrid key", joined("SG", ".ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr")],
    ["a Vault token", joined("hv", "s.CAESIJlU02LQZq2CzBk9Q0c1pT")],
    [
      "an Azure storage key",
      joined("Account", "Key=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq=="),
    ],
    [
      "a JSON web token",
      joined(
        "eyJhbGciOiJIUzI1NiJ9.ey",
        "JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
      ),
    ],
    ["a SCRAM verifier", joined("SCRAM-SHA-", "256$4096:c2FsdA==$c3RvcmVk:c2VydmVy")],
    ["a PostgreSQL MD5 password", joined("md5", "0123456789abcdef0123456789abcdef")],
    ["a password hash", joined("$2b$12$", "EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW")],
    ["a password hash", joined("$argon2id$", "v=19$m=65536")],
    ["an address with a password", joined("postgres://admin:hunt", "er2@db.internal:5432/orders")],
    ["an address with a password", joined("https://:p4ss", "@example.com/")],
    ["a written-out password", joined("reason: the password", "=Summer2026! was printed")],
    ["a written-out password", joined("values: { PGPASS", 'WORD: "correct-horse-7" }')],
    ["a written-out password", joined("api_key", ": 12345678")],
    ["a generated password", joined("purpose: xK9!", "pQz7#mVt2")],
    ["a random key", "purpose: 9f86d081884c7d659a2feaa0c55ad015"],
    ["a random key", "purpose: 7h3k9x2m5p8q1w4z6t0vbn2r"],
    ["a random key", "purpose: Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA=="],
  ])("%s: %s", (what, text) => {
    expect(findSecretLooking(`# a\n${text}\n`).map((found) => found.what)).toEqual([what]);
  });

  test("with the place where it begins, in comments, too", () => {
    const text = "a: b\n# token is ghp_16C7e42F292c6912E7710c838347Ae178B4a, do not use\n";
    expect(findSecretLooking(text)).toEqual([{ offset: 16, length: 40, what: "a GitHub token" }]);
  });

  test("each of several on one line", () => {
    const token = joined("gh", "p_16C7e42F292c6912E7710c838347Ae178B4a");
    expect(findSecretLooking(`${token} AKIAIOSFODNN7EXAMPLE`)).toHaveLength(2);
  });

  test("random keys of 32 characters, nearly always", () => {
    const key = fc
      .array(fc.constantFrom(...BASE62.split("")), { minLength: 32, maxLength: 40 })
      .map((chars) => chars.join(""));
    const samples = fc.sample(key, { numRuns: 1000, seed: 7 });
    expect(samples.filter((sample) => looksSecret(`purpose: ${sample}`)).length).toBeGreaterThan(985);
  });
});

describe("not refused", () => {
  test.each([
    "arn:aws:iam::111122223333:role/CredentialRotatorForProduction2026",
    "arn:aws:acm:eu-central-1:111122223333:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/orders/db-AbCdEf",
    "tenant: 3f2c9a7e-5b1d-4c58-9e0a-7d6b1f2a8c43",
    "host: orders.c9akciq32rgh.eu-central-1.rds.amazonaws.com",
    "host: ip-10-0-12-34.eu-central-1.compute.internal",
    "handle: AKIAIOSFODNN7EXAMPLE",
    'match: { sightings: ["web-1:/root/*", "AKIAIOSFODNN7EXAMPLE"] }',
    "match:\n  sightings: # of the on-call team\n    - db:5432/app\n    - AKIAIOSFODNN7EXAMPLE",
    'spec: { type: api-key, handle: "AKIAIOSFODNN7EXAMPLE", method: manual }',
    "handle: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "hostKey: SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDqmGnyMFsHf2kBqfM",
    "reason: the fingerprint was SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDqmGnyMFsHf2kBqfM",
    "image: registry.example.com/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "reference: https://git.example.com/a/b/commit/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl deploy",
    "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----",
    'values: { DATABASE_URL: "postgres://{username}:{password:uri}@{host}:{port}/{database}" }',
    "admin: { user: rotator, password: { env: ORDERS_PG_ADMIN_PASSWORD } }",
    "key: { id: orders-2026, secret: { file: /run/secrets/orders-hook-key-2026 } }",
    'values: { PGPASSWORD: "{password}", tls.key: "{privateKey}" }',
    "secretId: prod/orders/database-credentials-2026",
    "service: orders-reporting-and-reconciliation-service-v2-production",
    "path: /etc/orders-api/production2026/environment.d/database.env",
    'cron: "0 2 * * 1-5"',
    "reason: PaymentsDatabaseConnectionPolicy2024 replaced OrdersDatabaseConnectionPolicy2023",
    "# yaml-language-server: $schema=../registry/schema/credential.schema.json",
    "contact: payments.oncall+alerts2026@example.com",
    "pod: web-shop-6d5f8b7c9d-x2x4z",
    "createdAt: 2026-01-15T10:11:12.123456789Z",
    "handle: CN=www.example.com,serial=04:A3:2F:11:9C",
    "steps: reset the token: see the runbook, then tell #payments",
    "approvedBy: the-security-team-of-the-company-and-nobody-else-at-all",
    "workload: statefulset/orders-projector-eu-central-1a-blue",
    '"***********************************************": a',
    "==============================================================",
  ])("%s", (text) => {
    expect(findSecretLooking(`  ${text}\n`)).toEqual([]);
  });
});

test("a text of the largest size is scanned without ado, however it is made", () => {
  const units =
    "a|aB3|://|://a:|a://b:|token: |token=|-----BEGIN CERTIFICATE-----|-----BEGIN PRIVATE KEY-----|eyJ|a! |$2|@|sig=|a1b2";
  for (const unit of units.split("|")) {
    expect(Array.isArray(findSecretLooking(unit.repeat(262_144 / unit.length)))).toBe(true);
  }
});
