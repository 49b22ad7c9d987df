import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EffectError } from "../../core/model/errors.ts";
import type { BoundDelivery, Held } from "../../core/ports/delivery.ts";
import { consignmentOf, partsOf, passwordOf, type StagingDelivery, staging } from "./sample-consignment.ts";

/** One target of the credential `orders-db`, real or as near to real as it gets. */
export interface DeliveryBench {
  readonly delivery: BoundDelivery;
  /** The password that the consumer uses now; undefined before the first promote. */
  inUse(): Promise<string | undefined>;
  /** From now on every effect fails at the target; `how` says in which way. */
  breakDown(how: Breakdown): Promise<void>;
  close(): Promise<void>;
}

export type Breakdown = "refuses" | "fails";

export interface SuiteOptions {
  /** How many random sequences of steps are tried; fewer where each step starts a process. Default 25. */
  readonly sequences?: number;
}

type Step = "stage" | "promote" | "abort";

const FORMS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => Buffer.from(text).toString("base64"),
  (text) => Buffer.from(text).toString("hex"),
  encodeURIComponent,
];

/** How an effect failed: it must be an EffectError that holds no secret in any form. */
export async function failureOf(effect: Promise<unknown>): Promise<EffectError> {
  const error = await effect.then(
    () => new Error("the effect did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EffectError);
  expectNoCanary(error);
  // `as`: asserted just before.
  return error as EffectError;
}

/** Nothing that people or logs see of this holds the canary in any form. */
export function expectNoCanary(said: unknown): void {
  const shown = [inspect(said, { depth: 10, showHidden: true }), JSON.stringify(said), String(said)];
  if (said instanceof EffectError) shown.push(said.describe(), said.stack ?? "");
  const text = shown.join("\n");
  for (const form of FORMS) expect(text).not.toContain(form("canary-"));
}

/**
 * What every delivery that stages promises (the contract on `BoundDelivery`), whatever its target: effects happen at
 * once or not at all, repeat without a second effect in any order, and no failure shows a secret.
 */
export function describeStagingDelivery(
  name: string,
  open: () => Promise<DeliveryBench>,
  { sequences = 25 }: SuiteOptions = {},
): void {
  describe(`the delivery ${name}`, () => {
    const { signal } = new AbortController();
    let bench: DeliveryBench;
    let target: StagingDelivery;

    beforeEach(async () => {
      bench = await open();
      target = staging(bench.delivery);
    });
    afterEach(async () => bench.close());

    const stage = async (attempt: string) => target.stage(consignmentOf(attempt), partsOf(attempt), signal);
    const promote = async (attempt: string) => target.promote(consignmentOf(attempt), signal);
    const abort = async (attempt: string) => target.abort(consignmentOf(attempt), signal);
    const holds = async () => target.holds(signal);

    test("holds nothing before the first stage, and passes its preflight", async () => {
      await target.preflight(signal);
      expect(await holds()).toEqual({});
    });

    test("a staged version is used by nobody until it is promoted", async () => {
      await stage("a1");
      expect(await holds()).toEqual({ pending: "a1" });
      expect(await bench.inUse()).toBeUndefined();
      await promote("a1");
      expect(await holds()).toEqual({ current: "a1" });
      expect(await bench.inUse()).toBe(passwordOf("a1"));
    });

    test("a version staged beside the current one leaves it in use, and takes its place when promoted", async () => {
      await stage("a1");
      await promote("a1");
      await stage("a2");
      expect(await holds()).toEqual({ current: "a1", pending: "a2" });
      expect(await bench.inUse()).toBe(passwordOf("a1"));
      await promote("a2");
      expect(await holds()).toEqual({ current: "a2" });
      expect(await bench.inUse()).toBe(passwordOf("a2"));
    });

    test("a newer version replaces the one that is pending", async () => {
      await stage("a1");
      await stage("a2");
      expect(await holds()).toEqual({ pending: "a2" });
      expect((await failureOf(promote("a1"))).outcome).toBe("refused");
      await promote("a2");
      expect(await bench.inUse()).toBe(passwordOf("a2"));
    });

    test("abort drops what is pending, and an unknown attempt is fine", async () => {
      await stage("a1");
      await promote("a1");
      await stage("a2");
      await abort("a9");
      expect(await holds()).toEqual({ current: "a1", pending: "a2" });
      await abort("a2");
      await abort("a2");
      expect(await holds()).toEqual({ current: "a1" });
      expect((await failureOf(promote("a2"))).outcome).toBe("refused");
      expect(await bench.inUse()).toBe(passwordOf("a1"));
    });

    test("abort of the current attempt and promote of an unknown one are refused and change nothing", async () => {
      await stage("a1");
      await promote("a1");
      await stage("a2");
      expect(await failureOf(abort("a1"))).toMatchObject({ outcome: "refused", retryable: false });
      expect((await failureOf(promote("a9"))).outcome).toBe("refused");
      expect(await holds()).toEqual({ current: "a1", pending: "a2" });
      expect(await bench.inUse()).toBe(passwordOf("a1"));
    });

    test("staging the current attempt again changes nothing", async () => {
      await stage("a1");
      await promote("a1");
      await stage("a1");
      expect(await holds()).toEqual({ current: "a1" });
    });

    test("steps repeat without a second effect, in any order that a later run may send them", async () => {
      const steps = fc.constantFrom<Step>("stage", "promote", "abort");
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(steps, fc.constantFrom("b1", "b2"), fc.integer({ min: 1, max: 3 })), {
            maxLength: 8,
          }),
          async (sends) => {
            await bench.close();
            bench = await open();
            target = staging(bench.delivery);
            let model: Held = {};
            for (const [step, attempt, times] of sends) {
              const expected = after(model, step, attempt);
              for (let time = 0; time < times; time += 1) {
                const outcome = await { stage, promote, abort }[step](attempt).then(
                  () => "done",
                  (error: unknown) => (error instanceof EffectError ? error.outcome : error),
                );
                expect(outcome).toBe(expected === "refused" ? "refused" : "done");
              }
              if (expected !== "refused") model = expected;
              expect(await holds()).toEqual(model);
            }
            expect(await bench.inUse()).toBe(
              model.current === undefined ? undefined : passwordOf(model.current),
            );
          },
        ),
        { numRuns: sequences },
      );
    });

    test.each<Breakdown>(["refuses", "fails"])(
      "a target that %s shows no secret and keeps what it had",
      async (how) => {
        await stage("a1");
        await promote("a1");
        await stage("a2");
        await bench.breakDown(how);
        for (const effect of [() => stage("a3"), () => promote("a2"), () => abort("a2")]) {
          const { outcome } = await failureOf(effect());
          expect(how === "refuses" ? ["refused"] : ["refused", "unknown"]).toContain(outcome);
        }
        expect(await bench.inUse()).toBe(passwordOf("a1"));
      },
    );

    test("an interrupted run changes nothing", async () => {
      await stage("a1");
      const interrupted = AbortSignal.abort();
      expect((await failureOf(target.promote(consignmentOf("a1"), interrupted))).outcome).toBe("refused");
      expect((await failureOf(target.stage(consignmentOf("a2"), partsOf("a2"), interrupted))).outcome).toBe(
        "refused",
      );
      expect(await holds()).toEqual({ pending: "a1" });
    });

    test("its label says what it is and shows no secret", async () => {
      expect(target.label).toMatch(/^[a-z-]+ \S/);
      expectNoCanary(target);
      await stage("a1");
      expectNoCanary(await holds());
    });
  });
}

/** The contract as a state machine: what a step leaves behind, or that it is refused. */
function after(held: Held, step: Step, attempt: string): Held | "refused" {
  const { current, pending } = held;
  const isCurrent = current === attempt;
  const keep = current === undefined ? {} : { current };
  switch (step) {
    case "stage":
      return isCurrent ? held : { ...keep, pending: attempt };
    case "promote":
      if (isCurrent) return held;
      return pending === attempt ? { current: attempt } : "refused";
    case "abort":
      if (isCurrent) return "refused";
      return pending === attempt ? keep : held;
  }
}
