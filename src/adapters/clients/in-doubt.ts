import { CreError, EffectError } from "../../core/model/errors.ts";

/** The same failure after something was changed already: it is no refusal any more. */
export function inDoubt(error: unknown): unknown {
  if (!(error instanceof CreError)) return error;
  const { code, message, evidence, fix } = error;
  return new EffectError("unknown", code, message, {
    ...(evidence === undefined ? {} : { evidence }),
    ...(fix === undefined ? {} : { fix }),
  });
}
