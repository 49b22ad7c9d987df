import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fontParts } from "./font-files.ts";
import { fontFolder, fontReader } from "./font-folder.ts";
import { trueTypeOf } from "./true-type.ts";
import { isIn } from "./unicode-ranges.ts";

const files = fontReader(fontFolder(import.meta.filename));
const [latin] = fontParts(files.text);
const woff = files.bytes(latin!.path(400));

test("the tables of a packed font are those of the TrueType font, each where its entry says", () => {
  const font = trueTypeOf(woff);
  expect(font.readUInt32BE(0)).toBe(0x00010000);
  const count = font.readUInt16BE(4);
  expect(count).toBe(woff.readUInt16BE(12));
  for (let at = 0; at < count; at += 1) {
    const [checksum, offset, length] = [4, 8, 12].map((field) => font.readUInt32BE(12 + at * 16 + field));
    expect(offset! % 4).toBe(0);
    expect(offset! + length!).toBeLessThanOrEqual(font.length);
    // The sum of `head` leaves out what it says of the whole file.
    const left =
      font.toString("latin1", 12 + at * 16, 16 + at * 16) === "head" ? font.readUInt32BE(offset! + 8) : 0;
    expect((sumOf(font.subarray(offset, offset! + length!)) - left) >>> 0).toBe(checksum);
  }
});

function sumOf(bytes: Buffer): number {
  const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  let sum = 0;
  for (let at = 0; at < padded.length; at += 4) sum = (sum + padded.readUInt32BE(at)) >>> 0;
  return sum;
}

test("a file that is no packed font, or is cut off, is refused", () => {
  expect(() => trueTypeOf(Buffer.from("wOF2".padEnd(60)))).toThrow("not a WOFF");
  expect(() => trueTypeOf(woff.subarray(0, 2000))).toThrow(/unexpected end|incorrect|cut off/);
});

test("every part of every family is there in each of its weights, and has its characters", () => {
  const parts = fontParts(files.text);
  expect(parts.length).toBeGreaterThan(100);
  for (const { path, weights, ranges } of parts) {
    expect(ranges.length).toBeGreaterThan(0);
    for (const weight of weights) expect(files.bytes(path(weight)).readUInt32BE(0)).toBe(0x774f4646);
  }
  for (const letter of ["a", "ж", "λ", "ệ", "ش", "ש", "支", "ひ", "ट", "한", "ก", "Հ", "ქ"]) {
    expect(parts.some(({ ranges }) => isIn(ranges, letter.codePointAt(0) ?? 0))).toBe(true);
  }
});

test("where no folder above has fonts, it says what to do", () => {
  expect(() => fontFolder("/nowhere/at/all.js")).toThrow("The fonts of the PDF report are missing");
});

test("licences are beside the fonts", () => {
  for (const folder of new Set(fontParts(files.text).map((part) => part.folder))) {
    const path = `${fontFolder(import.meta.filename)}/${folder}/LICENSE`;
    expect(readFileSync(path, "utf8")).toContain("SIL OPEN FONT LICENSE");
  }
});
