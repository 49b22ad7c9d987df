import { type Static, Type } from "typebox";
import { record } from "./common.ts";

/** `registry/status/_reviews.json`: who approved what, as the forge said when it was first asked. */
export const ReviewBook = record({
  schemaVersion: Type.Literal(1),
});
export type ReviewBook = Static<typeof ReviewBook>;
