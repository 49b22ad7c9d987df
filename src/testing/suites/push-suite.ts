import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Held } from "../../core/ports/delivery.ts";
import {
  type Breakdown,
  type DeliveryBench,
  expectNoCanary,
  failureOf,
  type SuiteOptions,
} from "./delivery-suite.ts";
import { consignmentOf, type PushDelivery, partsOf, passwordOf, pushing } from "./sample-consignment.ts";

/** One target of the credential `orders-db` that takes a new value only in place of the one in use. */
export interface PushBench extends DeliveryBench {
  /** Whether the target can be asked what it holds; `holds()` is always `unknown` where it cannot. */
  readonly tells: boolean;
}

/**
 * What every delivery that can only push promises (the contract on `BoundDelivery`), whatever its target: the newest
 * push is in use, a repeat changes nothing, what is said of it is true, and no failure shows a secret.
 */
export function describePushDelivery(
  name: string,
  open: () => Promise<PushBench>,
  { sequences = 10 }: SuiteOptions = {},
): void {
  describe(`the delivery ${name}`, () => {
    const { signal } = new AbortController();
    let bench: PushBench;
    let target: PushDelivery;

    beforeEach(async () => {
      bench = await open();
      target = pushing(bench.delivery);
    });
    afterEach(async () => bench.close());

    const push = async (attempt: string) => target.push(consignmentOf(attempt), partsOf(attempt), signal);
    const expectHeld = async (held: Held) =>
      expect(await target.holds(signal)).toEqual(bench.tells ? held : "unknown");

    test("holds nothing of ours before the first push, and passes its preflight without a change", async () => {
      const before = await bench.inUse();
      await target.preflight(signal);
      await expectHeld({});
      expect(await bench.inUse()).toBe(before);
    });

    test("what was pushed is in use, and the target says so", async () => {
      await push("a1");
      await expectHeld({ current: "a1" });
      expect(await bench.inUse()).toBe(passwordOf("a1"));
      await target.preflight(signal);
    });

    test("the same attempt twice is one push, and a newer one replaces it", async () => {
      await push("a1");
      await push("a1");
      await expectHeld({ current: "a1" });
      await push("a2");
      await expectHeld({ current: "a2" });
      expect(await bench.inUse()).toBe(passwordOf("a2"));
    });

    test("after any pushes, repeated or not, the newest is in use", async () => {
      const attempts = fc.array(fc.tuple(fc.constantFrom("b1", "b2", "b3"), fc.integer({ min: 1, max: 2 })), {
        minLength: 1,
        maxLength: 5,
      });
      await fc.assert(
        fc.asyncProperty(attempts, async (sends) => {
          for (const [attempt, times] of sends) {
            for (let time = 0; time < times; time += 1) await push(attempt);
            await expectHeld({ current: attempt });
            expect(await bench.inUse()).toBe(passwordOf(attempt));
          }
        }),
        { numRuns: sequences },
      );
    });

    test.each<Breakdown>(["refuses", "fails"])(
      "a target that %s shows no secret and keeps what it had",
      async (how) => {
        await push("a1");
        await bench.breakDown(how);
        const failure = await failureOf(push("a2"));
        expect(how === "refuses" ? ["refused"] : ["refused", "unknown"]).toContain(failure.outcome);
        expect(await bench.inUse()).toBe(passwordOf("a1"));
        const held = await target.holds(signal);
        expect(["unknown", { current: "a1" }]).toContainEqual(held);
        expectNoCanary(await target.preflight(signal).catch((error: unknown) => error));
      },
    );

    test("an interrupted run changes nothing", async () => {
      await push("a1");
      const interrupted = AbortSignal.abort();
      const failure = await failureOf(target.push(consignmentOf("a2"), partsOf("a2"), interrupted));
      expect(failure.outcome).toBe("refused");
      await expectHeld({ current: "a1" });
      expect(await bench.inUse()).toBe(passwordOf("a1"));
    });

    test("a value without the part that a template asks for is refused before anything is changed", async () => {
      await push("a1");
      const failure = await failureOf(target.push(consignmentOf("a2"), new Map(), signal));
      expect(failure).toMatchObject({ outcome: "refused", retryable: false });
      await expectHeld({ current: "a1" });
    });

    test("its label says what it is and shows no secret, and it does not claim to be the consumer", async () => {
      expect(target.label).toMatch(/^[a-z-]+ \S/);
      expect(target.confirms).toBe(false);
      await push("a1");
      expectNoCanary(target);
      expectNoCanary(await target.holds(signal));
    });
  });
}
