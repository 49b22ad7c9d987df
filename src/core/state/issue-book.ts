import { type Static, Type } from "typebox";
import { record } from "./common.ts";

/** `registry/status/_issues.json`: which issues of the forge are ours. */
export const IssueBook = record({
  schemaVersion: Type.Literal(1),
});
export type IssueBook = Static<typeof IssueBook>;
