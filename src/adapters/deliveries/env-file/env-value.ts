import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";

/** Names that shells take for variables; other readers take them all. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Read alike without quotes by every reader, also behind `=` in a shell. */
const PLAIN = /^[A-Za-z0-9_./:@%+,=-]*$/;
const ESCAPED_IN_DOUBLE_QUOTES = /[\\"$`]/g;

/**
 * `NAME=value`, quoted where it must be, as the bytes of UTF-8 in a byte string (see env-text.ts). Single quotes are
 * literal for sh, systemd and dotenv; a value with a single quote stands in double quotes, where sh and systemd undo
 * the escapes of `\ " $` and the backquote (some dotenv readers do not, so such values are theirs only without those).
 * Line breaks and other control characters are refused: readers differ on them, and a line is what people edit.
 */
export function assignmentLine(name: string, value: Secret): string {
  const text = value.reveal();
  if (/(?!\t)\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw new EffectError(
      "refused",
      "env-file-value",
      `env-file: the value of ${name} cannot stand in one line`,
      {
        evidence: "it has a line break, another control character or half a character",
        fix: "percent-encode the part in the template ({part:uri}), or deliver it in another way",
        retryable: false,
      },
    );
  }
  return Buffer.from(`${name}=${quoted(text)}`, "utf8").toString("latin1");
}

function quoted(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!text.includes("'")) return `'${text}'`;
  return `"${text.replaceAll(ESCAPED_IN_DOUBLE_QUOTES, (character) => `\\${character}`)}"`;
}
