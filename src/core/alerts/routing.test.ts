import { describe, expect, it } from "vitest";
import {
  credential,
  documents,
  evaluateAt,
  exception,
  policy,
  records,
} from "../../testing/evaluation/world.ts";
import { destinationOf, keyOf, ownerDestination } from "./destination.ts";
import { digestTimeFor, type RoutingRules, routeOf } from "./routing.ts";
import { type Subject, subjectsOf } from "./subject.ts";

const KEYS = policy("keys", { rotateWithin: "60d" });
const DATABASE = credential(
  "orders",
  { type: "database-password", service: "orders-api" },
  { labels: { env: "prod", pci: "yes" } },
);
const EXCEPTION = exception("season", {
  credentials: ["orders"],
  policy: "keys",
  startsAt: "2026-01-01",
  expiresAt: "2026-03-04",
});

function subjects(): { readonly overdue: Subject; readonly about: Subject } {
  const all = [DATABASE, KEYS, EXCEPTION];
  const found = [...subjectsOf(evaluateAt("2026-03-05", all), documents(...all), records({})).values()];
  const by = (code: string): Subject => {
    const subject = found.find(({ finding }) => finding.code === code);
    if (subject === undefined) throw new Error(`no ${code}`);
    return subject;
  };
  return { overdue: by("rotation-overdue"), about: by("exception-expired") };
}

function waysOf(routes: RoutingRules["routes"], subject: Subject = subjects().overdue): readonly string[] {
  return routeOf(subject, { routes, ownerAt: () => undefined }).ways.map(({ to }) => to);
}

describe("routes", () => {
  it.each([
    ["its level", { levels: ["critical" as const] }, true],
    ["another level", { levels: ["emergency" as const] }, false],
    ["its team", { teams: ["search", "payments"] }, true],
    ["another team", { teams: ["search"] }, false],
    ["its type", { types: ["database-password" as const] }, true],
    ["another type", { types: ["api-key" as const] }, false],
    ["its service", { services: ["orders-api"] }, true],
    ["another service", { services: ["shop"] }, false],
    ["all its labels", { labels: { env: "prod", pci: "yes" } }, true],
    ["one label that is another", { labels: { env: "prod", pci: "no" } }, false],
    ["its team and another level", { teams: ["payments"], levels: ["warning" as const] }, false],
  ])("with %s", (_, match, expected) => {
    expect(waysOf([{ match, to: ["one"] }, { to: ["rest"] }])).toEqual([expected ? "one" : "rest"]);
  });

  it("end at the first that matches, unless it says continue; each destination is told once", () => {
    const routes = [{ to: ["one"], continue: true }, { to: ["one", "two"] }, { to: ["three"] }];
    expect(waysOf(routes)).toEqual(["one", "two"]);
    expect(waysOf(routes.slice(1))).toEqual(["one", "two"]);
  });

  it("with conditions about credentials are not for what is about the repository; those with levels alone are", () => {
    const { about } = subjects();
    const route = (match: object) => waysOf([{ match, to: ["one"] }, { to: ["rest"] }], about);
    expect(route({ levels: ["warning"] })).toEqual(["one"]);
    expect(route({ teams: ["payments"] })).toEqual(["rest"]);
    expect(route({ levels: ["warning"], labels: { env: "prod" } })).toEqual(["rest"]);
  });

  it("to an owner who is reached by nobody end at the first without conditions", () => {
    const levels = ["critical" as const];
    const routes = [
      { match: { levels }, to: ["owner"] },
      { match: { levels }, to: ["no"] },
      { to: ["owner", "rest"] },
    ];
    expect(waysOf(routes)).toEqual(["rest"]);
    expect(waysOf(routes.slice(0, 2))).toEqual([]);
    expect(routeOf(subjects().overdue, { routes, ownerAt: () => undefined }).ownerUnreached).toBe(true);
  });

  it("around a destination that cannot be told lead to the others", () => {
    const { about } = subjects();
    const failing: Subject = {
      ...about,
      level: "critical",
      finding: { ...about.finding, code: "channel-failing", facts: { destination: "one" } },
    };
    expect(waysOf([{ to: ["one", "two"] }], failing)).toEqual(["two"]);
    expect(waysOf([{ to: ["one"], escalateAfter: "1d", escalateTo: ["page"] }], failing)).toEqual(["page"]);
    expect(waysOf([{ to: ["one"] }], failing)).toEqual([]);
  });

  it("give what is over the digest of the first route that names its destination", () => {
    const routes = [
      { to: ["owner"], digest: { at: "07:00" } },
      {
        to: ["sec"],
        escalateAfter: "1d",
        escalateTo: ["page"],
        digest: { at: "08:00", timezone: "Europe/Berlin" },
      },
    ];
    expect(digestTimeFor("mail mail a@example.com", routes).at).toBe("07:00");
    expect(digestTimeFor("page", routes)).toEqual({ at: "08:00", timezone: "Europe/Berlin" });
    expect(digestTimeFor("gone", routes)).toEqual({ at: "09:00", timezone: "UTC" });
  });
});

describe("an owner", () => {
  const channels = [
    { name: "a-chat", reaches: ({ slack }: { slack?: string }) => slack !== undefined },
    { name: "b-mail", reaches: ({ mail }: { mail?: string }) => mail !== undefined },
    { name: "c-mail", reaches: ({ mail }: { mail?: string }) => mail !== undefined },
  ];
  it.each([
    [
      "by the team's mail",
      { mail: "team@example.com", slack: "#team" },
      "ann@example.com",
      "b-mail mail team@example.com",
    ],
    ["by the contact's mail", { slack: "#team" }, "ann@example.com", "b-mail mail ann@example.com"],
    ["by the team's Slack channel", { slack: "#team" }, "room 12", "a-chat slack #team"],
    ["by nothing", {}, "room 12", undefined],
  ])("is reached %s", (_, team, contact, expected) => {
    const found = ownerDestination({ team: "payments", contact }, { payments: team }, channels);
    expect(found === undefined ? undefined : keyOf(found)).toBe(expected);
  });

  it.each(["sec", "b-mail mail ann bee@example.com", "a-chat slack #team"])(
    "is found again by its key %s",
    (key) => {
      expect(keyOf(destinationOf(key))).toBe(key);
    },
  );

  it("is reached by Slack where no channel sends mail", () => {
    const teams = { payments: { mail: "team@example.com", slack: "#team" } };
    expect(ownerDestination({ team: "payments", contact: "" }, teams, channels.slice(0, 1))).toEqual({
      channel: "a-chat",
      recipient: { slack: "#team" },
    });
  });
});
