import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beginning, heldBy, latest, type Marker, markerName, markerText, parseMarker } from "./marker.ts";

const attempt = fc.stringMatching(/^[\x21-\x7e]{1,40}$/);
const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
const before = fc.oneof(
  fc.constant(null),
  fc.constant("unclear" as const),
  attempt.map((id) => ({ attempt: id })),
);
const marker: fc.Arbitrary<Marker> = fc.oneof(
  fc.record({ state: fc.constant("done" as const), attempt, until: second }),
  fc.record({ state: fc.constant("pushing" as const), attempt, before, since: fc.option(second) }),
);

describe("a marker", () => {
  test("is read as it was written for its secrets, and any other text is none", () => {
    fc.assert(
      fc.property(marker, (said) => {
        expect(parseMarker(markerText(said, ["B", "a"]), ["A", "b"])).toEqual(said);
        expect(parseMarker(markerText(said, ["B", "a"]), ["B"])).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = parseMarker(text, ["A"]);
        expect(read === undefined ? undefined : parseMarker(markerText(read, ["A"]), ["A"])).toEqual(read);
      }),
    );
  });

  test("has a variable of its own for each credential, with a name that GitHub takes", () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(markerName(a)).toMatch(/^CRE_ATTEMPT_[A-Z0-9_]{1,63}$/);
        expect(markerName(a) === markerName(b)).toBe(a === b);
      }),
    );
  });
});

describe("pushes that end anywhere", () => {
  /** What each of the secrets really holds, and when it was written. */
  interface World {
    readonly held: (string | undefined)[];
    readonly written: (number | undefined)[];
    marker: Marker | "none";
    clock: number;
  }

  type Act =
    | { readonly by: "run"; readonly attempt: string; readonly steps: number; readonly later: number }
    | { readonly by: "person"; readonly later: number };

  /** The first steps of a push: the marker, each secret, the marker. */
  function pushTo(world: World, id: string, steps: number): void {
    const since = latest(world.written);
    if (since !== undefined && world.clock - since < 2000) world.clock += 2000;
    const acts = [
      () => {
        world.marker = beginning(id, world.marker, world.written);
      },
      ...world.held.map((_, at) => () => {
        world.held[at] = id;
        world.written[at] = world.clock;
      }),
      () => {
        world.marker = { state: "done", attempt: id, until: latest(world.written) ?? 0 };
      },
    ];
    for (const act of acts.slice(0, steps)) act();
  }

  const acts: fc.Arbitrary<Act> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        by: fc.constant("run" as const),
        attempt: fc.constantFrom("a1", "a2", "a3"),
        steps: fc.integer({ min: 0, max: 6 }),
        // Seconds are GitHub's ticks: what happens within one has the same time.
        later: fc.constantFrom(0, 1000, 60_000),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ by: "person" as const, later: 1000 }) },
  );

  test("what is said of the secrets is true or unclear, and it is said once a push is over", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(acts, { maxLength: 8 }), (count, story) => {
        const none = Array.from({ length: count }, () => undefined);
        const world: World = {
          held: [...none],
          written: [...none],
          marker: "none",
          clock: 1_790_000_000_000,
        };
        let isOver = false;
        for (const act of story) {
          world.clock += act.later;
          if (act.by === "run") {
            pushTo(world, act.attempt, act.steps);
            isOver = act.steps >= count + 2;
          } else {
            world.held[0] = "by hand";
            world.written[0] = world.clock;
            isOver = false;
          }
          const said = heldBy(world.marker, world.written);
          const pushed = isOver && act.by === "run" ? { current: act.attempt } : said;
          expect(said).toEqual(pushed);
          // A person who writes in the middle of a push, after a run died there, may be taken for it.
          const mayBeTaken = story.some(({ by }) => by === "person");
          const claims = said === "unknown" || said.current === undefined || mayBeTaken ? [] : world.held;
          expect(claims.filter((held) => said === "unknown" || held !== said.current)).toEqual([]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("nothing of ours is only said where no secret holds an attempt", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 5 }), (cuts) => {
        const world: World = {
          held: [undefined, undefined],
          written: [undefined, undefined],
          marker: "none",
          clock: 1_790_000_000_000,
        };
        for (const [at, steps] of cuts.entries()) {
          pushTo(world, `a${at}`, steps);
          const said = heldBy(world.marker, world.written);
          const claimsNone = said !== "unknown" && said.current === undefined && said.unclear !== true;
          expect(claimsNone && world.held.some((held) => held !== undefined)).toBe(false);
        }
      }),
    );
  });
});
