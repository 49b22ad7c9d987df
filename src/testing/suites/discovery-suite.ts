import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SourcePart } from "../../core/ports/discovery.ts";
import { type Looked, lookAt } from "./discovery-bench.ts";

/** A real service with something in it, and one part of a source that looks at it in steps as small as it can. */
export interface DiscoveryBench {
  /** Opens the part anew, as each run does. */
  open(): Promise<SourcePart>;
  /** Handles of all that is there, sorted. */
  readonly handles: readonly string[];
  /** Identities that sightings bear, and those that a whole look covers; sorted. */
  readonly sighted: readonly string[];
  readonly covered: readonly string[];
  /** Secrets that are in the service or that the runner signs in with. */
  readonly secrets: readonly string[];
  /** Looks that a source takes which is told after each step that it is enough; 1: it takes no steps. */
  readonly steps: number;
  /** All of the service that a look could change. */
  state(): Promise<unknown>;
  /** From now on the service fails in the middle of a look, in a way that the reason tells. */
  breakDown(): Promise<RegExp>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** What every source promises (the contract on `SourcePart`). */
export function describeDiscoverySource(name: string, start: () => Promise<DiscoveryBench>): void {
  describe(`the source ${name}`, () => {
    let bench: DiscoveryBench;
    let part: SourcePart;
    const everything: Looked[] = [];

    beforeAll(async () => {
      bench = await start();
      part = await bench.open();
    });
    afterAll(async () => {
      await part?.close();
      await bench?.close();
    });

    const look = async (...[options]: [Parameters<typeof lookAt>[1]?]): Promise<Looked> => {
      const looked = await lookAt(part, options);
      everything.push(looked);
      return looked;
    };

    test("shows all that is there and whose it is, and changes nothing", async () => {
      const before = await bench.state();
      const { sightings, end } = await look();
      expect(sightings.map(({ handle }) => handle).toSorted()).toEqual(bench.handles);
      const sighted = new Set(sightings.flatMap(({ identity }) => identity ?? []));
      expect([...sighted].toSorted()).toEqual(bench.sighted);
      expect(end).toMatchObject({ complete: true, covered: bench.covered });
      expect(end.scanned).toBeGreaterThan(0);
      expect(end.cursor).toBeUndefined();
      expect(await bench.state()).toEqual(before);
    });

    test("shows the same each time, in the same order", async () => {
      expect(await look()).toEqual(await look());
    });

    test("ends when it is enough, and goes on from there in another run", async () => {
      const handles: string[] = [];
      const covered = new Set<string>();
      let cursor: string | undefined;
      let looks = 0;
      for (; looks === 0 || cursor !== undefined; looks += 1) {
        expect(looks).toBeLessThan(20);
        await part.close();
        part = await bench.open();
        const { sightings, end } = await look({
          enough: () => true,
          ...(cursor === undefined ? {} : { cursor }),
        });
        handles.push(...sightings.map(({ handle }) => handle));
        for (const identity of end.covered) covered.add(identity);
        expect(end.complete).toBe(end.cursor === undefined);
        expect(end.complete || end.problems.length > 0).toBe(true);
        ({ cursor } = end);
      }
      expect(looks).toBe(bench.steps);
      expect(handles.toSorted()).toEqual(bench.handles);
      expect([...covered].filter((identity) => !bench.covered.includes(identity))).toEqual([]);
    });

    test("ends with the run that is interrupted", async () => {
      const stop = new AbortController();
      stop.abort(new Error("interrupted"));
      await expect(lookAt(part, { signal: stop.signal })).rejects.toThrow("interrupted");
    });

    test("that fails half-way keeps what was seen, says why, and takes nothing to be gone", async () => {
      const reason = await bench.breakDown();
      const { sightings, end } = await look();
      await bench.mend();
      expect(end.complete).toBe(false);
      expect(end.problems.join("\n")).toMatch(reason);
      const seen = sightings.map(({ handle }) => handle);
      expect(seen.filter((handle) => !bench.handles.includes(handle))).toEqual([]);
      expect(seen.length).toBeLessThan(bench.handles.length);
      const sighted = new Set(sightings.flatMap(({ identity }) => identity ?? []));
      // Whoever was not sighted would be a ghost.
      expect(end.covered.filter((identity) => !sighted.has(identity))).toEqual([]);
      expect((await look()).end.complete).toBe(true);
    });

    test("never shows a secret", () => {
      const text = JSON.stringify(everything);
      expect(bench.secrets.length).toBeGreaterThan(0);
      expect(bench.secrets.filter((secret) => text.includes(secret))).toEqual([]);
    });
  });
}
