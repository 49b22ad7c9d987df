import { expect, test } from "vitest";
import { isAllowed } from "./scan-allowance.ts";

test.each([
  ["*.internal:443", "db.internal", 443, "10.0.0.1"],
  ["*.internal:443", "DB.Internal.", 443, "10.0.0.1"],
  ["db.internal:*", "db.internal", 5432, "10.0.0.1"],
  ["10.0.*:443", "anything.example.com", 443, "10.0.9.9"],
  ["[fd00:*]:443", "v6.example.com", 443, "fd00:1::2"],
  ["127.0.0.1:8443", "127.0.0.1", 8443, "127.0.0.1"],
  ["*:443", "anything", 443, "10.0.0.1"],
])("%s allows %s:%i at %s", (pattern, host, port, address) => {
  expect(isAllowed(["nothing:1", pattern], host, port, address)).toBe(true);
});

test.each([
  ["*.internal:443", "db.internal", 8443, "10.0.0.1"],
  ["*.internal:443", "internal", 443, "10.0.0.1"],
  ["*.internal:443", "db.internal.example.com", 443, "10.0.0.1"],
  ["10.*:443", "10.evil.example.com", 443, "169.254.169.254"],
  ["10.0.0.1:443", "10.0.0.1.example.com", 443, "127.0.0.1"],
  ["db.internal:443", "other.example.com", 443, "10.0.0.1"],
])("%s does not allow %s:%i at %s", (pattern, host, port, address) => {
  expect(isAllowed([pattern], host, port, address)).toBe(false);
});

test("without patterns nothing is allowed", () => {
  expect(isAllowed([], "db.internal", 443, "10.0.0.1")).toBe(false);
});
