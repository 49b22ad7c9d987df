import fc from "fast-check";
import { expect } from "vitest";
import { EffectError } from "../../core/model/errors.ts";
import type { Issued, ObservedVersion } from "../../core/ports/rotator.ts";
import { AFTER, type Ending, markOf } from "./overlap-bench.ts";

/** One version of a fresh object, which is issued beside an adopted one. */
export interface Steps {
  /** Those that the provider has. */
  readonly endings: readonly Ending[];
  /** How many orders are tried; default 15. */
  readonly repetitions: number | undefined;
  /** Starts anew, and issues the version `a1`. */
  begin(): Promise<Issued>;
  find(): Promise<ObservedVersion | undefined>;
  end(step: Ending, version: ObservedVersion): Promise<void>;
  logIn(issued: Issued): Promise<boolean>;
  /** The adopted version is as it was. */
  isUntouched(): Promise<boolean>;
}

/** Each ending step 1 to 5 times, in any order, leaves what it leaves once. */
export async function assertRepeatable(of: Steps): Promise<void> {
  const steps = fc.constantFrom(...of.endings);
  const sends = fc.array(fc.tuple(steps, fc.integer({ min: 1, max: 5 })), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sends, async (sent) => {
      const issued = await of.begin();
      let model: "live" | "asleep" | "gone" = "live";
      for (const [step, times] of sent) {
        const absent = { ...issued, live: false, reactivatable: false, mark: markOf("a1", 2) };
        const target = (await of.find()) ?? absent;
        for (let time = 0; time < times; time += 1) {
          const refused = model === "gone" && step !== "revoke";
          const outcome = await of.end(step, target).then(
            () => "done",
            (error: unknown) => (error instanceof EffectError ? error.outcome : error),
          );
          expect(outcome).toBe(refused ? "refused" : "done");
          if (model !== "gone") model = AFTER[step];
        }
        const left = await of.find();
        expect(left === undefined ? "gone" : left.live ? "live" : "asleep").toBe(model);
        expect(await of.logIn(issued)).toBe(model === "live");
      }
      expect(await of.isUntouched()).toBe(true);
    }),
    { numRuns: of.repetitions ?? 15 },
  );
}
