import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantOf } from "../../core/model/instant.ts";
import type { Alert, Message, Occasion } from "../../core/ports/channel.ts";
import { wrongFor } from "../../testing/services/chat/vendor-limits.ts";
import { BAD_TEXTS, hugeMessage } from "../../testing/suites/bad-messages.ts";
import { messageOf, sampleAlerts } from "../../tools/sample-message.ts";
import { discordMessage } from "./discord/message.ts";
import { pagerEvents } from "./pagerduty/message.ts";
import { slackMessage } from "./slack/message.ts";
import { mailText } from "./smtp/message.ts";
import { teamsMessage } from "./teams/message.ts";

const OCCASIONS: readonly Occasion[] = ["new", "raised", "escalated", "reminder", "answered", "recovered"];
const text = fc.oneof(
  fc.constantFrom(...BAD_TEXTS),
  fc.array(fc.constantFrom(...BAD_TEXTS), { maxLength: 4 }).map((texts) => texts.join("")),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary", maxLength: 300 }),
);
const instant = fc.integer({ min: 0, max: 4_000_000_000 }).map(instantOf);
const level = fc.constantFrom("emergency" as const, "critical" as const, "warning" as const);
const orNone = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const alert: fc.Arbitrary<Alert> = fc.record({
  fingerprint: fc.integer({ min: 0 }).map((one) => one.toString(16).padStart(16, "0")),
  occasion: fc.constantFrom(...OCCASIONS),
  level,
  code: text,
  credential: orNone(text),
  service: orNone(text),
  team: orNone(text),
  message: text,
  fix: text,
  since: instant,
  dueAt: orNone(instant),
  url: orNone(
    fc.oneof(text, fc.webUrl({ withQueryParameters: true, withFragments: true, validSchemes: ["https"] })),
  ),
});
const count = fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: 0 });
const message: fc.Arbitrary<Message> = fc.record({
  id: text,
  kind: fc.constantFrom("immediate" as const, "digest" as const),
  level: orNone(level),
  place: text,
  alerts: fc.array(alert, { maxLength: 60 }),
  more: fc.record({ emergency: count, critical: count, warning: count }),
  at: instant,
  url: orNone(fc.oneof(text, fc.webUrl({ validSchemes: ["https"] }))),
});
const RUNS = { numRuns: 15 };

test("the subject of a mail calls an emergency one once", () => {
  const emergency = sampleAlerts().find((one) => one.level === "emergency");
  const one = { ...messageOf(emergency === undefined ? [] : [emergency]), kind: "immediate" as const };
  expect(mailText(one).subject).toBe("[cre] Emergency: payments-key in acme/credentials");
});

test.each([
  ["slack", slackMessage],
  ["discord", discordMessage],
  ["teams", teamsMessage],
] as const)("whatever a message has, %s takes it", (service, make) => {
  fc.assert(
    fc.property(message, (one) => {
      expect(wrongFor(service, JSON.stringify(make(one)))).toBeUndefined();
    }),
    RUNS,
  );
});

test("whatever a message has, pagerduty takes its events, and keys differ where fingerprints do", () => {
  fc.assert(
    fc.property(message, (one) => {
      const events = pagerEvents(one);
      for (const event of events) {
        const body = JSON.stringify({ routing_key: "k".repeat(32), ...event });
        expect(wrongFor("pagerduty", body)).toBeUndefined();
      }
      const fingerprints = new Set(one.alerts.slice(0, 50).map(({ fingerprint }) => fingerprint));
      const keys = new Set(events.map(({ dedup_key }) => dedup_key).filter((key) => !key.endsWith("/more")));
      expect(keys.size).toBe(fingerprints.size);
    }),
    RUNS,
  );
});

test("whatever a message has, a mail has one line for a subject and no tag but its own", () => {
  fc.assert(
    fc.property(message, (one) => {
      const { subject, text: plain, html } = mailText(one);
      // oxlint-disable-next-line no-control-regex -- it is what must not be there
      expect(subject).not.toMatch(/[\u0000-\u001f\u007f]/);
      expect(subject.length).toBeLessThanOrEqual(400);
      expect(html.length).toBeLessThanOrEqual(90_000);
      expect(plain.length).toBeLessThanOrEqual(400_000);
      const tags = new Set([...html.matchAll(/<\/?([^\s>]+)/g)].map(([, tag]) => tag));
      const own = new Set("!doctype html head meta title body h1 h2 p table tr td code a".split(" "));
      expect([...tags].filter((tag) => !own.has(tag ?? ""))).toEqual([]);
      expect(html).not.toMatch(/<[^>]* on[a-z]+=|href="(?!https:)/);
    }),
    RUNS,
  );
});

describe("what there is no room for", () => {
  const huge = hugeMessage();

  test.each([
    ["slack", () => JSON.stringify(slackMessage(huge))],
    ["discord", () => JSON.stringify(discordMessage(huge))],
    ["teams", () => JSON.stringify(teamsMessage(huge))],
    ["mail", () => mailText(huge).html],
  ])("is counted by %s, and no alert is lost", (_, make) => {
    const made = make();
    const shown = huge.alerts.filter(({ fingerprint }) => made.includes(`cre explain ${fingerprint}`)).length;
    const [, critical = ""] = /and more\\*: ([\d,]+) critical, 1,000 warnings/.exec(made) ?? [];
    expect(Number(critical.replace(",", ""))).toBe(9000 + huge.alerts.length - shown);
    expect(shown).toBeGreaterThan(0);
  });

  test.each([
    ["slack", slackMessage],
    ["discord", discordMessage],
    ["teams", teamsMessage],
  ] as const)("never makes a message of %s too large, however long its texts are", (service, make) => {
    for (let length = 0; length < 1000; length += 90) {
      const alerts = huge.alerts.map((one): Alert => Object.assign({}, one, { message: "&".repeat(length) }));
      const body = JSON.stringify(make({ ...huge, alerts }));
      expect([length, wrongFor(service, body)]).toEqual([length, undefined]);
    }
  });

  test("leaves room for the many that are short", () => {
    const alerts = huge.alerts.map(
      (one): Alert => Object.assign({}, one, { message: "short", fix: "short" }),
    );
    const { blocks } = slackMessage({ ...huge, alerts });
    expect(blocks).toHaveLength(50);
    expect(wrongFor("slack", JSON.stringify(slackMessage({ ...huge, alerts })))).toBeUndefined();
  });

  test("is one event for pagerduty", () => {
    const events = pagerEvents(huge);
    expect(events).toHaveLength(51);
    expect(events.at(-1)).toMatchObject({
      dedup_key: "acme/credentials/more",
      payload: { severity: "error", summary: "acme/credentials: and more: 9,000 critical, 1,000 warnings" },
    });
  });
});

describe("pagerduty", () => {
  const [emergency, overdue, reminder] = sampleAlerts();

  test.each([
    ["emergency", emergency, "critical"],
    ["critical", overdue, "error"],
    ["warning", reminder, "warning"],
  ] as const)("%s is %s there, with a link to its issue", (_, one, severity) => {
    if (one === undefined) throw new Error("no sample");
    expect(pagerEvents(messageOf([one]))).toMatchObject([
      { event_action: "trigger", payload: { severity }, links: [{ href: one.url }] },
    ]);
  });
});

test("discord calls nobody, whatever stands in the texts", () => {
  expect(discordMessage(messageOf(sampleAlerts())).allowed_mentions).toEqual({ parse: [] });
});
