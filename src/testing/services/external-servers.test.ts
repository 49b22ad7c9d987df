import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { externalGitSsh, externalPostgres } from "./external-servers.ts";

describe("given PostgreSQL servers", () => {
  test("are none by default", () => {
    expect(externalPostgres({})).toEqual([]);
  });

  test("are named without their password", () => {
    const urls = "postgresql://postgres:pw@127.0.0.1:55415/postgres, postgresql://root:pw@[::1]/postgres,";
    expect(externalPostgres({ CRE_TEST_POSTGRESQL_URLS: urls }).map(({ name }) => name)).toEqual([
      "127.0.0.1:55415",
      "[::1]",
    ]);
  });

  test.each([
    ["postgresql://postgres:hidden@db.example.com/postgres", /names db\.example\.com: .* this machine only/],
    ["postgresql://postgres@127.0.0.1/postgres", /holds something that is no/],
    ["127.0.0.1:5432:hidden", /holds something that is no/],
  ])("%s is refused, without showing a password", (urls, expected) => {
    const refused = (): unknown => externalPostgres({ CRE_TEST_POSTGRESQL_URLS: urls });
    expect(refused).toThrow(expected);
    expect(refused).not.toThrow(/hidden/);
  });
});

describe("a given SSH server", () => {
  test("is known by address and keys", () => {
    const keys = mkdtempSync(join(tmpdir(), "cre-external-"));
    onTestFinished(() => rmSync(keys, { recursive: true }));
    writeFileSync(join(keys, "host.pub"), "ssh-ed25519 AAAA host\n");
    expect(externalGitSsh({ CRE_TEST_GIT_SSH: "127.0.0.1:55422", CRE_TEST_GIT_SSH_KEYS: keys })).toEqual({
      host: "127.0.0.1",
      port: 55422,
      userKey: join(keys, "user"),
      hostKey: "ssh-ed25519 AAAA",
    });
  });

  test("is none by default, and one of this machine only", () => {
    expect(externalGitSsh({})).toBeUndefined();
    expect(() => externalGitSsh({ CRE_TEST_GIT_SSH: "git.example.com:22" })).toThrow("this machine only");
    expect(() => externalGitSsh({ CRE_TEST_GIT_SSH: "127.0.0.1" })).toThrow("must be host:port");
  });
});
