import { describe, expect, it } from "vitest";
import type { Finding, FindingCode } from "./finding.ts";
import { CREDENTIAL_CODES, REPOSITORY_CODES } from "./finding.ts";
import { findingText } from "./message.ts";

function finding(code: FindingCode, facts: Finding["facts"] = {}, more: Partial<Finding> = {}): Finding {
  return {
    code,
    level: "warning",
    credential: "orders-db",
    policy: "databases",
    discriminator: "",
    facts,
    file: null,
    line: null,
    waivedBy: null,
    fingerprint: "0".repeat(16),
    ...more,
  };
}

const DUE = { dueAt: "2026-03-02T00:00:00Z", arithmetic: "a + b" };

describe("findingText", () => {
  it.each([...CREDENTIAL_CODES, ...REPOSITORY_CODES])(
    "has words for %s: a sentence each, without a gap",
    (code) => {
      const { message, fix } = findingText(finding(code));
      expect(message).toMatch(/^[^\n]+\.$/);
      expect(fix).toMatch(/^[^\n]+\.$/);
      expect(`${message} ${fix}`).not.toMatch(/undefined|null|NAME/);
    },
  );

  it.each([
    ["www.example.com:443", "network.scan"],
    ["lb-1.internal:443 as www.example.com", "network.scan"],
    ["certs/partner.pem", "`paths`"],
    ["/etc/shop/tls/chain.pem", "`paths`"],
  ])("says of %s, which shows no certificate, which setting can be the reason", (place, setting) => {
    expect(findingText(finding("endpoint-unreachable", { place })).fix).toContain(setting);
  });

  it.each([
    [
      { way: "manual", console: "https://example.com/keys" },
      "Make a new one at https://example.com/keys, end every one from before at once, then record it: `cre rotated orders-db`.",
    ],
    [
      { way: "delegated", to: "ACM" },
      "Have ACM make a new version, and end every one from before at once: the runner cannot.",
    ],
  ])("says of a compromise that the old one has to end: %j", (facts, fix) => {
    expect(findingText(finding("compromised", facts)).fix).toBe(fix);
  });

  it("asks for no exception where none helps", () => {
    const { fix } = findingText(finding("past-end", { way: "manual" }));
    expect(fix).toBe("Make a new one, then record it: `cre rotated orders-db`. No exception waives this.");
  });

  it("tells the problem with its evidence", () => {
    expect(findingText(finding("rotation-overdue", DUE)).message).toBe(
      "orders-db had to be rotated by 2026-03-02T00:00:00Z, says the policy databases: a + b.",
    );
  });

  it.each([
    [
      { way: "underway", step: "confirm" },
      "A rotation is under way, at confirm: `cre status orders-db` shows what it waits for.",
    ],
    [
      { way: "parked", step: "issue" },
      "Its rotation is parked, at issue: `cre status orders-db` shows why and what helps.",
    ],
    [
      { way: "automatic" },
      "The next run inside its window starts the rotation; `cre rotate orders-db` does it now. If that cannot be, ask for an exception: `cre except`.",
    ],
    [
      { way: "command" },
      "Rotate it: `cre rotate orders-db`. If that cannot be, ask for an exception: `cre except`.",
    ],
    [
      { way: "manual", console: "https://example.com/keys", steps: "docs/key.md" },
      "Make a new one at https://example.com/keys (docs/key.md), then record it: `cre rotated orders-db`. If that cannot be, ask for an exception: `cre except`.",
    ],
    [
      { way: "delegated", to: "cert-manager" },
      "Find out why cert-manager, which rotates it, has not done so. If that cannot be, ask for an exception: `cre except`.",
    ],
  ])("tells who has to do what: %o", (way, fix) => {
    expect(findingText(finding("rotation-overdue", { ...DUE, ...way })).fix).toBe(fix);
  });

  it("asks nobody for anything before the due date of an automated one", () => {
    expect(findingText(finding("rotation-due", { ...DUE, way: "automatic" })).fix).toBe(
      "Nothing to do: the next run inside its window starts the rotation.",
    );
  });

  it("offers an emergency its own command, and no exception", () => {
    expect(findingText(finding("compromised", { way: "command" })).fix).toBe(
      "The next run replaces it; `cre compromise orders-db --reason TEXT --wait` does so now and shows the evidence.",
    );
    expect(findingText(finding("compromised", { way: "manual" })).fix).not.toContain("except");
  });

  it("offers the commands that help a parked rotation", () => {
    const parked = { step: "issue", since: "s", reason: "r" };
    expect(findingText(finding("rotation-parked", { ...parked, commands: "retry, rollback" })).fix).toBe(
      "Mend the cause, then run `cre retry orders-db --reason TEXT` or `cre rollback orders-db --reason TEXT`.",
    );
    expect(findingText(finding("rotation-parked", { ...parked, commands: "" })).fix).toContain(
      "`cre status orders-db`",
    );
  });

  it.each([
    [{ by: "hold", hold: "stop", until: "U", reason: "R" }, "the hold stop keeps it back until U: R."],
    [{ by: "freeze", until: "U", reason: "R" }, "a freeze keeps it back until U: R."],
    [{ by: "limit", reason: "limits.startsPerRun is 0" }, "does not start: limits.startsPerRun is 0."],
  ])("tells what keeps a rotation back: %o", (facts, expected) => {
    expect(findingText(finding("rotation-held", facts)).message).toContain(expected);
  });

  it("keeps people's reasons on one line, with one full stop", () => {
    const facts = { step: "issue", since: "s", commands: "retry", reason: "first line,\n  second line. " };
    expect(findingText(finding("rotation-parked", facts)).message).toBe(
      "The rotation of orders-db is parked at issue since s: first line, second line.",
    );
  });

  it("counts versions and days in words", () => {
    const gone = (live: number) => findingText(finding("removed-without-retirement", { live })).message;
    expect([gone(1), gone(2)]).toEqual([
      expect.stringContaining("1 version can"),
      expect.stringContaining("2 versions can"),
    ]);
    const ends = (days: number) => findingText(finding("exception-expiring", { days })).message;
    expect([ends(1), ends(7)]).toEqual([
      expect.stringContaining("within a day"),
      expect.stringContaining("in 7 days"),
    ]);
  });
});
