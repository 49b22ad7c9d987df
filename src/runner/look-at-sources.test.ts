import { describe, expect, test } from "vitest";
import { declaredSources } from "../core/discovery/declared-sources.ts";
import { learnLooks } from "../core/discovery/learn-looks.ts";
import { CreError } from "../core/model/errors.ts";
import { addTo, type Instant } from "../core/model/instant.ts";
import type { ScanEnd, Sighting, SourcePart } from "../core/ports/discovery.ts";
import { EMPTY_DISCOVERY } from "../core/state/discovery-book.ts";
import { AWS, SERVED } from "../testing/discovery/looks.ts";
import { at, documents, settings } from "../testing/evaluation/world.ts";
import { type LookBounds, lookAtSources } from "./look-at-sources.ts";
import type { SourceDesk } from "./ports.ts";

const BOUNDS: LookBounds = { all: 1000, part: 100, afresh: false };
const WHOLE: ScanEnd = { complete: true, scanned: 1, covered: [], problems: [] };
const DECLARED = declaredSources({ discovery: [AWS, SERVED] });

function sighting(handle: string, identity?: string): Sighting {
  return {
    kind: "aws-access-key",
    handle,
    place: `123456789012/${handle}`,
    live: true,
    detail: {},
    ownerHints: [],
    concerns: [],
    ...(identity === undefined ? {} : { identity }),
  };
}

class World {
  now: Instant = at("2026-03-01T08:00:00Z");
  readonly said: string[] = [];
  readonly closed: string[] = [];
  readonly limit = new AbortController();
  readonly stop = new AbortController();

  part(name: string, scan: SourcePart["scan"]): SourcePart {
    return {
      name,
      scan,
      close: async () => {
        this.closed.push(name);
      },
    };
  }

  async look(
    parts: Readonly<Record<string, readonly SourcePart[] | Error>>,
    bounds: Partial<LookBounds> = {},
    book = EMPTY_DISCOVERY,
  ) {
    const desk: SourceDesk = {
      elsewhere: () => undefined,
      open: async ({ name }) => {
        const found = parts[name] ?? [];
        if (found instanceof Error) throw found;
        return found;
      },
      nameOf: (identity) => (identity === "aws-iam/1/deploy" ? "deploy-key" : undefined),
    };
    const say = (message: string): void => {
      this.said.push(message);
    };
    const ports = {
      clock: { now: () => this.now },
      progress: { step: say, warn: say },
      timeLimit: () => this.limit.signal,
    };
    const sources = DECLARED.filter(({ name }) => Object.hasOwn(parts, name));
    return lookAtSources(sources, desk, book, { ...BOUNDS, ...bounds }, ports, this.stop.signal);
  }
}

/** The look at the only part of a source. */
function only(look: Awaited<ReturnType<World["look"]>>[number] | undefined) {
  if (look === undefined || "failed" in look) throw new Error("it could not be opened");
  return [...look.parts.values()][0];
}

describe("a look", () => {
  test("keeps what was shown, by the names of the registry", async () => {
    const world = new World();
    const [look] = await world.look({
      "prod-aws": [
        world.part("account", async (_, show) => {
          show(sighting("AKIA1", "aws-iam/1/deploy"));
          show(sighting("AKIA2", "aws-iam/1/unknown"));
          return { ...WHOLE, covered: ["aws-iam/1/deploy", "aws-iam/1/unknown"] };
        }),
      ],
    });
    const part = only(look);
    expect(part).toMatchObject({ complete: true, covered: ["deploy-key"] });
    expect(part?.sightings.map(({ handle, means }) => [handle, means])).toEqual([
      ["AKIA1", "deploy-key"],
      ["AKIA2", undefined],
    ]);
    expect(world.closed).toEqual(["account"]);
  });

  test("bounds other people's texts and takes lines apart from them", async () => {
    const world = new World();
    const long = { comment: `evil\u001b[31m\n${"x".repeat(5000)}` };
    const [look] = await world.look({
      "prod-aws": [
        world.part("account", async (_, show) => {
          show({ ...sighting("AKIA1"), detail: long });
          return WHOLE;
        }),
      ],
    });
    const comment = only(look)?.sightings[0]?.detail?.["comment"] ?? "";
    expect(comment).toHaveLength(300);
    expect(comment).not.toMatch(/\p{Cc}/u);
  });

  test("goes on where the one before was asked to end, and from the beginning when it is to be afresh", async () => {
    const world = new World();
    const cursors: (string | undefined)[] = [];
    const slow = world.part("account", async (cursor, show, _, enough) => {
      cursors.push(cursor);
      show(sighting(cursor ?? "first"));
      world.now = addTo(world.now, 100);
      return enough?.() === true && cursor === undefined
        ? { ...WHOLE, complete: false, problems: ["more to see"], cursor: "second" }
        : WHOLE;
    });
    const looks = await world.look({ "prod-aws": [slow] });
    const inputs = {
      documents: documents(settings({ discovery: [AWS] })),
      statuses: new Map(),
      now: world.now,
    };
    const first = learnLooks({ ...inputs, book: EMPTY_DISCOVERY }, DECLARED, looks).book;
    const more = await world.look({ "prod-aws": [slow] }, {}, first);
    const second = learnLooks({ ...inputs, book: first }, DECLARED, more).book;
    expect(second.sources?.["prod-aws"]?.parts["account"]).toMatchObject({
      look: { complete: true, scanned: 2 },
      seen: [{ handle: "first" }, { handle: "second" }],
    });
    await world.look({ "prod-aws": [slow] }, { afresh: true }, first);
    expect(cursors).toEqual([undefined, "second", undefined]);
  });
});

describe("a part", () => {
  test("that breaks down is not whole, what it showed counts, and nobody reads what it threw", async () => {
    const world = new World();
    const [look] = await world.look({
      "prod-aws": [
        world.part("account", async (_, show) => {
          show(sighting("AKIA1"));
          throw new Error("password=hunter2");
        }),
      ],
    });
    const part = only(look);
    expect(part).toMatchObject({ complete: false, problems: ["unexpected Error: a bug, please report it"] });
    expect(part?.sightings).toHaveLength(1);
    expect(world.said.join()).not.toContain("hunter2");
    expect(world.closed).toEqual(["account"]);
  });

  test("that does not come to an end is stopped", async () => {
    const world = new World();
    const hangs = world.part("account", async (_, __, signal) => {
      world.limit.abort(new DOMException("too long", "TimeoutError"));
      return new Promise((___, reject) => reject(signal.reason as Error));
    });
    const [look] = await world.look({ "prod-aws": [hangs] });
    expect(only(look)).toMatchObject({ complete: false, problems: ["no answer within the time limit"] });
  });

  test("that shows without end is asked to stop, and covers nothing", async () => {
    const world = new World();
    const endless = world.part("account", async (_, show, __, enough) => {
      for (let number = 0; ; number += 1) {
        if (enough?.() === true) break;
        show(sighting(`AKIA${number}`));
      }
      return {
        ...WHOLE,
        complete: false,
        problems: ["more to see"],
        covered: ["aws-iam/1/deploy"],
        cursor: "on",
      };
    });
    const part = only((await world.look({ "prod-aws": [endless] }))[0]);
    expect(part?.sightings).toHaveLength(20_000);
    expect(part).toMatchObject({ complete: false, covered: [] });
    expect(part).not.toHaveProperty("cursor");
    expect(part?.problems[0]).toContain("declare it as several sources");
  });

  test("for which no time is left is not begun", async () => {
    const world = new World();
    const parts = ["a", "b", "c", "d", "e"].map((name) =>
      world.part(name, async () => {
        world.now = addTo(world.now, 1000);
        return WHOLE;
      }),
    );
    const [look] = await world.look({ "prod-aws": parts });
    expect(look).toMatchObject({ allParts: ["a", "b", "c", "d", "e"], parts: { size: 1 } });
    expect(world.closed).toEqual(["a", "b", "c", "d", "e"]);
  });
});

test("a source that cannot be opened does not keep the others from being looked at", async () => {
  const world = new World();
  const problem = new CreError("secret-absent", "the variable AWS_KEY is not set", { fix: "set it" });
  const looks = await world.look({
    "prod-aws": problem,
    served: [world.part("endpoints", async () => WHOLE)],
  });
  expect(looks).toMatchObject([{ failed: expect.stringContaining("AWS_KEY") }, { allParts: ["endpoints"] }]);
});

test("the end of the program ends all looks", async () => {
  const world = new World();
  const stopped = world.part("account", async () => {
    world.stop.abort();
    throw world.stop.signal.reason;
  });
  await expect(world.look({ "prod-aws": [stopped] })).rejects.toThrow(/abort/i);
  expect(world.closed).toEqual(["account"]);
});
