import { expect, test } from "vitest";
import { CreError, EffectError } from "../../core/model/errors.ts";
import { inDoubt } from "./in-doubt.ts";

test("whatever fails after a change is unknown, also what is no failure of an effect itself", () => {
  const words = { evidence: "the file is not there", fix: "put it back" };
  for (const error of [
    new EffectError("refused", "gone", "no secret", words),
    new CreError("gone", "no secret", words),
  ]) {
    expect(inDoubt(error)).toBeInstanceOf(EffectError);
    expect(inDoubt(error)).toMatchObject({
      outcome: "unknown",
      code: "gone",
      message: "no secret",
      ...words,
    });
  }
  const bug = new TypeError("no such thing");
  expect(inDoubt(bug)).toBe(bug);
});
