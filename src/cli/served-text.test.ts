import { expect, test } from "vitest";
import { parseInstant } from "../core/model/instant.ts";
import type { Served } from "../core/state/served.ts";
import { servedText } from "./served-text.ts";

test("what places show fits a narrow terminal, whatever is wrong with them", () => {
  const since = parseInstant("2026-11-25T20:25:25Z")!;
  const fingerprint = "a".repeat(64);
  const served: Served = {
    since,
    certificates: [
      {
        fingerprint,
        subject: "C=DE, O=Example, CN=shop.example.com",
        names: ["shop.example.com"],
        issuer: "CN=Company Root",
        serial: "01",
        notBefore: since,
        notAfter: parseInstant("2027-02-23T20:25:12Z")!,
        key: "RSA 2048",
        spki: "b".repeat(64),
        signature: "ECDSA with SHA-256",
      },
    ],
    places: [
      {
        place: "shop-frontend.example.com:443 as shop.example.com",
        chains: [{ chain: [fingerprint], problems: [{ code: "name-mismatch", about: "other.example.com" }] }],
      },
      {
        place: "10.255.0.1:443",
        chains: [],
        unseen: [
          {
            code: "not-allowed",
            message: "it is no public address, and `network.scan` does not name it",
            since,
          },
        ],
      },
    ],
  };
  const text = servedText(served, { width: 80, style: (_, part) => part });
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toContain("2027-02-23 20:25");
});
