import { expect, test } from "vitest";
import { exchange, NoAnswer, reasonOf } from "./exchange.ts";

test.each([
  ["a header", { headers: { "X-Key": "canary-\u{1F511}" }, path: "/" }, "ERR_INVALID_CHAR"],
  ["a path", { headers: {}, path: "/canary 1" }, "ERR_UNESCAPED_CHARACTERS"],
])("%s that cannot be sent is told by its code alone", async (_, { headers, path }, code) => {
  const request = { method: "GET", path, headers, body: "" } as const;
  const failure: unknown = await exchange(
    new URL("http://127.0.0.1:1/"),
    undefined,
    request,
    new AbortController().signal,
  ).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NoAnswer);
  expect(failure).toMatchObject({ reason: code });
});

test.each([
  ["connect", "EHOSTUNREACH", "EHOSTUNREACH"],
  ["read", "EHOSTUNREACH", "the connection was lost"],
  ["write", "ENETUNREACH", "the connection was lost"],
  ["read", "ECONNRESET", "ECONNRESET"],
])("a %s that ends with %s is told as: %s", (syscall, code, reason) => {
  expect(reasonOf(Object.assign(new Error("canary-1"), { code, syscall })).reason).toBe(reason);
});
