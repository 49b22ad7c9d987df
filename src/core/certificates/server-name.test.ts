import { expect, test } from "vitest";
import { canonicalName, isNamed } from "./server-name.ts";

test.each([
  [["www.example.com"], "www.example.com"],
  [["www.example.com"], "WWW.Example.COM."],
  [["other.example.com", "www.example.com"], "www.example.com"],
  [["*.example.com"], "www.example.com"],
  [["xn--bcher-kva.example"], "bücher.example"],
  [["192.0.2.7"], "192.0.2.7"],
  [["2001:db8::1"], "2001:0db8:0:0:0:0:0:1"],
  [["2001:0db8:0000:0000:0000:0000:0000:0001"], "2001:db8::1"],
])("%j is for %s", (names, wanted) => {
  expect(isNamed(names, wanted)).toBe(true);
});

test.each([
  [[], "www.example.com"],
  [["example.com"], "www.example.com"],
  [["*.example.com"], "example.com"],
  [["*.example.com"], "a.b.example.com"],
  [["*.example.com"], ".example.com"],
  [["*.com"], "example.com"],
  [["*"], "localhost"],
  [["w*.example.com"], "www.example.com"],
  [["www.*.com"], "www.example.com"],
  [["*.0.2.7"], "192.0.2.7"],
  [["192.0.2.8"], "192.0.2.7"],
  [["www.example.com"], "192.0.2.7"],
  [["www.example.com.evil.example"], "www.example.com"],
])("%j is not for %s", (names, wanted) => {
  expect(isNamed(names, wanted)).toBe(false);
});

test("a name that no URL could have is only put into lower case", () => {
  expect(canonicalName("A b%")).toBe("a b%");
});
