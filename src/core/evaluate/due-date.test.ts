import { describe, expect, it } from "vitest";
import { at } from "../../testing/evaluation/world.ts";
import type { CredentialFacts } from "./credential-facts.ts";
import { dueDateOf } from "./due-date.ts";

function facts(last: string, end?: string, since = last): CredentialFacts {
  return {
    live: [],
    observed: false,
    last: at(last),
    lastSource: "rotatedAt of the document",
    end:
      end === undefined ? undefined : { at: at(end), source: "expiresAt of the document", since: at(since) },
  };
}

const DAY = "T00:00:00Z";

describe("dueDateOf", () => {
  it.each([
    // policy, last, end, due, stale from
    [
      "rotateWithin counts from `last`",
      { rotateWithin: "60d" },
      facts("2026-01-01"),
      "2026-03-02",
      "2026-02-16",
    ],
    [
      "a month of weeks",
      { rotateWithin: "4w", warnBefore: "1w" },
      facts("2026-01-01"),
      "2026-01-29",
      "2026-01-22",
    ],
    [
      "a day has 24 hours, leap years or not",
      { rotateWithin: "366d", warnBefore: "1d" },
      facts("2028-01-01"),
      "2029-01-01",
      "2028-12-31",
    ],
    [
      "warnBefore is at most half of the time",
      { rotateWithin: "20d" },
      facts("2026-01-01"),
      "2026-01-21",
      "2026-01-11",
    ],
    ["exactly half is no less", { rotateWithin: "28d" }, facts("2026-01-01"), "2026-01-29", "2026-01-15"],
    [
      "warnBefore 0 makes nothing stale",
      { rotateWithin: "60d", warnBefore: "0d" },
      facts("2026-01-01"),
      "2026-03-02",
      "2026-03-02",
    ],
    [
      "beforeExpiry counts back from its own end",
      { renew: { beforeExpiry: "30d" } },
      facts("2026-01-01", "2026-04-01"),
      "2026-03-02",
      "2026-02-16",
    ],
    [
      "fractionOfLifetime, a third of 90 days",
      { renew: { fractionOfLifetime: "1/3" } },
      facts("2026-01-01", "2026-04-01"),
      "2026-03-02",
      "2026-02-16",
    ],
    [
      "of both the shorter: a third of 45 days, not 30",
      { renew: { beforeExpiry: "30d", fractionOfLifetime: "1/3" } },
      facts("2026-01-01", "2026-02-15"),
      "2026-01-31",
      "2026-01-17",
    ],
    [
      "of both the shorter: 10 days, not a third of 90",
      { renew: { beforeExpiry: "10d", fractionOfLifetime: "1/3" } },
      facts("2026-01-01", "2026-04-01"),
      "2026-03-22",
      "2026-03-08",
    ],
    [
      "under 10 days half of the lifetime, whatever the policy says",
      { renew: { fractionOfLifetime: "1/3" } },
      facts("2026-01-01", "2026-01-09"),
      "2026-01-05",
      "2026-01-03",
    ],
    [
      "under 10 days half also without a fraction",
      { renew: { beforeExpiry: "30d" } },
      facts("2026-01-01", "2026-01-07"),
      "2026-01-04",
      "2026-01-02T12:00:00Z",
    ],
    [
      "10 days are not under 10 days",
      { renew: { fractionOfLifetime: "1/5" } },
      facts("2026-01-01", "2026-01-11"),
      "2026-01-09",
      "2026-01-05",
    ],
    [
      "a second less is",
      { renew: { fractionOfLifetime: "1/5" } },
      facts("2026-01-01", "2026-01-10T23:59:59Z"),
      "2026-01-06",
      "2026-01-03T12:00:00Z",
    ],
    [
      "beforeExpiry within 10 days still counts when it is the shorter",
      { renew: { beforeExpiry: "1d" } },
      facts("2026-01-01", "2026-01-09"),
      "2026-01-08",
      "2026-01-04T12:00:00Z",
    ],
    [
      "the lifetime runs from the version in use, not from an older one that still lives",
      { renew: { fractionOfLifetime: "1/3" } },
      facts("2025-11-01", "2026-04-01", "2026-01-01"),
      "2026-03-02",
      "2026-02-16",
    ],
    [
      "beforeExpiry of a whole lifetime would be due before it exists: half",
      { renew: { beforeExpiry: "30d" } },
      facts("2026-01-01", "2026-01-21"),
      "2026-01-11",
      "2026-01-06",
    ],
    [
      "both policies' kinds: the age is earlier",
      { rotateWithin: "60d", renew: { beforeExpiry: "30d" } },
      facts("2026-01-01", "2027-01-01"),
      "2026-03-02",
      "2026-02-16",
    ],
    [
      "both policies' kinds: the end is earlier",
      { rotateWithin: "365d", renew: { beforeExpiry: "30d" } },
      facts("2026-01-01", "2026-04-01"),
      "2026-03-02",
      "2026-02-16",
    ],
    [
      "renew without an end leaves rotateWithin",
      { rotateWithin: "60d", renew: { beforeExpiry: "30d" } },
      facts("2026-01-01"),
      "2026-03-02",
      "2026-02-16",
    ],
    [
      "an end before `last` is due at once and stale no earlier",
      { renew: { beforeExpiry: "30d" } },
      facts("2026-01-10", "2026-01-01"),
      "2026-01-01",
      "2026-01-01",
    ],
    [
      "the longest duration means never",
      { rotateWithin: "999999999w" },
      facts("2026-01-01"),
      "9999-12-31T23:59:59Z",
      "9999-12-17T23:59:59Z",
    ],
  ] as const)("%s", (_, spec, given, dueAt, startAt) => {
    const due = dueDateOf(spec, given);
    const full = (text: string): string => (text.includes("T") ? text : text + DAY);
    expect([due?.dueAt, due?.startAt]).toEqual([full(dueAt), full(startAt)]);
  });

  it.each([
    ["neither kind", {}],
    ["renew for something without an end", { renew: { beforeExpiry: "30d" } }],
    ["renew by the CA's word alone, which it has not given", { renew: { ari: true } }],
  ])("gives no date with %s", (_, spec) => {
    expect(dueDateOf(spec, facts("2026-01-01"))).toBeUndefined();
  });

  it("tells its sum", () => {
    const one = dueDateOf({ rotateWithin: "60d" }, facts("2026-01-01"));
    expect(one?.arithmetic).toBe(
      "2026-01-01T00:00:00Z (rotatedAt of the document) + rotateWithin 60d = 2026-03-02T00:00:00Z; stale warnBefore 14d before",
    );
    const both = dueDateOf(
      { rotateWithin: "60d", renew: { beforeExpiry: "30d", fractionOfLifetime: "1/3" } },
      facts("2026-01-01", "2026-01-09"),
    );
    expect(both?.arithmetic).toBe(
      "2026-01-01T00:00:00Z (rotatedAt of the document) + rotateWithin 60d = 2026-03-02T00:00:00Z; " +
        "2026-01-09T00:00:00Z (expiresAt of the document) - 1/2 of its lifetime of 8d = 2026-01-05T00:00:00Z; " +
        "the earlier counts; stale half of the time (less than warnBefore 14d) before",
    );
  });
});
