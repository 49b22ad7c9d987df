import type { Secret } from "../../../core/model/secret.ts";

/** Longest text of a server that people get to see. */
const LONGEST = 300;

/**
 * The first line of what a server says, plain and short enough to be shown; undefined if there is nothing to show, or if
 * one of the secrets that it was sent stands in the text, as it is or as services write what they were sent.
 */
export function serverWords(text: string, sent: readonly Secret[]): string | undefined {
  if (sent.some((secret) => quotes(text, secret.reveal()))) return undefined;
  const [line = ""] = text.trim().split(/[\r\n]/);
  const plain = line
    .replaceAll(/[^\x20-\x7e]/g, " ")
    // What Microsoft's servers put behind their words, different each time.
    .replace(/ (Trace ID|Correlation ID): .*$/, "")
    .trim();
  return plain === "" ? undefined : plain.slice(0, LONGEST);
}

function quotes(text: string, secret: string): boolean {
  const bytes = Buffer.from(secret);
  const form = new URLSearchParams({ "": secret }).toString().slice(1);
  const percent = secret.isWellFormed() ? encodeURIComponent(secret) : secret;
  const reversed = Array.from(secret).toReversed().join("");
  const forms = [secret, reversed, form, percent, JSON.stringify(secret).slice(1, -1), bytes.toString("hex")];
  const lowered = text.toLowerCase();
  return [...forms, ...[0, 1, 2].flatMap((offset) => inBase64(bytes, offset))].some(
    (each) => each !== "" && lowered.includes(each.toLowerCase()),
  );
}

/** What stays the same of the base64 of these bytes wherever they stand among others, in both alphabets. */
function inBase64(bytes: Buffer, offset: number): readonly string[] {
  const around = Buffer.concat([Buffer.alloc(offset), bytes]);
  const whole = around.subarray(0, around.length - (around.length % 3)).toString("base64");
  const inner = whole.slice(offset === 0 ? 0 : 4);
  return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
}
