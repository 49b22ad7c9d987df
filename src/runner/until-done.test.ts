import { expect, test } from "vitest";
import { EffectError } from "../core/model/errors.ts";
import { untilDone } from "./until-done.ts";

const UNDER_WAY = new EffectError("unknown", "kubernetes-rollout-unfinished", "pods are being replaced", {
  underWay: true,
});
const NO_ANSWER = new EffectError("unknown", "no-answer", "nobody knows");

/** Fails with these, one after the other, and then is done. */
function failing(...failures: readonly Error[]): { readonly call: () => Promise<string>; calls: number } {
  const left = [...failures];
  const counted = {
    calls: 0,
    call: async () => {
      counted.calls += 1;
      const failure = left.shift();
      if (failure !== undefined) throw failure;
      return "done";
    },
  };
  return counted;
}

test("what is under way at its target is waited for in the same run", async () => {
  const effect = failing(UNDER_WAY, UNDER_WAY);
  expect(await untilDone(effect.call, () => true)).toBe("done");
  expect(effect.calls).toBe(3);
});

test.each([
  ["in doubt", NO_ANSWER],
  ["a bug", new Error("a bug")],
])("what is %s is never sent again by itself", async (_, failure) => {
  const effect = failing(failure);
  await expect(untilDone(effect.call, () => true)).rejects.toBe(failure);
  expect(effect.calls).toBe(1);
});

test("no more is sent once effects may not start, and doubt ends the waiting", async () => {
  const stopped = failing(UNDER_WAY);
  await expect(untilDone(stopped.call, () => false)).rejects.toBe(UNDER_WAY);
  const doubted = failing(UNDER_WAY, NO_ANSWER);
  await expect(untilDone(doubted.call, () => true)).rejects.toBe(NO_ANSWER);
  expect([stopped.calls, doubted.calls]).toEqual([1, 2]);
});

test("a target that never comes to an end is left to the next run, also where no time passes", async () => {
  const effect = failing(...Array.from({ length: 100 }, () => UNDER_WAY));
  await expect(untilDone(effect.call, () => true)).rejects.toBe(UNDER_WAY);
  expect(effect.calls).toBe(6);
});
