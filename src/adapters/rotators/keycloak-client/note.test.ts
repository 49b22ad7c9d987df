import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { notedHandle, readNote, writeNote } from "./note.ts";

const ID = fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/);
const COUNT = fc.integer({ min: 0, max: 2 ** 40 });
const NOTE = fc.record(
  {
    handle: ID,
    createdAt: COUNT,
    mark: fc.record({ rotation: ID, attempt: ID, epoch: COUNT }),
    own: COUNT,
    asleep: COUNT,
  },
  { requiredKeys: ["handle", "createdAt", "mark"] },
);

test("a note is read as it was written, for its own secret of its own client alone", () => {
  fc.assert(
    fc.property(NOTE, fc.string(), ID, (note, secret, client) => {
      const text = writeNote(note, client, new Secret(secret));
      expect(readNote(text, client, new Secret(secret))).toEqual(note);
      expect(notedHandle(text)).toBe(note.handle);
      expect(readNote(text, client, new Secret(`${secret}x`))).toBeUndefined();
      expect(readNote(text, `${client}x`, new Secret(secret))).toBeUndefined();
    }),
  );
});

test("a note holds nothing of the secret but the check, and fits an attribute", () => {
  fc.assert(
    fc.property(NOTE, fc.stringMatching(/^[A-Za-z0-9]{32,90}$/), ID, (note, secret, client) => {
      const text = writeNote(note, client, new Secret(secret));
      expect(text).not.toContain(secret);
      expect(text.length).toBeLessThan(255);
    }),
  );
});

test("what fills an empty place is told from a version", () => {
  const secret = new Secret("filling");
  const text = writeNote("filler", "c", secret);
  expect(readNote(text, "c", secret)).toBe("filler");
  expect(readNote(text, "c", new Secret("another"))).toBeUndefined();
  expect(notedHandle(text)).toBeUndefined();
});

test("any other text is none of ours", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readNote(text, "c", new Secret("s"))).toBeUndefined();
    }),
  );
  expect(readNote(undefined, "c", new Secret("s"))).toBeUndefined();
});
