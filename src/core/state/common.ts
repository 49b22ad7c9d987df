import { type TSchema, Type } from "typebox";
import type { Instant } from "../model/instant.ts";

/** Objects that the machine writes are closed too: an unknown key means a newer version wrote it. */
export function record<T extends Record<string, TSchema>>(properties: T) {
  return Type.Object(properties, { additionalProperties: false });
}

/** `YYYY-MM-DDTHH:MM:SSZ`, the only form in which the machine writes time. */
export const InstantText = Type.Unsafe<Instant>({
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$",
});

export function word<const T extends readonly string[]>(values: T) {
  return Type.Unsafe<T[number]>({ type: "string", enum: [...values] });
}
