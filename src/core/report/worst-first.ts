import { LEVELS } from "../evaluate/finding.ts";
import { compareText } from "../evaluate/order.ts";
import type { CredentialRow } from "./report-schema.ts";

/** What decides how much a credential needs somebody. */
type Standing = Pick<
  CredentialRow,
  "name" | "state" | "level" | "compliantStrict" | "compliantAdjusted" | "dueAt"
>;

/** Those outside of their policy first, then by level and due date; retired ones last. */
export function worstFirst<Row extends Standing>(credentials: readonly Row[]): readonly Row[] {
  return credentials.toSorted(
    (a, b) =>
      urgencyOf(a) - urgencyOf(b) || compareText(dueText(a), dueText(b)) || compareText(a.name, b.name),
  );
}

/** The lower, the more it needs somebody. */
export function urgencyOf({
  state,
  compliantStrict,
  compliantAdjusted,
  level,
}: Omit<Standing, "name" | "dueAt">): number {
  if (state === "retired") return 100;
  return (compliantAdjusted ? 20 : 0) + (compliantStrict ? 20 : 0) + LEVELS.length - LEVELS.indexOf(level);
}

/** Without a due date after all that have one. */
function dueText({ dueAt }: Pick<Standing, "dueAt">): string {
  return dueAt ?? "9999";
}
