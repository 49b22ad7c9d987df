import { type Static, Type } from "typebox";
import { record } from "./common.ts";

/** `registry/status/_alerts.json`: what people were told, so that nothing is told twice and nothing is lost. */
export const AlertBook = record({
  schemaVersion: Type.Literal(1),
});
export type AlertBook = Static<typeof AlertBook>;
