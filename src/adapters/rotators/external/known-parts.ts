import type { Secret, SecretParts } from "../../../core/model/secret.ts";

/** Longest text of the other side that people get to see. */
const LONGEST_TEXT = 300;

/** The parts as the plain object that a request carries; secret. */
export function plainParts(parts: SecretParts): Readonly<Record<string, string>> {
  return Object.fromEntries([...parts].map(([name, part]) => [name, part.reveal()]));
}

/**
 * What this process knows to be secret between it and one server: the key, and every part that was sent or received.
 * The words of the server are looked through for all of it before anybody sees them.
 */
export class KnownParts {
  readonly #secrets: Secret[] = [];

  keep(...secrets: readonly Secret[]): void {
    for (const secret of secrets) {
      const isKnown = this.#secrets.some((one) => one.reveal() === secret.reveal());
      if (!isKnown && secret.reveal() !== "") this.#secrets.push(secret);
    }
  }

  forget(): void {
    this.#secrets.length = 0;
  }

  /** Whether a secret is in this text, as it is or in a form that is easily read back. */
  isIn(text: string): boolean {
    const lowered = text.toLowerCase();
    return this.#secrets.some((secret) =>
      formsOf(secret.reveal()).some((form) => form !== "" && lowered.includes(form)),
    );
  }

  /** The text if it is short, printable and holds no secret, else undefined. */
  shown(text: string): string | undefined {
    const isPlain = text.length <= LONGEST_TEXT && text.isWellFormed() && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);
    return isPlain && !this.isIn(text) ? text : undefined;
  }
}

/** Lower case, so that hex and percent-encoding of either case are found, and what somebody wrote larger or smaller. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const reversed = Array.from(secret).toReversed().join("");
  const forms = [
    secret,
    reversed,
    bytes.toString("hex"),
    JSON.stringify(secret).slice(1, -1),
    secret.isWellFormed() ? encodeURIComponent(secret) : "",
    ...[0, 1, 2].flatMap((offset) => inBase64(bytes, offset)),
  ];
  return forms.map((form) => form.toLowerCase());
}

/** What stays the same of the base64 of these bytes wherever they stand among others, in both alphabets. */
function inBase64(bytes: Buffer, offset: number): readonly string[] {
  const around = Buffer.concat([Buffer.alloc(offset), bytes]);
  const whole = around.subarray(0, around.length - (around.length % 3)).toString("base64");
  const inner = whole.slice(offset === 0 ? 0 : 4);
  return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
}
