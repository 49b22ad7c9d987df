import { Secret } from "../../../core/model/secret.ts";
import type { Random } from "../../../core/ports/runtime.ts";

/** Letters and digits only: the same text in a URL, a shell, an env file and a YAML value. */
export const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** 43 of 62 characters hold 256 bits. */
export const LENGTH = 43;

/** A password with 256 bits of the given randomness, every character equally likely. */
export function generatePassword(random: Random): Secret {
  // Bytes beyond the last whole multiple of the alphabet are thrown away: they would make its beginning more likely.
  const fair = 256 - (256 % ALPHABET.length);
  let text = "";
  while (text.length < LENGTH) {
    for (const byte of random.bytes(LENGTH)) {
      if (byte < fair && text.length < LENGTH) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return new Secret(text);
}
