import { describe, expect, it } from "vitest";
import { addTo, type Instant } from "../model/instant.ts";
import type { VersionFact } from "../state/status.ts";
import type { CertificateFacts } from "./certificate.ts";
import type { AddressScan, ScanEndpoint } from "./endpoint.ts";
import {
  lookAtEndpoints,
  refuseUnseen,
  type Served,
  servedAnywhere,
  servedBefore,
  servedEverywhere,
  servedEvidence,
  standing,
} from "./standing.ts";

const NOW = "2026-03-10T12:00:00Z" as Instant;
const DAY = 86_400;
const { signal } = new AbortController();
const handleOf = ({ spki }: CertificateFacts): string => spki;

function facts(spki: string, days = 60): CertificateFacts {
  const [notBefore, notAfter] = [addTo(NOW, -30 * DAY), addTo(NOW, days * DAY)];
  // `as`: nothing else of a certificate is looked at.
  return { spki, serial: `0${spki}`, notBefore, notAfter } as CertificateFacts;
}

const serves = (address: string, spki: string): AddressScan => ({ address, chain: [facts(spki)] });
const fails = (address: string, code: string): AddressScan => ({ address, failure: { code, message: code } });

async function look(scans: Readonly<Record<string, readonly AddressScan[]>>): Promise<Served> {
  const scan: ScanEndpoint = async ({ host }) => scans[host] ?? [];
  const endpoints = Object.keys(scans).map((host) => ({ host, port: 443 }));
  return lookAtEndpoints(endpoints, scan, signal);
}

function fact(
  handle: string,
  promoted: boolean,
  age: number,
  change: Partial<VersionFact> = {},
): VersionFact {
  const createdAt = addTo(NOW, -age * DAY);
  const expiresAt = addTo(NOW, 30 * DAY);
  return { handle, slot: handle, createdAt, expiresAt, live: true, promoted, origin: "issued", ...change };
}

describe("what became of recorded versions", () => {
  const [old, current, next] = [fact("old", true, 60), fact("current", true, 30), fact("next", false, 0)];
  const lives = (served: Served, ...recorded: readonly VersionFact[]) =>
    standing(recorded, served, handleOf, NOW)
      .filter(({ live }) => live)
      .map(({ handle }) => handle);

  it("the one in use and one that was not promoted yet live until their end", async () => {
    const nothing = await look({});
    expect(lives(nothing, current, next)).toEqual(["current", "next"]);
    const over = { expiresAt: NOW };
    expect(lives(nothing, fact("current", true, 30, over), fact("next", false, 0, over))).toEqual([]);
  });

  it("an older one lives only while a place serves it, or may", async () => {
    expect(lives(await look({ a: [serves("1", "current")] }), old, current)).toEqual(["current"]);
    expect(lives(await look({ a: [serves("1", "old")] }), old, current)).toEqual(["old", "current"]);
    const unseen = await look({ a: [serves("1", "current"), fails("2", "timed-out")] });
    expect(lives(unseen, old, current)).toEqual(["old", "current"]);
    // What was seen to be over does not come back because nobody can look.
    expect(lives(unseen, { ...old, live: false }, current)).toEqual(["current"]);
  });

  it("whoever serves a stranger's is no business of the record", async () => {
    expect(lives(await look({ a: [serves("1", "stranger")] }), current)).toEqual(["current"]);
  });
});

it("what is served before us is each certificate once, with its dates and places", async () => {
  const served = await look({ a: [serves("1", "x"), serves("2", "x")], b: [serves("3", "y")] });
  expect(servedBefore(served, handleOf, ({ facts: { serial } }) => serial)).toMatchObject([
    { handle: "x", slot: "0x", live: true, note: "served by a:443 at 1, a:443 at 2" },
    { handle: "y", slot: "0y", expiresAt: addTo(NOW, 60 * DAY), note: "served by b:443" },
  ]);
});

describe("use", () => {
  const version = { handle: "new", slot: "new", live: true, reactivatable: false };
  const known = new Set(["old"]);

  it.each<[string, Readonly<Record<string, readonly AddressScan[]>>, string, string]>([
    ["all serve it", { a: [serves("1", "new")], b: [serves("2", "new")] }, "used", "served by a:443, b:443"],
    [
      "this host has no way to IPv6",
      { a: [serves("1", "new"), fails("2001:db8::1", "no-route")] },
      "used",
      "served by a:443 at 1",
    ],
    [
      "one serves the old one",
      { a: [serves("1", "new"), serves("2", "old")] },
      "silent",
      "a:443 at 2 serves the old one (serial 0old",
    ],
    ["one serves a stranger's", { a: [serves("1", "odd")] }, "silent", "serves another one"],
    [
      "one cannot be seen",
      { a: [serves("1", "new")], b: [fails("2", "refused")] },
      "silent",
      "b:443: refused",
    ],
    ["nothing is served", {}, "silent", ""],
  ])("of a new version is proven only where all serve it: %s", async (_, scans, kind, detail) => {
    const use = servedEverywhere(version, await look(scans), handleOf, known, NOW);
    expect(use).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });

  it.each<[string, Readonly<Record<string, readonly AddressScan[]>>, string]>([
    ["one serves it", { a: [serves("1", "new"), serves("2", "old")] }, "used"],
    ["one cannot be seen", { a: [serves("1", "old"), fails("2", "refused")] }, "unknown"],
    ["none serves it", { a: [serves("1", "old")] }, "silent"],
  ])("of an old version is over only where none serves it: %s", async (_, scans, kind) => {
    expect(servedAnywhere(version, await look(scans), handleOf, NOW)).toMatchObject({ kind });
  });

  it("after an incident is told place by place", async () => {
    const served = await look({ a: [serves("1", "new"), serves("2", "old")], b: [fails("3", "refused")] });
    const told = servedEvidence(version, served, handleOf).map(({ place, dead }) => [place, dead]);
    expect(told).toEqual([
      ["a:443 at 1", false],
      ["a:443 at 2", true],
      ["b:443", false],
    ]);
  });
});

describe("a place that nobody may look at", () => {
  it.each(["not-allowed", "unresolved"])("is refused before anything is ordered: %s", async (code) => {
    const served = await look({ a: [fails("10.0.0.1", code)] });
    expect(() => refuseUnseen("shop", served)).toThrow("at a:443");
  });

  it("is not one that is down now", async () => {
    const served = await look({ a: [fails("192.0.2.1", "refused"), fails("192.0.2.2", "timed-out")] });
    expect(() => refuseUnseen("shop", served)).not.toThrow();
  });
});
