import fc from "fast-check";
import { expect, test } from "vitest";
import { endpointsInText } from "./endpoints-in-text.ts";

test("hosts with ports and https addresses are found, each once", () => {
  const text = `
listen: 0.0.0.0:8080
upstream api.shop.io:8443;  # and API.shop.io:8443
url: https://www.shop.io/login?next=https://pay.shop.io:444/
image: registry.shop.io/app:1.2.3
broker = "mail.shop.io:587", mailto:ops@mail.shop.io:25
docs: https://www.example.com
time: 12:30, ratio 3.5:1, localhost:443, key:value, a.b:99999
`;
  expect(endpointsInText(text)).toEqual([
    "api.shop.io:8443",
    "mail.shop.io:587",
    "pay.shop.io:444",
    "www.shop.io:443",
  ]);
});

test("any text is read in time, and gives endpoints alone", () => {
  const part = fc.constantFrom("a.", "b-", "io", ":", "443", "https://", "/", ".", "@", " ", "\n", "[", "é");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      const found = endpointsInText(parts.join(""));
      return found.every((one) => /^[a-z0-9.-]+:\d{1,5}$/.test(one));
    }),
  );
  expect(endpointsInText("a.".repeat(200_000))).toEqual([]);
});
