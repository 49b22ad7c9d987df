import fc from "fast-check";
import { expect, test } from "vitest";
import { credential, policy, settings } from "../../testing/evaluation/world.ts";
import { issueBench } from "../../testing/issues/issue-bench.ts";

const NAMES = ["a", "b", "c", "d"] as const;
const BASE = [
  policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" }),
  settings({ forge: { kind: "github" }, issues: { perOwner: 3 } }),
];
const NOW = "2026-03-10T08:00:00Z";

/** What the world does between two runs: a credential becomes overdue, is rotated, vanishes; people meddle; a run dies. */
const event = fc.oneof(
  fc.record({ does: fc.constantFrom("fail", "heal", "vanish"), name: fc.constantFrom(...NAMES) }),
  fc.record({ does: fc.constantFrom("complete", "refuse", "reopen", "tick", "copy"), pick: fc.nat(9) }),
  fc.record({ does: fc.constant("kill"), after: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ does: fc.constant("throttle"), after: fc.nat(4) }),
);

test("whatever happens, there is in the end one open issue for each finding that is told, and none for the others", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 14 }), async (events) => {
      const bench = issueBench(NOW);
      const days = new Map<string, string>();
      const settle = (): void => {
        bench.all = [...BASE, ...[...days].map(([name, rotatedAt]) => credential(name, { rotatedAt }))];
      };
      for (const happened of events) {
        const issue =
          "pick" in happened
            ? bench.forge.all[happened.pick % Math.max(1, bench.forge.all.length)]
            : undefined;
        switch (happened.does) {
          case "fail":
          case "heal":
            if ("name" in happened) {
              days.set(happened.name, happened.does === "fail" ? "2026-01-01" : "2026-03-09");
            }
            break;
          case "vanish":
            if ("name" in happened) days.delete(happened.name);
            break;
          case "complete":
            if (issue !== undefined) bench.forge.person.close(issue.number, "completed");
            break;
          case "refuse":
            if (issue !== undefined) bench.forge.person.close(issue.number, "not-planned");
            break;
          case "reopen":
            if (issue !== undefined) bench.forge.person.reopen(issue.number);
            break;
          case "tick":
            if (issue !== undefined) bench.forge.person.tick(issue.number, 9);
            break;
          case "copy":
            if (issue !== undefined) bench.forge.person.write(issue.body, "cre-bot");
            break;
          case "kill":
            if ("after" in happened) bench.forge.killedIn = happened.after;
            break;
          default:
            if ("after" in happened) bench.forge.throttledIn = happened.after;
        }
        settle();
        await bench.run();
        bench.forge.throttledIn = undefined;
      }
      settle();
      await bench.run();
      await bench.run();
      expect(bench.writes).toEqual([]);

      // Also after a run that died right after its request: what it made is found again.
      const markers = new Set(bench.forge.all.map(({ body }) => body.split("\n")[0]));
      expect(bench.forge.writes.filter((write) => write === "open")).toHaveLength(markers.size);

      const failing = [...days].filter(([, day]) => day === "2026-01-01").map(([name]) => name);
      const open = bench.forge.open(/^<!-- cre:finding/m).map(({ title }) => title.slice(0, 1));
      const refused = Object.entries(bench.book.issues ?? {}).filter(
        ([, { refusedAt }]) => refusedAt !== undefined,
      );
      const isStorm =
        bench.forge.open(/^<!-- cre:digest/m).length > 0 || refused.some(([key]) => key.startsWith("digest"));
      expect(new Set(open).size).toBe(open.length);
      expect(failing).toEqual(expect.arrayContaining(open));
      // A digest tells what has no issue of its own; it is there for two at least.
      const untold = failing.length - open.length - refused.length;
      expect(isStorm ? failing.length >= 2 : untold === 0).toBe(true);
      expect(bench.forge.open(/^<!-- cre:digest/m).length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 80 },
  );
});
