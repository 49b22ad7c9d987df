import { expect, test } from "vitest";
import { eachOf, membersOf, readDer, writeDer } from "./der.ts";

const MANY = writeDer(0x30, Buffer.from("3000".repeat(200_000), "hex"));

test("what anybody may have written is not taken apart without end", () => {
  expect(() => membersOf(readDer(MANY))).toThrow("too many members");
});

test("a long list is read one by one", () => {
  let count = 0;
  for (const { tag } of eachOf(readDer(MANY))) count += tag === 0x30 ? 1 : 0;
  expect(count).toBe(200_000);
});

test.each(["", "30", "3005aa", "3080", "30850000000001", "3084ffffffff"])("%j is no DER", (hex) => {
  expect(() => membersOf(readDer(Buffer.from(hex, "hex")))).toThrow(/DER/);
});
