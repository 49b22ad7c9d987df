import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { KnownParts } from "./known-parts.ts";

const FORMS: readonly ((secret: string, before: string, behind: string) => string)[] = [
  (secret, before, behind) => `${before}${secret}${behind}`,
  (secret, before, behind) => Buffer.from(`${before}${secret}${behind}`).toString("base64"),
  (secret, before, behind) => Buffer.from(`${before}${secret}${behind}`).toString("base64url"),
  (secret, before, behind) => Buffer.from(`${before}${secret}${behind}`).toString("hex").toUpperCase(),
  (secret, before, behind) => JSON.stringify(`${before}${secret}${behind}`),
  (secret, before, behind) => encodeURIComponent(`${before}${secret}${behind}`).toLowerCase(),
  (secret, before, behind) => `${before}${Array.from(secret).toReversed().join("")}${behind}`,
];

test("a secret is found in every form and place", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 12 });
  const secrets = fc.string({ unit: "grapheme", minLength: 6, maxLength: 40 });
  fc.assert(
    fc.property(secrets, text, text, fc.constantFrom(...FORMS), (secret, before, behind, form) => {
      const known = new KnownParts();
      known.keep(new Secret("another one"), new Secret(secret));
      expect(known.isIn(form(secret, before, behind))).toBe(true);
      expect(known.shown(form(secret, before, behind))).toBeUndefined();
    }),
  );
});

test("harmless words are shown, until a secret is in them and after it is forgotten", () => {
  const known = new KnownParts();
  expect(known.shown("never used, not even as «admin»")).toBe("never used, not even as «admin»");
  known.keep(new Secret("admin"), new Secret(""));
  expect(known.shown("never used, not even as «ADMIN»")).toBeUndefined();
  expect(known.shown("never used")).toBe("never used");
  known.forget();
  expect(known.shown("admin")).toBe("admin");
});

test.each(["", "a".repeat(300)])("%s is short enough", (text) => {
  expect(new KnownParts().shown(text)).toBe(text);
});

test.each(["a".repeat(301), "two\nlines", "\u001b[31mred", "turned \u202e", "half \ud800", "\u2028"])(
  "what is long or unprintable is not shown",
  (text) => {
    expect(new KnownParts().shown(text)).toBeUndefined();
  },
);
