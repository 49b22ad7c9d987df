import type { Secret } from "../../core/model/secret.ts";

/** Shorter texts stand in ordinary words: to redact them would hide the line and tell the secret by its gaps. */
const SHORTEST = 4;
const REPLACEMENT = "[secret]";

export interface Redactor {
  add(secret: Secret): void;
  /** The text with every known form of every known secret replaced by `[secret]`. */
  redact(text: string): string;
}

/**
 * Knows secrets in the forms that tools write them in: as they are, base64 and base64url (also from the middle of a
 * longer text, as in a Basic header), hex, percent-encoded, and escaped as in JSON. Of a secret of several lines each
 * line of at least eight characters counts too, because logs are cut at lines. `learn` is told each form once, before it
 * is replaced for the first time, so that others can keep it out of what they write.
 */
export function createRedactor(learn: (form: string) => void = () => {}): Redactor {
  let forms: readonly string[] = [];
  return {
    add: (secret) => {
      const known = new Set(forms);
      const fresh = [...new Set(formsOf(secret.reveal()))].filter((form) => !known.has(form));
      for (const form of fresh) learn(form);
      // Longest first, so that no rest of a longer form remains.
      forms = [...forms, ...fresh].toSorted((a, b) => b.length - a.length);
    },
    redact: (text) => forms.reduce((clean, form) => clean.replaceAll(form, REPLACEMENT), text),
  };
}

function formsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= 2 * SHORTEST);
  return [value, value.trim(), ...lines].filter(({ length }) => length >= SHORTEST).flatMap(encodings);
}

function encodings(text: string): readonly string[] {
  const bytes = Buffer.from(text, "utf8");
  const percent = encodeURIComponent(text.toWellFormed());
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2]
    .map((offset) => base64At(bytes, offset))
    .filter(({ length }) => length >= SHORTEST);
  const json = JSON.stringify(text).slice(1, -1);
  return [
    text,
    json,
    json.replaceAll("/", "\\/"),
    percent,
    percent.replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percent.replaceAll("%20", "+"),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** The characters of a base64 text that depend on these bytes alone, when so many others stand before them. */
function base64At(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replaceAll("=", "");
  const last = (offset + bytes.length) % 3 === 0 ? encoded.length : encoded.length - 1;
  return encoded.slice(offset === 0 ? 0 : offset + 1, last);
}
