import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { secretParts } from "./parts.ts";
import { ALPHABET, generatePassword, LENGTH } from "./password.ts";

/** Deterministic bytes that look random. */
function bytesFrom(seed: string): (length: number) => Uint8Array {
  let block = 0;
  return (length) => {
    const chunks: Buffer[] = [];
    for (let made = 0; made < length; made += 32) {
      chunks.push(createHash("sha256").update(`${seed}${block++}`).digest());
    }
    return Buffer.concat(chunks).subarray(0, length);
  };
}

test("a password has 43 letters and digits, and no shell or URL changes it", () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const text = generatePassword({ bytes: bytesFrom(seed), uuid: () => "" }).reveal();
      expect(text).toMatch(/^[A-Za-z0-9]{43}$/);
      expect(encodeURIComponent(text)).toBe(text);
    }),
  );
});

test("every character is equally likely", () => {
  const counts = new Map<string, number>();
  const random = { bytes: bytesFrom("fair"), uuid: () => "" };
  const rounds = 2000;
  for (let round = 0; round < rounds; round += 1) {
    for (const character of generatePassword(random).reveal()) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  const expected = (rounds * LENGTH) / ALPHABET.length;
  const chiSquare = Array.from(ALPHABET).reduce(
    (sum, one) => sum + ((counts.get(one) ?? 0) - expected) ** 2 / expected,
    0,
  );
  // 61 degrees of freedom: above 110 in one of 10,000 fair draws. `byte % 62` alone gives over 1,000.
  expect(chiSquare).toBeLessThan(110);
});

test("bytes that would favour the beginning of the alphabet are thrown away", () => {
  const given = [255, 248, 0, 61, 62, 247];
  let calls = 0;
  const bytes = (length: number): Uint8Array => {
    calls += 1;
    return calls === 1 ? Uint8Array.from(given) : new Uint8Array(length);
  };
  expect(generatePassword({ bytes, uuid: () => "" }).reveal()).toMatch(/^A9A9A+$/);
});

test("the URL has every part percent-encoded", () => {
  const password = generatePassword({ bytes: bytesFrom("url"), uuid: () => "" });
  const place = { username: "o/r:d@ers", host: "::1", port: 5433, database: "da ta?" };
  const url = new URL(secretParts(password, place).get("url")?.reveal() ?? "");
  expect([url.username, url.host, url.port, url.pathname].map(decodeURIComponent)).toEqual([
    "o/r:d@ers",
    "[::1]:5433",
    "5433",
    "/da ta?",
  ]);
  expect(url.password).toBe(password.reveal());
});
