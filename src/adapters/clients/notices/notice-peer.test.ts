import { expect, it } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { serverWords } from "../http/server-words.ts";
import { openPeer } from "./notice-peer.ts";

it("a key with a newline at its end is kept out of a service's words in the form in which it is sent", () => {
  const { secrets } = openPeer("pagerduty", "page", "https://events.test", [new Secret("k3yk3yk3y\n")]);
  expect(serverWords("Invalid Routing Key k3yk3yk3y", secrets)).toBeUndefined();
  expect(serverWords("Invalid Routing Key", secrets)).toBe("Invalid Routing Key");
});
