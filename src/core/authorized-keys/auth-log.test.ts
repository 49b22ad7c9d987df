import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountRefusal } from "./account.ts";
import { readAuthLog } from "./auth-log.ts";
import { cksum } from "./cksum.ts";

const KEY = `SHA256:${"k".repeat(43)}`;
const words = (pid: number): string =>
  `sshd[${pid}]: Accepted publickey for deploy from 10.0.0.9 port 52000 ssh2: ED25519 ${KEY}`;
/** 2026-01-02T03:00:00Z. */
const NOW = Date.UTC(2026, 0, 2, 3) / 1000;

describe("a log of sshd's", () => {
  test("tells logins in either form of time, and from when on it tells", () => {
    const text = [
      "cut off in the mid",
      "Dec 31 23:30:00 web sshd[1]: Server listening on 0.0.0.0 port 22.",
      `Jan  1 01:00:00 web ${words(2)}`,
      `2026-01-02T02:00:00.123456+01:00 web ${words(3)}`,
      `2026-01-02T01:30:00Z web ${words(4).replace("sshd[", "sshd-session[")}\r`,
      "2026-01-02T01:40:00Z web sshd[5]: Accepted password for deploy from 10.0.0.9 port 1 ssh2",
    ].join("\n");
    const log = readAuthLog(text, { now: NOW, offset: 3600 });
    expect(log.from).toBe(Date.UTC(2025, 11, 31, 22, 30) / 1000);
    expect(log.logins.map(({ at, pid }) => [new Date(at * 1000).toISOString(), pid])).toEqual([
      ["2026-01-01T00:00:00.000Z", 2],
      ["2026-01-02T01:00:00.000Z", 3],
      ["2026-01-02T01:30:00.000Z", 4],
    ]);
    expect(log.logins[0]).toMatchObject({ user: "deploy", address: "10.0.0.9", port: 52_000, key: KEY });
  });

  test("of anything at all is read without failing, and nobody can write a login into another line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        readAuthLog(text, { now: NOW, offset: 0 });
        const forged = `2026-01-02T02:00:00Z web sshd[1]: Invalid user ${text.replaceAll(/[\r\n]/g, "")} from 1.2.3.4 port 5`;
        expect(readAuthLog(forged, { now: NOW, offset: 0 }).logins).toEqual([]);
      }),
    );
    const named = `2026-01-02T02:00:00Z web sshd[1]: Invalid user ${words(9)} from 1.2.3.4 port 5`;
    expect(readAuthLog(named, { now: NOW, offset: 0 }).logins).toEqual([]);
    const other = `2026-01-02T02:00:00Z web cron[1]: job of ${words(9)}`;
    expect(readAuthLog(other, { now: NOW, offset: 0 }).logins).toEqual([]);
  });
});

test("the sum is the one that the command prints", () => {
  for (const text of ["", "a", "the quick brown fox\n", "x".repeat(70_000), "\u0000\u00ff"]) {
    const bytes = Buffer.from(text, "latin1");
    expect(cksum(bytes)).toBe(execFileSync("cksum", { input: bytes, encoding: "utf8" }).trim());
  }
});

describe("whose keys a connection may change", () => {
  test.each([
    [["deploy"], "deploy", "web-1", true],
    [["dep*"], "deploy", "web-1", true],
    [["deploy@web-*"], "deploy", "web-1", true],
    [["deploy@db-*"], "deploy", "web-1", false],
    [["deploy@db-*"], "deploy", undefined, true],
    [["*"], "root", "web-1", false],
    [["*@*"], "root", "web-1", false],
    [["root@web-1"], "root", "web-1", true],
    [["root@*"], "root", "web-1", true],
    [undefined, "deploy", "web-1", false],
  ])("%j: %s at %s", (objects, user, host, allowed) => {
    expect(accountRefusal(objects, user, host) === undefined).toBe(allowed);
  });
});
