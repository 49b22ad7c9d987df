import { CreError, EffectError } from "../../../core/model/errors.ts";

/** An effect's failure where something has happened already, on this host or another: it is no refusal any more. */
export function inDoubt(error: unknown, done: readonly string[]): unknown {
  if (!(error instanceof CreError)) return error;
  const { code, message, evidence, fix } = error;
  const told = done.length === 0 ? "" : `done on ${done.join(", ")}`;
  const words = [evidence, told].filter((part) => part !== undefined && part !== "").join("; ");
  return new EffectError("unknown", code, message, {
    ...(words === "" ? {} : { evidence: words }),
    ...(fix === undefined ? {} : { fix }),
  });
}

/** The failure as one of an effect that changed nothing. */
export function asRefused(error: unknown): unknown {
  if (!(error instanceof CreError)) return error;
  const { code, message, evidence, fix } = error;
  return new EffectError("refused", code, message, {
    ...(evidence === undefined ? {} : { evidence }),
    ...(fix === undefined ? {} : { fix }),
    ...(error instanceof EffectError ? { retryable: error.retryable } : {}),
  });
}
