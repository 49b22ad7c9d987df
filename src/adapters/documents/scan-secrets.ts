import { type Allowance, findAllowances } from "../../core/documents/check/allowance.ts";
import { findSecretLooking } from "../../core/documents/check/secret-looking.ts";
import type { Problem } from "../../core/documents/kinds.ts";
import type { LineIndex } from "./text-position.ts";

export interface SecretScan {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly allowances: readonly Allowance[];
  /** Where secret-looking values stand that nobody allowed. */
  readonly offsets: readonly number[];
}

const FIX =
  "remove it, and rotate it if it is real: git keeps it. If it is public, end the line with `# cre:allow-secret-looking REASON`";

/** Secret-looking values of a file and the lines on which people allowed them. No message quotes a value. */
export function scanSecrets(text: string, lines: LineIndex, file: string): SecretScan {
  const found = findSecretLooking(text).map((one) => ({ place: lines.positionOf(one.offset), one }));
  const allowed = findAllowances(text).map(({ offset, reason }) => ({
    place: lines.positionOf(offset),
    reason,
  }));
  const allowedLines = new Set(allowed.map(({ place }) => place.line));
  const usedLines = new Set(found.map(({ place }) => place.line));

  const refused = found.filter(({ place }) => !allowedLines.has(place.line));
  const looking = refused.map(({ place, one }): Problem => {
    const message = `this looks like ${one.what} (${one.length} characters)`;
    return { file, line: place.line, column: place.column, code: "secret-looking", message, fix: FIX };
  });
  const silent = allowed.flatMap(({ place: { line, column }, reason }): Problem[] => {
    if (reason !== "") return [];
    const message = "this allowance gives no reason";
    return [
      { file, line, column, code: "allowance-without-reason", message, fix: "add why the value is public" },
    ];
  });
  const unused = allowed.flatMap(({ place: { line, column } }): Problem[] => {
    if (usedLines.has(line)) return [];
    const message = "nothing on this line looks like a secret";
    return [{ file, line, column, code: "allowance-unused", message, fix: "remove the comment" }];
  });
  return {
    problems: [...looking, ...silent],
    warnings: unused,
    allowances: allowed.map(({ place, reason }) => ({ file, line: place.line, reason })),
    offsets: refused.map(({ one }) => one.offset),
  };
}
