import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Instant } from "../model/instant.ts";
import type { CertificateFacts } from "./certificate.ts";
import type { AddressScan } from "./endpoint.ts";
import { type PlaceLook, servedAfter } from "./place-look.ts";

const FIRST = "2026-11-01T00:00:00Z" as Instant;
const LATER = "2026-11-02T00:00:00Z" as Instant;

function certificate(id: string, more: Partial<CertificateFacts> = {}): CertificateFacts {
  return {
    subject: `CN=${id}`,
    issuer: "CN=authority",
    names: ["www.example.com"],
    serial: id,
    notBefore: "2026-10-01T00:00:00Z" as Instant,
    notAfter: "2027-01-01T00:00:00Z" as Instant,
    keyType: "ec",
    keyBits: 256,
    signature: "ECDSA with SHA-256",
    spki: `spki ${id}`,
    fingerprint: id,
    isAuthority: false,
    ...more,
  };
}

function seen(address: string, ...chain: CertificateFacts[]): AddressScan {
  return { address, chain, path: { positions: chain.map((_, at) => at), end: "trusted" } };
}

function failed(address: string, code = "refused"): AddressScan {
  return { address, failure: { code, message: `it is ${code}` } };
}

function look(...scans: AddressScan[]): PlaceLook[] {
  return [{ place: "www.example.com:443", name: "www.example.com", scans }];
}

const [leaf, authority] = [certificate("aa"), certificate("bb", { isAuthority: true })];

test("a chain is recorded once, and where all addresses show it, whatever they are today", () => {
  const first = servedAfter(
    undefined,
    look(seen("192.0.2.1", leaf, authority), seen("192.0.2.2", leaf, authority)),
    FIRST,
  );
  expect(first).toEqual({
    since: FIRST,
    certificates: [
      expect.objectContaining({ fingerprint: "aa", key: "EC 256" }),
      expect.objectContaining({ fingerprint: "bb" }),
    ],
    places: [{ place: "www.example.com:443", chains: [{ chain: ["aa", "bb"] }] }],
  });
  expect(servedAfter(first, look(seen("198.51.100.7", leaf, authority)), LATER)).toEqual(first);
});

test("addresses that differ are named", () => {
  const other = certificate("cc", { names: ["other.example.com"] });
  const after = servedAfter(undefined, look(seen("192.0.2.2", other), seen("192.0.2.1", leaf)), FIRST);
  expect(after.places).toEqual([
    {
      place: "www.example.com:443",
      chains: [
        { addresses: ["192.0.2.1"], chain: ["aa"] },
        {
          addresses: ["192.0.2.2"],
          chain: ["cc"],
          problems: [{ code: "name-mismatch", about: "other.example.com", detail: "www.example.com" }],
        },
      ],
    },
  ]);
});

describe("what cannot be seen", () => {
  const known = servedAfter(undefined, look(seen("192.0.2.1", leaf)), FIRST);

  test("keeps what was seen before, and since when it is so", () => {
    const once = servedAfter(known, look(failed("192.0.2.1")), LATER);
    expect(once).toEqual({
      ...known,
      since: LATER,
      places: [
        {
          place: "www.example.com:443",
          chains: [{ chain: ["aa"] }],
          unseen: [{ code: "refused", message: "it is refused", since: LATER }],
        },
      ],
    });
    const again = servedAfter(once, look(failed("192.0.2.1")), "2026-11-03T00:00:00Z" as Instant);
    expect(again).toEqual(once);
  });

  test("is named where other addresses are seen", () => {
    const after = servedAfter(known, look(seen("192.0.2.1", leaf), failed("192.0.2.9")), LATER);
    expect(after.places[0]?.unseen).toEqual([
      { addresses: ["192.0.2.9"], code: "refused", message: "it is refused", since: LATER },
    ]);
  });

  test("does not make a record of the addresses that are seen, which change every hour", () => {
    const down = failed("2001:db8::9", "connect-timed-out");
    const once = servedAfter(known, look(seen("192.0.2.1", leaf), down), LATER);
    const next = servedAfter(once, look(seen("192.0.2.77", leaf), seen("192.0.2.78", leaf), down), LATER);
    expect(next).toEqual(once);
    expect(once.places[0]?.chains).toEqual([{ chain: ["aa"] }]);
  });

  test("is no trouble where this host has only no way to addresses of IPv6", () => {
    expect(
      servedAfter(known, look(seen("192.0.2.1", leaf), failed("2001:db8::1", "no-route")), LATER),
    ).toEqual(known);
    const none = servedAfter(known, look(failed("2001:db8::1", "no-route")), LATER);
    expect(none.places[0]?.unseen).toHaveLength(1);
  });

  test("stays as it is where nobody looked, and goes with its place", () => {
    expect(servedAfter(known, [{ place: "www.example.com:443", name: "x" }], LATER)).toEqual(known);
    expect(servedAfter(known, [], LATER)).toEqual({ since: LATER, certificates: [], places: [] });
  });
});

test("what is revoked stays so while its issuer says nothing, and until it says otherwise", () => {
  const at = "2026-10-05T00:00:00Z" as Instant;
  const burnt = { ...seen("192.0.2.1", leaf), revoked: [{ position: 0, at, by: "OCSP" as const }] };
  const known = servedAfter(undefined, look(burnt), FIRST);
  expect(known.places[0]?.chains[0]?.problems).toHaveLength(1);
  expect(servedAfter(known, look(seen("192.0.2.1", leaf)), LATER)).toEqual(known);
  const lifted = servedAfter(known, look({ ...seen("192.0.2.1", leaf), revoked: [] }), LATER);
  expect(lifted.places[0]?.chains).toEqual([{ chain: ["aa"] }]);
  const other = servedAfter(known, look(seen("192.0.2.1", certificate("cc"))), LATER);
  expect(other.places[0]?.chains).toEqual([{ chain: ["cc"] }]);
});

test("words of a certificate go on record on one line, of bounded length, without steering a terminal", () => {
  const hostile = certificate("aa", {
    subject: `CN=\u001B[31mred\u202E\n${"x".repeat(5000)}`,
    names: Array.from({ length: 500 }, (_, at) => `${at}.example.com`),
  });
  const [recorded] = servedAfter(undefined, look(seen("192.0.2.1", hostile)), FIRST).certificates;
  expect(recorded?.subject).toMatch(/^CN=\?\[31mred\?\?x+…$/);
  expect(recorded?.subject.length).toBe(300);
  expect(recorded?.names).toHaveLength(100);
});

test("the same world is the same record, in whatever order its addresses answer", () => {
  const scan = fc.oneof(
    fc
      .record({ address: fc.ipV4(), which: fc.constantFrom("aa", "bb", "cc") })
      .map(({ address, which }) => seen(address, certificate(which))),
    fc
      .record({ address: fc.ipV4(), code: fc.constantFrom("refused", "no-route") })
      .map(({ address, code }) => failed(address, code)),
  );
  const scans = fc.uniqueArray(scan, { selector: ({ address }) => address, maxLength: 6 });
  fc.assert(
    fc.property(scans, scans, (before, now) => {
      const known = servedAfter(undefined, look(...before), FIRST);
      const once = servedAfter(known, look(...now), LATER);
      const again = servedAfter(once, look(...now.toReversed()), "2026-12-01T00:00:00Z" as Instant);
      expect(again).toEqual(once);
      const named = new Set(once.places.flatMap(({ chains }) => chains.flatMap(({ chain }) => chain)));
      expect(once.certificates.map(({ fingerprint }) => fingerprint)).toEqual([...named].toSorted());
    }),
  );
});
