import { describe, expect, it } from "vitest";
import { Office } from "../../testing/alerts/office.ts";
import {
  credential,
  documents,
  exception,
  policy,
  settings,
  snooze,
} from "../../testing/evaluation/world.ts";

const KEYS = policy("keys", { rotateWithin: "60d", warnBefore: "14d" });
/** By hand, due 2026-03-02: warned of from 2026-02-16 on. */
const KEY = credential("key");
const OTHER = credential("other", { createdAt: "2026-01-02" });
const BURNT = credential("burnt", {
  compromised: { at: "2026-02-10", reportedBy: "alice", reason: "in a build log" },
});
const SEC = { sec: { slack: { webhook: { env: "SEC" } } } };
const PAGE = { page: { pagerduty: { routingKey: { env: "PAGE" } } } };
/** So that the time without runs in these stories is none. */
const schedule = { every: "30d" };
const TO_SEC = { channels: SEC, routes: [{ to: ["sec"] }], schedule };
const EVERY_6H = { ...TO_SEC, schedule: { every: "6h" } };

function quiet(office: Office) {
  const pushes = office.repository.history().length;
  return () => office.repository.history().length - pushes;
}

describe("a digest", () => {
  it("goes out in the first run at or after its time, tells each alert once, and is silent when nothing changed", async () => {
    const office = new Office("2026-02-16T06:00:00Z", TO_SEC, KEY, KEYS);
    expect((await office.runAt("2026-02-16T06:00:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-02-16T08:59:59Z")).told).toEqual([]);
    expect((await office.runAt("2026-02-16T09:17:00Z")).told).toEqual(["sec digest: new rotation-due key"]);
    const pushed = quiet(office);
    expect((await office.runAt("2026-02-16T09:18:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-02-16T12:00:00Z")).told).toEqual([]);
    expect(pushed()).toBe(0);
    expect((await office.runAt("2026-02-17T09:17:00Z")).told).toEqual([]);
  });

  it("tells at the next one what is new after it went out, and what has risen or is over", async () => {
    const office = new Office("2026-02-16T09:00:00Z", TO_SEC, KEY, KEYS);
    await office.runAt("2026-02-16T09:17:00Z");
    office.write(TO_SEC, KEY, OTHER, KEYS);
    expect((await office.runAt("2026-02-17T15:00:00Z")).told).toEqual([
      "sec digest: new rotation-due other, reminder rotation-due key",
    ]);
    expect((await office.runAt("2026-03-02T15:00:00Z")).told).toEqual([
      "sec digest: raised rotation-overdue key, reminder rotation-due other",
    ]);
    office.write(TO_SEC, credential("key", { rotatedAt: "2026-03-02" }), OTHER, KEYS);
    expect((await office.runAt("2026-03-02T21:00:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-03-03T09:00:00Z")).told).toEqual([
      "sec digest: raised rotation-overdue other, recovered rotation-overdue key",
    ]);
  });

  it("tells what a deadline brought while no run happened for days, once", async () => {
    const office = new Office("2026-02-27T09:00:00Z", TO_SEC, KEY, KEYS);
    await office.runAt("2026-02-28T21:00:00Z");
    const { told } = await office.runAt("2026-03-03T20:00:00Z");
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("raised rotation-overdue key");
    expect((await office.runAt("2026-03-03T21:00:00Z")).told).toEqual([]);
  });

  it("of a run whose clock was far ahead silences nobody until that day comes", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    await office.runAt("2028-03-02T09:17:00Z");
    office.write(TO_SEC, KEY, OTHER, KEYS);
    await office.runAt("2026-03-03T08:00:00Z");
    expect((await office.runAt("2026-03-03T09:17:00Z")).told).toEqual([
      "sec digest: new rotation-overdue other, reminder rotation-overdue key",
    ]);
    expect((await office.runAt("2026-03-04T09:17:00Z")).told).toEqual([]);
  });

  it("tells what only a run saw whose clock was far ahead", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    office.moods.set("sec", "refuses");
    await office.runAt("2028-03-02T09:17:00Z");
    office.moods.clear();
    expect((await office.runAt("2026-03-03T09:17:00Z")).told).toEqual([
      "sec digest: new rotation-overdue key",
    ]);
  });

  it("reminds of what is open, alone only once a week", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    const told: string[] = [];
    for (let day = 2; day < 25; day += 1) {
      const report = await office.runAt(`2026-03-${String(day).padStart(2, "0")}T09:1${day % 7}:00Z`);
      told.push(...report.told.map((text) => `${day}: ${text}`));
    }
    expect(told).toEqual([
      "2: sec digest: new rotation-overdue key",
      "9: sec digest: reminder rotation-overdue key",
      "16: sec digest: reminder rotation-overdue key",
      "23: sec digest: reminder rotation-overdue key",
    ]);
    expect(new Set(office.received.map(({ message }) => message.id)).size).toBe(4);
  });
});

describe("documents that cannot be read", () => {
  it("end no alert: what is missing may still be there", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    await office.runAt("2026-03-02T09:17:00Z");
    office.repository.merge(documents(settings(TO_SEC), KEYS), 1);
    expect((await office.runAt("2026-03-03T09:17:00Z")).told).toEqual([]);
    office.write(TO_SEC, KEY, KEYS);
    expect((await office.runAt("2026-03-04T09:17:00Z")).told).toEqual([]);
  });
});

describe("an emergency", () => {
  it("is told at once, all of one run in one message, and so is its end", async () => {
    const spec = { channels: { ...SEC, ...PAGE }, routes: [{ to: ["page", "sec"] }], schedule };
    const second = credential("burnt-too", BURNT.document.spec);
    const office = new Office("2026-02-11T03:00:00Z", spec, BURNT, second, KEY, KEYS);
    expect((await office.runAt("2026-02-11T03:00:00Z")).told).toEqual([
      "page immediate: new compromised burnt, new compromised burnt-too",
      "sec immediate: new compromised burnt, new compromised burnt-too",
    ]);
    office.write(
      spec,
      credential("burnt", { ...BURNT.document.spec, rotatedAt: "2026-02-11T04:00:00Z" }),
      second,
      KEYS,
    );
    expect((await office.runAt("2026-02-11T05:00:00Z")).told).toEqual([
      "page immediate: recovered compromised burnt",
      "sec immediate: recovered compromised burnt",
    ]);
  });

  it("of the credential that a command is about is told by it, and nothing else is", async () => {
    const spec = { ...TO_SEC, heartbeat: { env: "BEAT" } };
    const office = new Office(
      "2026-02-20T09:00:00Z",
      spec,
      BURNT,
      credential("burnt-too", BURNT.document.spec),
      KEY,
      KEYS,
    );
    expect((await office.runAt("2026-02-20T09:10:00Z", { only: new Set(["burnt"]) })).told).toEqual([
      "sec immediate: new compromised burnt",
    ]);
    expect(office.beats).toBe(0);
    expect((await office.runAt("2026-02-20T09:20:00Z")).told[0]).toBe(
      "sec immediate: new compromised burnt-too",
    );
    expect(office.beats).toBe(1);
  });
});

describe("the end of an emergency", () => {
  it.each([
    ["nothing of it is registered any more", [], "burnt is no longer registered"],
    ["it is said no more", [{}], "The compromise of burnt was withdrawn."],
    [
      "people say that they rotated it",
      [{ ...BURNT.document.spec, rotatedAt: "2026-02-11" }],
      "That the version from before is dead was seen by no run.",
    ],
  ])("calls nothing dead that no run has seen dead: %s", async (_, specs, expected) => {
    const office = new Office("2026-02-11T03:00:00Z", TO_SEC, BURNT, KEY, KEYS);
    await office.runAt("2026-02-11T03:00:00Z");
    const after = specs.map(({ compromised, ...spec }: Partial<typeof BURNT.document.spec>) =>
      credential("burnt", { ...spec, ...(compromised === undefined ? {} : { compromised }) }),
    );
    office.write(TO_SEC, ...after, KEY, KEYS);
    await office.runAt("2026-02-11T05:00:00Z");
    const [alert] = office.received.at(-1)?.message.alerts ?? [];
    expect(alert).toMatchObject({ occasion: "recovered", code: "compromised" });
    expect(alert?.message).toContain(expected);
  });
});

describe("escalation", () => {
  const spec = {
    channels: { ...SEC, ...PAGE },
    routes: [{ to: ["sec"], escalateAfter: "2d", escalateTo: ["page"] }],
    schedule,
  };

  it("tells somebody else at once, once, when nobody answered for so long; and that somebody of its end", async () => {
    const office = new Office("2026-03-02T09:00:00Z", spec, KEY, KEYS);
    await office.runAt("2026-03-02T09:17:00Z");
    expect((await office.runAt("2026-03-04T09:16:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-03-04T09:17:00Z")).told).toEqual([
      "page immediate: escalated rotation-overdue key",
    ]);
    expect((await office.runAt("2026-03-04T15:17:00Z")).told).toEqual([]);
    office.write(spec, credential("key", { rotatedAt: "2026-03-04" }), KEYS);
    expect((await office.runAt("2026-03-05T09:17:00Z")).told).toEqual([
      "page digest: recovered rotation-overdue key",
      "sec digest: recovered rotation-overdue key",
    ]);
  });

  it("counts from when people were told of its level: who was only warned has had no time to answer", async () => {
    const office = new Office("2026-02-20T09:00:00Z", spec, KEY, KEYS);
    const silent = {
      ...spec,
      routes: [{ match: { levels: ["warning" as const] }, to: ["sec"] }, ...spec.routes],
    };
    office.write(silent, KEY, KEYS);
    await office.runAt("2026-02-20T09:17:00Z");
    await office.runAt("2026-03-01T18:17:00Z");
    expect((await office.runAt("2026-03-02T00:17:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-03-02T09:17:00Z")).told).toEqual([
      "sec digest: raised rotation-overdue key",
    ]);
    expect((await office.runAt("2026-03-04T09:16:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-03-04T09:17:00Z")).told).toEqual([
      "page immediate: escalated rotation-overdue key",
    ]);
  });

  it.each([
    ["snoozed", [KEY, snooze("wait", { credentials: ["key"], until: "2026-03-14" })]],
    ["waived", [KEY, exception("season", { credentials: ["key"], policy: "keys" })]],
  ])("does not happen to what is %s", async (_, after) => {
    const office = new Office("2026-03-02T09:00:00Z", spec, KEY, KEYS);
    await office.runAt("2026-03-02T09:17:00Z");
    office.write(spec, ...after, KEYS);
    expect((await office.runAt("2026-03-04T12:17:00Z")).told).not.toContainEqual(
      expect.stringContaining("escalated"),
    );
  });
});

describe("a snooze", () => {
  const silence = snooze("wait", { match: { names: ["key", "burnt"] }, until: "2026-03-08" });

  it("silences until its end, after which the alert is told as new", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    await office.runAt("2026-03-02T09:17:00Z");
    office.write(TO_SEC, KEY, KEYS, silence);
    expect((await office.runAt("2026-03-03T09:17:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-03-07T09:17:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-03-08T09:17:00Z")).told).toEqual([
      "sec digest: new rotation-overdue key",
    ]);
  });

  it("is told to a pager at once, and once: it stops calling people until the alert is told as new", async () => {
    const spec = { ...TO_SEC, channels: { ...SEC, ...PAGE }, routes: [{ to: ["page"] }] };
    const office = new Office("2026-03-02T09:00:00Z", spec, KEY, KEYS);
    await office.runAt("2026-03-02T09:17:00Z");
    office.write(spec, KEY, KEYS, silence);
    expect((await office.runAt("2026-03-03T06:17:00Z")).told).toEqual([
      "page immediate: answered rotation-overdue key",
    ]);
    expect((await office.runAt("2026-03-04T09:17:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-03-08T09:17:00Z")).told).toEqual([
      "page digest: new rotation-overdue key",
    ]);
  });

  it("never silences an emergency, nor counts while it ends further ahead than 14 days", async () => {
    const office = new Office("2026-02-20T09:00:00Z", TO_SEC, KEY, BURNT, KEYS, silence);
    const { told } = await office.runAt("2026-02-20T09:17:00Z");
    expect(told[0]).toBe("sec immediate: new compromised burnt");
    expect(told[1]).toContain("new rotation-due key");
  });
});

describe("a run that dies between sending and recording", () => {
  it("is followed by one duplicate with the same id, and no second one", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, BURNT, KEYS);
    office.killsAfterSending = 1;
    await office.runAt("2026-03-02T09:17:00Z");
    await office.runAt("2026-03-02T15:17:00Z");
    await office.runAt("2026-03-02T21:17:00Z");
    expect(office.received.map(({ message }) => message.kind)).toEqual(["immediate", "immediate", "digest"]);
    expect(office.received[0]?.message.id).toBe(office.received[1]?.message.id);
  });

  it("has failed when it is alive to say so: what people know is not recorded", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    office.killsAfterSending = 1;
    const { exit } = await office.runAt("2026-03-02T09:17:00Z");
    expect([exit, office.beats]).toEqual([3, 0]);
  });

  it("sends the digest that it had begun before the next day", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    office.killsAfterSending = 1;
    expect((await office.runAt("2026-03-02T09:17:00Z")).told).toHaveLength(1);
    expect((await office.runAt("2026-03-02T15:17:00Z")).told).toHaveLength(1);
    expect((await office.runAt("2026-03-02T21:17:00Z")).told).toHaveLength(0);
    expect(new Set(office.received.map(({ message }) => message.id)).size).toBe(1);
  });
});

describe("a channel that fails", () => {
  const spec = {
    channels: { ...SEC, chat: { slack: { webhook: { env: "CHAT" } } } },
    routes: [{ to: ["sec"], continue: true }, { to: ["chat"] }],
    schedule,
  };

  it.each(["refuses", "unknown", "never"] as const)(
    "(%s) is tried again in each run, told of, and in the third a failure that the others hear of",
    async (mood) => {
      const office = new Office("2026-03-02T09:00:00Z", spec, KEY, KEYS);
      office.moods.set("sec", mood);
      const first = await office.runAt("2026-03-02T09:17:00Z");
      expect(first.told).toEqual(["chat digest: new rotation-overdue key"]);
      expect([first.exit, first.lines.map(({ level }) => level)]).toEqual([0, ["info", "warning"]]);
      expect((await office.runAt("2026-03-02T12:17:00Z")).exit).toBe(0);
      const third = await office.runAt("2026-03-02T15:17:00Z");
      expect([third.exit, third.lines.map(({ level }) => level)]).toEqual([3, ["error", "warning"]]);
      expect(office.book.failing?.["sec"]).toMatchObject({
        runs: 3,
        since: "2026-03-02T09:17:00Z",
        reason: expect.not.stringContaining("Fix"),
      });
      const pushed = quiet(office);
      await office.runAt("2026-03-02T18:17:00Z");
      expect(pushed()).toBe(0);
      office.moods.clear();
      expect((await office.runAt("2026-03-03T03:17:00Z")).told).toEqual([
        "sec digest: new rotation-overdue key",
      ]);
      expect(office.book.failing).toEqual({});
    },
  );

  it("for some of its recipients is told of, and tells the others nothing twice", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, BURNT, KEYS);
    office.moods.set("sec", "partly");
    const { told, lines } = await office.runAt("2026-03-02T09:17:00Z");
    expect([told.length, lines.map(({ level }) => level)]).toEqual([2, ["warning", "warning"]]);
    expect((await office.runAt("2026-03-02T12:17:00Z")).told).toEqual([]);
  });

  it("is told to the others while it lasts", async () => {
    const office = new Office("2026-03-02T09:00:00Z", spec, KEY, KEYS);
    office.moods.set("sec", "refuses");
    for (const hour of ["09", "12", "15"]) await office.runAt(`2026-03-02T${hour}:17:00Z`);
    expect((await office.runAt("2026-03-03T09:17:00Z")).told).toEqual([
      "chat digest: new channel-failing -, reminder rotation-overdue key",
    ]);
  });
});

describe("an alert whose route is taken away", () => {
  it("is not told as over while it is open, and is when it is", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    await office.runAt("2026-03-02T09:17:00Z");
    const rest = { ...TO_SEC, routes: [{ match: { levels: ["emergency" as const] }, to: ["sec"] }] };
    office.write(rest, KEY, KEYS);
    expect((await office.runAt("2026-03-03T09:17:00Z")).told).toEqual([]);
    office.write(rest, credential("key", { rotatedAt: "2026-03-03" }), KEYS);
    expect((await office.runAt("2026-03-04T09:17:00Z")).told).toEqual([
      "sec digest: recovered rotation-overdue key",
    ]);
  });
});

describe("a channel that is taken out of the settings", () => {
  it("hears of nothing any more, and nothing fails for it", async () => {
    const both = { ...TO_SEC, channels: { ...SEC, ...PAGE }, routes: [{ to: ["sec", "page"] }] };
    const office = new Office("2026-03-02T09:00:00Z", both, KEY, KEYS);
    await office.runAt("2026-03-02T09:17:00Z");
    office.write(TO_SEC, credential("key", { rotatedAt: "2026-03-02" }), KEYS);
    const { told, exit } = await office.runAt("2026-03-03T09:17:00Z");
    expect([told, exit]).toEqual([["sec digest: recovered rotation-overdue key"], 0]);
    expect(office.book.alerts).toEqual({});
  });
});

describe("a run with many messages", () => {
  it("sends 20 to a channel, and the rest in the next run", async () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      credential(`key-${index}`, { owner: { team: "payments", contact: `p${index}@example.com` } }),
    );
    const channels = { mail: { smtp: { host: "mail.test", from: "cre@example.com" } } };
    const office = new Office(
      "2026-03-02T09:00:00Z",
      { channels, routes: [{ to: ["owner"] }], schedule },
      ...many,
      KEYS,
    );
    const { told, lines } = await office.runAt("2026-03-02T09:17:00Z");
    expect(told).toHaveLength(20);
    expect(lines.at(-1)?.text).toBe(
      "alerts: mail gets at most 20 messages a run, 5 messages wait for the next one",
    );
    expect((await office.runAt("2026-03-02T15:17:00Z")).told).toHaveLength(5);
    expect((await office.runAt("2026-03-02T21:17:00Z")).told).toHaveLength(0);
    expect(new Set(office.received.map(({ to }) => to)).size).toBe(25);
  });
});

describe("one recipient that cannot be told for now", () => {
  it("keeps the others of its channel waiting for one run and no longer, emergencies and all", async () => {
    const owned = (name: string, spec = {}) =>
      credential(name, { owner: { team: "t", contact: `${name}@example.com` }, ...spec });
    const channels = { mail: { smtp: { host: "mail.test", from: "cre@example.com" } } };
    const office = new Office(
      "2026-03-02T09:00:00Z",
      { channels, routes: [{ to: ["owner"] }], schedule },
      owned("a", { compromised: BURNT.document.spec.compromised }),
      owned("b"),
      owned("c"),
      KEYS,
    );
    office.moods.set("mail a@example.com", "refuses");
    expect((await office.runAt("2026-03-02T09:17:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-03-02T12:17:00Z")).told).toEqual([
      "mail b@example.com digest: new rotation-overdue b",
      "mail c@example.com digest: new rotation-overdue c",
    ]);
    office.moods.clear();
    const { told } = await office.runAt("2026-03-02T15:17:00Z");
    expect(told[0]).toBe("mail a@example.com immediate: new compromised a");
  });
});

describe("owners", () => {
  const channels = {
    mail: { smtp: { host: "mail.test", from: "cre@example.com" } },
    chat: { slack: { webhook: { env: "CHAT" } } },
    ...SEC,
  };
  const theirs = credential("theirs", { owner: { team: "search", contact: "room 12" } });

  it("are reached by the team's mail, else the contact's, else the team's chat", async () => {
    const teams = { payments: {}, search: { slack: "#search" } };
    const office = new Office(
      "2026-03-02T09:00:00Z",
      { channels, teams, routes: [{ to: ["owner"] }] },
      KEY,
      theirs,
      KEYS,
    );
    expect((await office.runAt("2026-03-02T09:17:00Z")).told).toEqual([
      "chat #search digest: new rotation-overdue theirs",
      "mail payments@example.com digest: new rotation-overdue key",
    ]);
  });

  it("that nobody reaches are replaced by the first route without conditions, and that is said", async () => {
    const routes = [{ match: { teams: ["search"] }, to: ["owner"] }, { to: ["sec"] }];
    const office = new Office("2026-03-02T09:00:00Z", { channels, routes }, theirs, KEYS);
    const { told, lines } = await office.runAt("2026-03-02T09:17:00Z");
    expect(told).toEqual(["sec digest: new rotation-overdue theirs"]);
    expect(lines[0]).toMatchObject({
      level: "warning",
      text: expect.stringContaining("team search (room 12)"),
    });
  });

  it("that nobody reaches do not fail a command about something else", async () => {
    const office = new Office(
      "2026-03-02T09:00:00Z",
      { channels, routes: [{ to: ["owner"] }] },
      theirs,
      KEY,
      KEYS,
    );
    const { lines } = await office.runAt("2026-03-02T09:17:00Z", { only: new Set(["key"]) });
    expect(lines).toEqual([]);
  });

  it("that nobody reaches, without such a route, fail the run", async () => {
    const office = new Office(
      "2026-03-02T09:00:00Z",
      { channels, routes: [{ to: ["owner"] }] },
      theirs,
      KEYS,
    );
    const { told, lines, exit } = await office.runAt("2026-03-02T09:17:00Z");
    expect([told, exit]).toEqual([[], 3]);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "error", text: expect.stringContaining("reaches nobody") }),
    );
  });
});

describe("the enforcer itself", () => {
  it("tells once of a time without runs", async () => {
    const office = new Office("2026-02-01T09:00:00Z", EVERY_6H, KEY, KEYS);
    await office.runAt("2026-02-01T09:17:00Z");
    expect((await office.runAt("2026-02-04T12:00:00Z")).told).toEqual(["sec digest: new enforcer-late -"]);
    expect(office.received[0]?.message.alerts[0]?.message).toBe(
      "No run was recorded between 2026-02-01T09:17:00Z and 2026-02-04T12:00:00Z, although the schedule says every 6h.",
    );
    expect((await office.runAt("2026-02-04T18:00:00Z")).told).toEqual([]);
    expect((await office.runAt("2026-02-05T00:00:00Z")).told).toEqual([]);
  });

  it("tells of a time without runs also when the run that ended it died before it could", async () => {
    const office = new Office("2026-02-01T09:00:00Z", EVERY_6H, KEY, KEYS);
    await office.runAt("2026-02-01T09:17:00Z");
    office.moods.set("sec", "refuses");
    await office.runAt("2026-02-04T12:00:00Z");
    office.moods.clear();
    expect((await office.runAt("2026-02-04T13:00:00Z")).told).toEqual(["sec digest: new enforcer-late -"]);
  });

  it("tells of a disabled schedule and of a token that ends, asking the forge once a day", async () => {
    let asked = 0;
    const office = new Office("2026-02-01T09:00:00Z", TO_SEC, KEY, KEYS);
    office.forge = {
      schedules: async () => {
        asked += 1;
        return [
          { workflow: ".github/workflows/enforce.yml", state: "disabled", detail: "no activity for 60 days" },
          { workflow: ".github/workflows/report.yml", state: "active", detail: "active" },
        ];
      },
      tokenExpiry: async () => office.book.watch?.tokenEnds ?? ("2026-02-14T00:00:00Z" as never),
    };
    expect((await office.runAt("2026-02-01T09:17:00Z")).told).toEqual([
      "sec digest: new schedule-disabled -, new token-ending -",
    ]);
    await office.runAt("2026-02-01T12:17:00Z");
    expect(asked).toBe(1);
    expect((await office.runAt("2026-02-02T09:17:00Z")).told).toEqual([]);
    expect(asked).toBe(2);
    for (let day = 3; day < 7; day += 1) await office.runAt(`2026-02-0${day}T06:00:00Z`);
    expect((await office.runAt("2026-02-07T09:17:00Z")).told[0]).toContain("raised token-ending -");
  });

  it("tells of secrets that the runner lacks, and of their coming", async () => {
    const office = new Office("2026-02-01T09:00:00Z", TO_SEC, KEY, KEYS);
    office.absent = [{ reference: "PG_ADMIN", usedBy: "the connection orders" }];
    expect((await office.runAt("2026-02-01T09:17:00Z")).told).toEqual(["sec digest: new secret-absent -"]);
    office.absent = [];
    expect((await office.runAt("2026-02-02T09:17:00Z")).told).toContain(
      "sec digest: recovered secret-absent -",
    );
  });

  it("is alive for the watcher outside as long as it can work and tell people", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, KEYS);
    office.moods.set("sec", "refuses");
    for (const hour of ["09", "12", "15"]) await office.runAt(`2026-03-02T${hour}:17:00Z`);
    expect(office.beats).toBe(2);
  });
});

describe("a book that cannot be read", () => {
  it("lets emergencies through and nothing else, and fails the run", async () => {
    const office = new Office("2026-03-02T09:00:00Z", TO_SEC, KEY, BURNT, KEYS);
    office.unreadable = true;
    const { told, exit, lines } = await office.runAt("2026-03-02T09:17:00Z");
    expect([told, exit]).toEqual([["sec immediate: new compromised burnt"], 3]);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "error", text: expect.stringContaining("_alerts.json") }),
    );
    expect((await office.runAt("2026-03-02T12:17:00Z")).told).toEqual([
      "sec immediate: new compromised burnt",
    ]);
  });
});
