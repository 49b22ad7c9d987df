import { describe, expect, test } from "vitest";
import { at, credential, incident, policy, status, version } from "../../testing/evaluation/world.ts";
import { issueBench } from "../../testing/issues/issue-bench.ts";
import type { Served } from "../state/served.ts";

const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });
const CERTIFICATES = policy("certificates", { match: { types: ["tls-certificate"] }, rotateWithin: "60d" });
const NOW = "2026-03-10T08:00:00Z";

function served(...keys: readonly string[]): Served {
  const certificates = keys.map((spki, index) => ({
    fingerprint: `f${index}`,
    subject: "CN=a.example",
    issuer: "CN=ca",
    names: ["a.example"],
    serial: `0${index}`,
    notBefore: at("2026-01-01"),
    notAfter: at("2027-01-01"),
    key: "EC P-256",
    signature: "ecdsa-with-SHA256",
    spki,
  }));
  const places = certificates.map(({ fingerprint }, index) => ({
    place: `host-${index}.example:443`,
    chains: [{ chain: [fingerprint] }],
  }));
  return { since: at("2026-01-01"), certificates, places };
}

function certificate(rotatedAt: string) {
  return credential("shop", { type: "tls-certificate", rotatedAt, endpoints: ["a.example:443"] });
}

describe("a rotation by hand", () => {
  test("is over when another key is seen at every place, and says until then what is missing", async () => {
    const bench = issueBench(NOW, CERTIFICATES, certificate("2026-01-01"));
    bench.state = { statuses: [status("shop", { served: served("old", "old") })] };
    await bench.run();
    const number = bench.forge.open(/^shop: rotation overdue/)[0]?.number ?? 0;
    bench.all = [CERTIFICATES, certificate("2026-03-09")];
    await bench.run();
    expect(bench.forge.open(/cre:finding/)).toHaveLength(1);
    expect(bench.forge.comments.get(number)).toEqual([
      expect.stringMatching(/^The date is written down, but the key of before is still served at host\\-0/),
    ]);
    bench.state = { statuses: [status("shop", { served: served("new", "old") })] };
    await bench.run();
    expect(bench.writes).toEqual([]);
    bench.forge.person.close(number, "completed");
    await bench.run();
    expect(bench.forge.comments.get(number)?.[1]).toMatch(
      /host\\-1\\\.example\S* Closed once more, it stays closed/,
    );
    bench.state = { statuses: [status("shop", { served: served("new", "newer") })] };
    await bench.run();
    expect(bench.forge.open(/cre:finding/)).toEqual([]);
    expect(bench.forge.comments.get(number)?.[2]).toMatch(/^Healed/);
  });

  test("whose issue is closed twice without proof stays closed", async () => {
    const bench = issueBench(NOW, KEYS, credential("orders", { rotatedAt: "2026-01-01", handle: "AK1" }));
    await bench.run();
    const number = bench.forge.open(/cre:finding/)[0]?.number ?? 0;
    bench.all = [KEYS, credential("orders", { rotatedAt: "2026-03-09", handle: "AK1" })];
    for (const expected of ["open", "closed"]) {
      bench.forge.person.close(number, "completed");
      await bench.run();
      expect(bench.forge.all.find((issue) => issue.number === number)?.state).toBe(expected);
    }
    await bench.run();
    expect(bench.writes).toEqual([]);
  });

  test("that the runner carried to the targets needs no other handle", async () => {
    const bench = issueBench(NOW, KEYS, credential("orders", { rotatedAt: "2026-01-01", handle: "AK1" }));
    await bench.run();
    bench.all = [KEYS, credential("orders", { rotatedAt: "2026-03-09", handle: "AK1" })];
    bench.state = {
      statuses: [status("orders", { versions: [version("2026-03-09", { origin: "issued" })] })],
    };
    await bench.run();
    expect(bench.forge.open(/cre:finding/)).toEqual([]);
  });

  test("is judged by what was there before the first of its issues, also when the due date has passed since", async () => {
    const bench = issueBench(
      "2026-02-25T08:00:00Z",
      KEYS,
      credential("orders", { rotatedAt: "2026-01-01", handle: "AK1" }),
    );
    await bench.run();
    bench.now = NOW;
    bench.all = [KEYS, credential("orders", { rotatedAt: "2026-01-01", handle: "AK2" })];
    await bench.run();
    bench.all = [KEYS, credential("orders", { rotatedAt: "2026-03-09", handle: "AK2" })];
    await bench.run();
    expect(bench.forge.open(/cre:finding/)).toEqual([]);
  });
});

describe("the proposal to write a rotation down", () => {
  test("is made once in a due cycle, linked from the issue, and withdrawn when it is of no use", async () => {
    const bench = issueBench(NOW, KEYS, credential("orders", { rotatedAt: "2026-01-01" }));
    await bench.run();
    expect(bench.forge.proposals.map(({ branch, path }) => [branch, path])).toEqual([
      ["cre/rotated/orders/2026-03-02", "registry/orders.yaml"],
    ]);
    expect(bench.forge.proposals[0]?.content).toContain('"rotatedAt": "DAY-OF-ROTATION"');
    expect(bench.forge.open(/cre:finding/)[0]?.body).toContain(
      "[pull request 1000](<https://forge.example/pull/1000>)",
    );
    await bench.run();
    expect(bench.writes).toEqual([]);
    bench.all = [KEYS, credential("orders", { rotatedAt: "2026-03-10" })];
    await bench.run();
    expect(bench.writes).toContain("update 1000");
    expect(bench.book.proposals).toEqual({});
    bench.now = "2026-05-20T08:00:00Z";
    await bench.run();
    expect(bench.forge.proposals[1]?.branch).toBe("cre/rotated/orders/2026-05-09");
  });

  test("is not made for what the runner rotates, nor after a compromise, where a day is not enough", async () => {
    const burnt = credential("leaked", { rotatedAt: "2026-03-01" });
    const bench = issueBench(NOW, KEYS, burnt, credential("managed", { method: "delegated" }));
    bench.state = { incidents: [incident("i1", "leaked", "2026-03-09T03:00:00Z")] };
    await bench.run();
    expect(bench.forge.open(/cre:finding/)).toHaveLength(2);
    expect(bench.forge.proposals).toEqual([]);
  });
});
