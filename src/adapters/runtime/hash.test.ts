import { expect, test } from "vitest";
import { Secret } from "../../core/model/secret.ts";
import { hmacSha256, sha256 } from "./hash.ts";

test("sha256 is that of the UTF-8 bytes", () => {
  expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(sha256("ä")).toBe("33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc");
});

test("hmacSha256 agrees with RFC 4231, test case 2", () => {
  expect(hmacSha256(new Secret("Jefe"), "what do ya want for nothing?")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});
