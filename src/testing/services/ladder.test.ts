import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  describeLadder,
  findPgbouncer,
  findSshd,
  findSystemPostgres,
  type Rung,
  unprivileged,
} from "./ladder.ts";

const present: Rung = {
  name: "one",
  service: "First",
  find: () => "/bin/one",
  version: (found) => `${found} 1.0`,
  fallback: "nothing",
};
const absent: Rung = {
  ...present,
  name: "two",
  service: "Second",
  find: () => undefined,
  fallback: "its stand-in",
};

describe("the ladder", () => {
  test("shows what was found and what stands in for the rest", () => {
    const { lines, errors } = describeLadder([present, absent], "");
    expect(lines.map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ["one", "First", "/bin/one 1.0"],
      ["two", "Second", "absent: its stand-in"],
    ]);
    expect(errors).toEqual([]);
  });

  test("accepts a required service that is there", () => {
    expect(describeLadder([present, absent], " one, ").errors).toEqual([]);
  });

  test("refuses when a required service is missing", () => {
    expect(describeLadder([present, absent], "one,two").errors).toEqual([
      "CRE_TEST_REQUIRE asks for two (Second), which this machine does not have",
    ]);
  });

  test("refuses a required service that it does not know, so that a typo does not pass", () => {
    expect(describeLadder([present, absent], "too").errors).toEqual([
      "CRE_TEST_REQUIRE names too, which is none of one, two",
    ]);
  });
});

describe("what is found", () => {
  test("is a folder with the programs of PostgreSQL, or nothing", () => {
    const folder = findSystemPostgres();
    if (folder === undefined) return;
    expect(["postgres", "initdb", "pg_ctl"].filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  });

  test("is sshd by its absolute path, which it insists on, or nothing", () => {
    expect(findSshd() ?? "/sshd").toMatch(/^\/.*sshd$/);
  });

  test("is pgbouncer by its path, or nothing", () => {
    expect(findPgbouncer() ?? "/pgbouncer").toMatch(/^\/.*pgbouncer$/);
  });

  test("is an account that is not root exactly when this process is root", () => {
    const account = unprivileged();
    expect(account === undefined).toBe(process.getuid?.() !== 0);
    expect(account?.uid).not.toBe(0);
  });
});
