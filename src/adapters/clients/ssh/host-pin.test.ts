import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { pinsIn } from "./host-pin.ts";

const KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIGmvKW1fGBcAzr2R5TmhqW7dzKZhSXoOIeqLHgJXkJwN";
const hashed = (name: string): string => {
  const salt = Buffer.from("twenty bytes of salt");
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
};
const pinned = (text: string, host = "web.example.com", port = 22): boolean =>
  pinsIn(text, "known", host, port).trusted.length === 1;

describe("a line of known_hosts", () => {
  test.each([
    [`web.example.com ssh-ed25519 ${KEY}`, true],
    [`  WEB.example.com,10.0.0.1\tssh-ed25519 ${KEY} a comment\r`, true],
    [`*.example.com ssh-ed25519 ${KEY}`, true],
    [`w?b.example.com ssh-ed25519 ${KEY}`, true],
    [`*.example.com,!web.example.com ssh-ed25519 ${KEY}`, false],
    [`[web.example.com]:2222 ssh-ed25519 ${KEY}`, false],
    [`web.example.com.evil ssh-ed25519 ${KEY}`, false],
    [`webxexample.com ssh-ed25519 ${KEY}`, false],
    [`${hashed("web.example.com")} ssh-ed25519 ${KEY}`, true],
    [`${hashed("db.example.com")} ssh-ed25519 ${KEY}`, false],
    [`# web.example.com ssh-ed25519 ${KEY}`, false],
    [`@revoked web.example.com ssh-ed25519 ${KEY}`, false],
    [`@cert-authority web.example.com ssh-ed25519 ${KEY}`, false],
    ["web.example.com ssh-ed25519", false],
    ["|1|bad|hash ssh-ed25519 AAAA", false],
    ["", false],
  ])("%j", (line, wanted) => {
    expect(pinned(`other ssh-rsa AAAA\n${line}\n`)).toBe(wanted);
  });

  test("with a port is for that port alone, hashed or not", () => {
    expect(pinned(`[web.example.com]:2222 ssh-ed25519 ${KEY}`, "web.example.com", 2222)).toBe(true);
    expect(pinned(`${hashed("[web.example.com]:2222")} ssh-ed25519 ${KEY}`, "web.example.com", 2222)).toBe(
      true,
    );
    expect(pinned(`web.example.com ssh-ed25519 ${KEY}`, "web.example.com", 2222)).toBe(false);
  });

  test("tells revoked keys, authorities and the kinds of key", () => {
    const text = `@revoked * ssh-rsa ${KEY}\n@cert-authority * ssh-rsa ${KEY}\nweb.example.com ssh-ed25519 ${KEY}`;
    const pins = pinsIn(text, "known", "web.example.com", 22);
    expect(pins).toMatchObject({ authorities: 1, kinds: ["ssh-ed25519"], source: "known" });
    expect(pins.revoked).toEqual(pins.trusted);
  });
});
