import { expect, test } from "vitest";
import { CreError } from "../../../core/model/errors.ts";
import { peerUrl } from "./peer-url.ts";

test.each([
  "https://orders.internal/credentials",
  "https://orders.internal:8443/credentials?tenant=a",
  "http://localhost:8080/credentials",
  "http://127.0.0.1/",
  "http://127.9.8.7:1/x",
  "http://[::1]:8080/x",
])("%s is taken", (text) => {
  expect(peerUrl("webhook", "orders-hook", text).href).toBe(new URL(text).href);
});

test.each([
  ["http to another machine", "http://orders.internal/credentials"],
  ["a login that looks like this machine", "http://localhost:canary@elsewhere.example/"],
  ["a login behind https", "https://user:canary@orders.internal/"],
  ["a user name alone", "https://canary@orders.internal/"],
  ["a name that begins like this machine", "http://localhost.elsewhere.example/"],
  ["an address that begins like this machine", "http://127.0.0.1.elsewhere.example/"],
  ["another scheme", "ftp://localhost/canary"],
  ["no URL", "canary"],
])("%s is refused without showing it", (_, text) => {
  const look = (): URL => peerUrl("webhook", "orders-hook", text);
  expect(look).toThrow(CreError);
  expect(look).toThrow(/^the webhook of the connection orders-hook ((?!canary).)*$/);
});
