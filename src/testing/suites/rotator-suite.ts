import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CreError, EffectError } from "../../core/model/errors.ts";
import { addTo } from "../../core/model/instant.ts";
import type { Fence, Issued, Mark, ObservedVersion } from "../../core/ports/rotator.ts";
import {
  type Ending,
  effectFailure,
  endingsOf,
  expectKept,
  expectNone,
  FOREIGN_MARK,
  markOf,
  type OverlapBench,
  type OverlapPromises,
  type SteppingRotator,
  secretsOf,
  stepping,
} from "./overlap-bench.ts";
import { assertRepeatable } from "./repeated-steps.ts";

/** What every rotator with the recipe `overlap` promises (the contract on `BoundRotator`). */
export function describeOverlapRotator(
  name: string,
  promises: OverlapPromises,
  open: () => Promise<OverlapBench>,
): void {
  describe(`the rotator ${name}`, () => {
    const { signal } = new AbortController();
    const endings = endingsOf(promises);
    const canDeactivate = endings.includes("deactivate");
    let bench: OverlapBench;
    let rotator: SteppingRotator;
    let secrets: string[];
    let others: unknown;

    const start = async (): Promise<void> => {
      bench = await open();
      rotator = stepping(await bench.bind(), promises);
      others = await bench.others();
      secrets = [];
    };
    const finish = async (): Promise<void> => {
      expect(await bench.others()).toEqual(others);
      await rotator.close();
      await bench.close();
    };
    beforeEach(start);
    afterEach(finish);

    const observe = async () =>
      (await rotator.observe(signal)).toSorted((a, b) => (a.slot < b.slot ? -1 : 1));
    const only = async (attempt?: string): Promise<ObservedVersion> => {
      const all = await observe();
      const found = all.filter(({ mark }) => attempt === undefined || mark?.attempt === attempt);
      expect(found).toHaveLength(1);
      // `as`: there is just one.
      return found[0] as ObservedVersion;
    };
    const issue = async (mark: Mark): Promise<Issued> => {
      const issued = await rotator.issue(mark, await observe(), signal);
      secrets.push(...secretsOf(issued));
      return issued;
    };
    const end = async (step: Ending, version: ObservedVersion, epoch = version.mark?.epoch ?? 1) => {
      // `as`: a version that ends here was marked before.
      const next = { ...(version.mark as Mark), epoch };
      await rotator[step]?.(version, { expected: version.mark, next }, signal);
    };
    const adopted = async (): Promise<ObservedVersion> => {
      await bench.addByHand();
      await rotator.adopt(await only(), markOf("a0"), signal);
      return only("a0");
    };
    const refusal = async (effect: Promise<unknown>): Promise<EffectError> => effectFailure(effect, secrets);

    test("preflight passes beside an adopted version, and changes nothing", async () => {
      await adopted();
      const before = await observe();
      await rotator.preflight(signal);
      expect(await observe()).toEqual(before);
    });

    test("a version that a person made is seen without a mark, and adopting marks just it, any number of times", async () => {
      await bench.addByHand();
      const found = await only();
      expect(found).toMatchObject({ live: true });
      expect(found.mark).toBeUndefined();
      for (const _ of [1, 2, 3]) await rotator.adopt(found, markOf("a0"), signal);
      expect(await observe()).toEqual([{ ...found, mark: markOf("a0"), note: (await only()).note }]);
    });

    test("a version with the mark of another rotation is not adopted", async () => {
      const version = await adopted();
      const error = await refusal(rotator.adopt(version, FOREIGN_MARK, signal));
      expect(error).toMatchObject({ outcome: "refused", code: "foreign-mark", retryable: false });
      expect(await only()).toEqual(version);
    });

    test("issue makes one live version with the attempt's mark in the other slot, and the old one goes on", async () => {
      const old = await adopted();
      const issued = await issue(markOf("a1", 2));
      const fresh = await only("a1");
      expect(fresh).toMatchObject({
        handle: issued.handle,
        slot: issued.slot,
        live: true,
        mark: markOf("a1", 2),
      });
      expect(fresh.slot).not.toBe(old.slot);
      expect(issued.createdAt <= addTo(bench.now(), 5)).toBe(true);
      expectKept(await only("a0"), old, promises);
      await rotator.verify(issued, signal);
      expect(await bench.logIn(issued.parts)).toBe(true);
    });

    test("the same attempt never makes a second version, from this process or another", async () => {
      await adopted();
      await issue(markOf("a1", 2));
      const before = await observe();
      for (const each of [rotator, stepping(await bench.bind(), promises)]) {
        const again = await each.issue(markOf("a1", 2), before, signal).catch((error: unknown) => error);
        expect(again instanceof EffectError || !(again instanceof Error)).toBe(true);
        expect((await observe()).map(({ handle }) => handle)).toEqual(before.map(({ handle }) => handle));
      }
    });

    test("without a free slot nothing is issued", async () => {
      await adopted();
      await bench.addByHand();
      const before = await observe();
      expect((await refusal(issue(markOf("a1", 2)))).outcome).toBe("refused");
      expect(await observe()).toEqual(before);
    });

    test("a version that a person made beside ours is refused at preflight, with its handle", async () => {
      await adopted();
      await bench.addByHand();
      const stranger = (await observe()).find(({ mark }) => mark === undefined);
      const error = await rotator.preflight(signal).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CreError);
      expect(error instanceof CreError && error.describe()).toContain(stranger?.handle);
    });

    test("an orphan of a process that died is seen by the next one with its mark, and removed by it alone", async () => {
      const old = await adopted();
      await issue(markOf("a1", 2));
      rotator = stepping(await bench.bind(), promises);
      const orphan = await only("a1");
      for (const _ of [1, 2]) await end("revoke", orphan, 3);
      expect(await observe()).toEqual([old]);
    });

    test.runIf(canDeactivate)("deactivated it is locked out, reactivated it is not", async () => {
      await adopted();
      const issued = await issue(markOf("a1", 2));
      for (const _ of [1, 2, 3]) await end("deactivate", await only("a1"));
      expect(await only("a1")).toMatchObject({ live: false, reactivatable: true, mark: markOf("a1", 2) });
      expect(await bench.logIn(issued.parts)).toBe(false);
      for (const _ of [1, 2, 3]) await end("reactivate", await only("a1"), 3);
      expect(await only("a1")).toMatchObject({
        live: true,
        mark: markOf("a1", promises.fencesEpochs ? 3 : 2),
      });
      expect(await bench.logIn(issued.parts)).toBe(true);
    });

    test("revoke ends one version for good, also a deactivated one, and an absent one is success", async () => {
      const old = await adopted();
      const issued = await issue(markOf("a1", 2));
      if (canDeactivate) await end("deactivate", old, 2);
      const ending = await only("a0");
      for (const _ of [1, 2, 3]) await end("revoke", ending, 2);
      expect((await observe()).map(({ handle }) => handle)).toEqual([issued.handle]);
      expect(await bench.logIn(issued.parts)).toBe(true);
      const back = canDeactivate ? (await refusal(end("reactivate", ending, 2))).outcome : "refused";
      expect(back).toBe("refused");
    });

    test.each<Ending>(endings)(
      "%s touches no version whose mark is not the expected one, or that has none",
      async (step) => {
        const version = await adopted();
        await bench.addByHand();
        const before = await observe();
        const stranger = before.find(({ mark }) => mark === undefined);
        const foreign: Fence = { expected: FOREIGN_MARK, next: { ...FOREIGN_MARK, epoch: 9 } };
        for (const touched of [version, stranger]) {
          if (touched === undefined) throw new Error("no stranger");
          const error = await refusal(Promise.resolve(rotator[step]?.(touched, foreign, signal)));
          expect(error).toMatchObject({ outcome: "refused", code: "foreign-mark", retryable: false });
        }
        expect(await observe()).toEqual(before);
      },
    );

    test.runIf(promises.fencesEpochs)("a run with an older epoch is refused by every effect", async () => {
      const old = await adopted();
      await issue(markOf("a1", 5));
      const fresh = await only("a1");
      const before = await observe();
      for (const step of endings) {
        const error = await refusal(end(step, fresh, 4));
        expect(error).toMatchObject({ outcome: "refused", code: "fenced", retryable: false });
      }
      expect(await observe()).toEqual(before);
      await end("revoke", old, 5);
      expect((await refusal(issue(markOf("a2", 4)))).outcome).toBe("refused");
      expect((await observe()).map(({ mark }) => mark?.attempt)).toEqual(["a1"]);
    });

    test.runIf(promises.seesUse)("use is what consumers do, at its time; our own probe is none", async () => {
      await adopted();
      const issued = await issue(markOf("a1", 2));
      const fresh = await only("a1");
      const { coarseness = 1, toldWithin = 0 } = promises;
      const since = bench.now();
      await rotator.verify(issued, signal);
      const early = await rotator.inUse?.(fresh, since, signal);
      expect(early?.kind).toBe(toldWithin > 0 ? "unknown" : "silent");
      bench.pass(toldWithin);
      expect(await rotator.inUse?.(fresh, since, signal)).toMatchObject({ kind: "silent", sampled: false });
      bench.pass(60);
      const before = addTo(bench.now(), -coarseness);
      expect(await bench.logIn(issued.parts)).toBe(true);
      const used = await rotator.inUse?.(fresh, since, signal);
      expect(used).toMatchObject({ kind: "used" });
      const at = used?.kind === "used" ? used.at : before;
      expect(at > before && at <= bench.now()).toBe(true);
      const after = addTo(bench.now(), coarseness);
      bench.pass(coarseness + toldWithin);
      expect(await rotator.inUse?.(fresh, after, signal)).toMatchObject({ kind: "silent" });
      expect(await rotator.inUse?.(await only("a0"), since, signal)).toMatchObject({ kind: "silent" });
    });

    test.runIf(promises.seesRefusedUse)(
      "a deactivated version that somebody still tries is in use",
      async () => {
        await adopted();
        const issued = await issue(markOf("a1", 2));
        await end("deactivate", await only("a1"));
        const since = bench.now();
        expect(await rotator.inUse?.(await only("a1"), since, signal)).toMatchObject({ kind: "silent" });
        bench.pass(60);
        expect(await bench.logIn(issued.parts)).toBe(false);
        expect(await rotator.inUse?.(await only("a1"), since, signal)).toMatchObject({ kind: "used" });
      },
    );

    test("verify refuses parts that do not sign in: of a deactivated version, or of one that is gone", async () => {
      await adopted();
      const issued = await issue(markOf("a1", 2));
      await end(canDeactivate ? "deactivate" : "revoke", await only("a1"));
      const error = await rotator.verify(issued, signal).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CreError);
      expectNone(error, secrets);
    });

    test("an interrupted run changes nothing", async () => {
      const old = await adopted();
      const stopped = AbortSignal.abort();
      const fence = { expected: old.mark, next: markOf("a0", 2) };
      const effects = [
        () => rotator.issue(markOf("a1", 2), [old], stopped),
        ...(canDeactivate ? [async () => rotator.deactivate?.(old, fence, stopped)] : []),
        () => rotator.revoke(old, fence, stopped),
      ];
      for (const effect of effects) await refusal(effect());
      expect(await observe()).toEqual([old]);
    });

    test("nothing that is seen of it holds a secret", async () => {
      await adopted();
      await issue(markOf("a1", 2));
      expect(secrets.length).toBeGreaterThan(0);
      expectNone(rotator, secrets);
      expectNone(await observe(), secrets);
      expectNone(await refusal(issue(markOf("a2", 2))), secrets);
      expect(rotator.identity).toMatch(/^[a-z-]+\/.+\/.+$/);
    });

    test("each step 1 to 5 times, in any order, leaves what it leaves once", async () => {
      const repeated = assertRepeatable({
        endings,
        repetitions: promises.repetitions,
        begin: async () => {
          await finish();
          await start();
          await adopted();
          return issue(markOf("a1", 2));
        },
        find: async () => (await observe()).find(({ mark }) => mark?.attempt === "a1"),
        end,
        logIn: async ({ parts }) => bench.logIn(parts),
        isUntouched: async () => (await only("a0")).live,
      });
      await expect(repeated).resolves.toBeUndefined();
    });
  });
}
