import fc from "fast-check";
import { expect, it } from "vitest";
import { Office } from "../../testing/alerts/office.ts";
import { at, credential, policy, snooze } from "../../testing/evaluation/world.ts";
import type { Sourced } from "../documents/kinds.ts";
import { addTo, type Instant } from "../model/instant.ts";

const START = at("2026-03-02T00:00:00Z");
const NAMES = ["a", "b", "c"] as const;
const SPEC = {
  channels: {
    sec: { slack: { webhook: { env: "SEC" } } },
    page: { pagerduty: { routingKey: { env: "PAGE" } } },
  },
  routes: [{ match: { levels: ["emergency" as const] }, to: ["page"], continue: true }, { to: ["sec"] }],
  schedule: { every: "60d" },
};

/** What happens: time passes, a person changes a credential, or a run. */
const happening = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 80 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("rotate" as const), name: fc.constantFrom(...NAMES) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("burn" as const), name: fc.constantFrom(...NAMES) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("snooze" as const), name: fc.constantFrom(...NAMES) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("run" as const), dies: fc.boolean() }) },
);

interface Paper {
  rotatedAt: Instant;
  burntAt: Instant | undefined;
  snoozedUntil: Instant | undefined;
}

/** One office with three credentials that are due every three days, through all that happens. */
class Story {
  readonly papers = new Map<string, Paper>(
    NAMES.map((name) => [name, { rotatedAt: START, burntAt: undefined, snoozedUntil: undefined }]),
  );
  readonly office = new Office(START, SPEC);
  now = START;
  kills = 0;

  constructor() {
    this.merge();
  }

  merge(): void {
    const all: Sourced[] = [policy("keys", { rotateWithin: "3d", warnBefore: "1d" })];
    for (const [name, { rotatedAt, burntAt, snoozedUntil }] of this.papers) {
      const compromised = { at: burntAt ?? START, reportedBy: "alice", reason: "seen" };
      const dates = { createdAt: START, rotatedAt };
      all.push(credential(name, burntAt === undefined ? dates : { ...dates, compromised }));
      if (snoozedUntil === undefined) continue;
      all.push(snooze(`quiet-${name}`, { credentials: [name], until: snoozedUntil }));
    }
    this.office.write(SPEC, ...all);
  }

  paper(name: string): Paper {
    const paper = this.papers.get(name);
    if (paper === undefined) throw new Error(name);
    return paper;
  }

  async run(dies = false): Promise<void> {
    if (dies) this.office.killsAfterSending = 1;
    await this.office.runAt(this.now);
    if (dies && this.office.killsAfterSending === 0) this.kills += 1;
    this.office.killsAfterSending = 0;
  }
}

it("tells every crossing at least once and no more than one duplicate for each kill, and is silent in between", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 24 }), async (happenings) => {
      const story = new Story();
      const { office } = story;
      for (const what of happenings) {
        if (what.kind === "wait") story.now = addTo(story.now, what.hours * 3600);
        else if (what.kind === "run") await story.run(what.dies);
        else {
          const paper = story.paper(what.name);
          story.now = addTo(story.now, 60);
          if (what.kind === "rotate") paper.rotatedAt = story.now;
          if (what.kind === "burn") paper.burntAt = story.now;
          if (what.kind === "snooze") paper.snoozedUntil = addTo(story.now, 2 * 86_400);
          story.merge();
        }
      }
      // Until everything that was to come has come, and has had its digest.
      for (let days = 0; days < 6; days += 1) {
        story.now = at(`${addTo(story.now, 86_400).slice(0, 10)}T10:00:00Z`);
        await story.run();
      }
      const { received, repository } = office;
      const ids = received.map(({ to, message }) => `${to} ${message.id}`);
      expect(ids.length - new Set(ids).size).toBeLessThanOrEqual(story.kills);
      // A digest a day. One that was cut off comes again, with what has changed since.
      const digests = received.filter(({ message }) => message.kind === "digest");
      const days = new Map<string, Set<string>>();
      for (const { to, message } of digests) {
        const day = `${to} ${addTo(message.at, -9 * 3600).slice(0, 10)}`;
        days.set(day, (days.get(day) ?? new Set()).add(message.id));
      }
      for (const sent of days.values()) expect(sent.size).toBeLessThanOrEqual(1 + story.kills);
      // What is open and not silenced is known at every destination, at its present level; what is over is known to be.
      for (const [, alert] of Object.entries(office.book.alerts ?? {})) {
        if (alert.snoozed === true) continue;
        expect(alert.gone).toBeUndefined();
        const wanted = alert.level === "emergency" ? ["page", "sec"] : ["sec"];
        const known = alert.told.filter(({ level }) => level === alert.level).map(({ to }) => to);
        expect(known.toSorted()).toEqual(wanted);
      }
      // The same run again.
      const [sent, commits] = [received.length, repository.history().length];
      await story.run();
      expect([received.length, repository.history().length]).toEqual([sent, commits]);
    }),
    { numRuns: 25 },
  );
});
