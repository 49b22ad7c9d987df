import { CreError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";

const CURRENT = "# cre: attempt ";
const STAGED = "# cre: staged attempt ";
const PLAIN = /^[A-Za-z0-9_./:@%+,=-]+$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `KEY=value` as sh, systemd and dotenv read it alike. Refuses what they would not: line breaks and control characters. */
export function assignment(key: string, value: Secret): string {
  if (!KEY.test(key)) throw new CreError("env-file-key", `env-file: ${JSON.stringify(key)} cannot be the name of a variable`);
  const text = value.reveal();
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) {
      throw new CreError("env-file-value", `env-file: the value of ${key} has a line break or control character, which an env file cannot hold`, {
        fix: "deliver it another way, or percent-encode the part ({part:uri})",
      });
    }
  }
  if (PLAIN.test(text)) return `${key}=${text}`;
  return `${key}="${text.replaceAll(/[\\"$`]/g, (character) => `\\${character}`)}"`;
}

/** The staged file: the assignments of one attempt, used by nobody. */
export function stagedText(attempt: string, assignments: readonly string[]): string {
  return `${[`${STAGED}${attempt}`, ...assignments].join("\n")}\n`;
}

/** Attempt and assignments of a staged file; undefined when it is none of ours. */
export function parseStaged(text: string): { readonly attempt: string; readonly assignments: readonly string[] } | undefined {
  const [first = "", ...rest] = text.split("\n");
  if (!first.startsWith(STAGED) || !text.endsWith("\n")) return undefined;
  return { attempt: first.slice(STAGED.length), assignments: rest.slice(0, -1) };
}

/** The attempt that an env file says it holds. */
export function currentAttempt(text: string): string | undefined {
  const line = text.split(/\r?\n/).find((candidate) => candidate.startsWith(CURRENT));
  return line?.slice(CURRENT.length).trim();
}

/**
 * The env file with these assignments: lines of the same keys are replaced where they stand, new ones are added at
 * the end, every other line stays byte for byte as it is.
 */
export function withAssignments(text: string, attempt: string, assignments: readonly string[]): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const wanted = new Map(assignments.map((line) => [line.slice(0, line.indexOf("=")), line]));
  const placed = new Set<string>();
  let marked = false;
  const lines = text.split(/(?<=\n)/).map((line) => {
    const end = /\r?\n$/.exec(line)?.[0] ?? "";
    if (line.startsWith(CURRENT)) {
      marked = true;
      return `${CURRENT}${attempt}${end}`;
    }
    const [, lead = "", key = ""] = /^(\s*(?:export\s+)?)([A-Za-z_][A-Za-z0-9_]*)=/.exec(line) ?? [];
    const replacement = wanted.get(key);
    if (replacement === undefined) return line;
    placed.add(key);
    return `${lead}${replacement}${end}`;
  });
  const kept = lines.join("");
  const added = [...(marked ? [] : [`${CURRENT}${attempt}`]), ...[...wanted].filter(([key]) => !placed.has(key)).map(([, line]) => line)];
  if (added.length === 0) return kept;
  const gap = kept === "" || kept.endsWith("\n") ? "" : eol;
  return `${kept}${gap}${added.join(eol)}${eol}`;
}
