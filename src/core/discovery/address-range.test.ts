import { isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressesIn, MOST_ADDRESSES } from "./address-range.ts";

test("a range has its addresses, the first one first", () => {
  expect(addressesIn("192.0.2.8/30")).toEqual(["192.0.2.8", "192.0.2.9", "192.0.2.10", "192.0.2.11"]);
  expect(addressesIn("198.51.100.7/32")).toEqual(["198.51.100.7"]);
  expect(addressesIn("2001:db8::fffe/127")).toEqual(["2001:db8:0:0:0:0:0:fffe", "2001:db8:0:0:0:0:0:ffff"]);
  expect(addressesIn("10.0.0.0/20")).toHaveLength(MOST_ADDRESSES);
});

test.each([
  "10.0.0.0/19",
  "::/0",
  "10.0.0.1/24",
  "10.0.0.0/33",
  "10.0.0/24",
  "1.2.3.04/32",
  "1::2::3/128",
  "x/1",
])("%s is none that can be looked at", (cidr) => {
  expect(addressesIn(cidr)).toBeTypeOf("string");
});

test("whatever the text is, it gives addresses or says why not", () => {
  const text = fc.oneof(
    fc.string(),
    fc.tuple(fc.ipV4(), fc.nat(40)).map(([address, bits]) => `${address}/${bits}`),
    fc.tuple(fc.ipV6(), fc.nat(140)).map(([address, bits]) => `${address}/${bits}`),
  );
  fc.assert(
    fc.property(text, (cidr) => {
      const found = addressesIn(cidr);
      const addresses = typeof found === "string" ? [] : found;
      expect(addresses.length).toBeLessThanOrEqual(MOST_ADDRESSES);
      expect(addresses.filter((address) => isIP(address) === 0)).toEqual([]);
    }),
  );
});
