import { describe, expect, test } from "vitest";
import { SHIPPED_POLICIES } from "../../testing/evaluation/shipped-policies.ts";
import {
  at,
  credential,
  evaluateAt,
  only,
  policy,
  rotation,
  status,
  told,
  version,
} from "../../testing/evaluation/world.ts";
import type { Credential } from "../documents/credential.ts";
import type { Policy } from "../documents/policy.ts";
import { addTo, type Instant } from "../model/instant.ts";
import type { Served, ServedCertificate, ServedPlace } from "../state/served.ts";
import type { Status } from "../state/status.ts";
import { findingText } from "./message.ts";

const [LEAF, INTERMEDIATE, OTHER] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)];
const PLACE = "www.example.com:443";

function certificate(fingerprint: string, from: string, to: string): ServedCertificate {
  return {
    fingerprint,
    subject: `CN=${fingerprint.slice(0, 2)}`,
    issuer: "CN=authority",
    names: ["www.example.com"],
    serial: fingerprint.slice(0, 4),
    notBefore: at(from),
    notAfter: at(to),
    key: "EC 256",
    signature: "ECDSA with SHA-256",
    spki: "0".repeat(64),
  };
}

function served(certificates: readonly ServedCertificate[], more: Partial<ServedPlace> = {}): Served {
  const chain = certificates.map(({ fingerprint }) => fingerprint);
  return {
    since: at("2026-01-01"),
    certificates: [...certificates],
    places: [{ place: PLACE, chains: [{ chain }], ...more }],
  };
}

const DELEGATED: Partial<Credential["spec"]> = {
  type: "tls-certificate",
  method: "delegated",
  delegate: { to: "cert-manager" },
  endpoints: [PLACE],
  createdAt: "2020-01-01",
};
const AUTOMATED: Partial<Credential["spec"]> = {
  type: "tls-certificate",
  method: "automated",
  endpoints: [PLACE],
  createdAt: "2020-01-01",
};

function evaluated(
  now: string,
  spec: Partial<Credential["spec"]>,
  record: Partial<Status>,
  renew?: Policy["spec"],
) {
  const documents = [credential("shop", spec), policy("tls", renew ?? SHIPPED_POLICIES.tls)];
  return only(evaluateAt(now, documents, { statuses: [status("shop", record)] }));
}

/** Of a certificate from 2026-01-01 that lives so many days. */
function lifeOf(days: number): readonly [from: string, to: Instant] {
  return ["2026-01-01", addTo(at("2026-01-01"), days * 86_400)];
}

describe("when a certificate is due, by the shipped policy", () => {
  test.each([
    // days of life, due so many days after its beginning, stale from
    [90, 60, "2026-02-16T00:00:00Z"],
    [45, 30, "2026-01-17T00:00:00Z"],
    [200, 170, "2026-06-06T00:00:00Z"],
    [6, 3, "2026-01-02T12:00:00Z"],
    [9.99, 4.995, "2026-01-03T11:56:24Z"],
  ])("of %d days: after %d", (days, dueAfter, staleFrom) => {
    const [from, to] = lifeOf(days);
    const due = addTo(at(from), dueAfter * 86_400);
    const cases: readonly (readonly [Partial<Credential["spec"]>, Partial<Status>])[] = [
      [DELEGATED, { served: served([certificate(LEAF, from, to)]) }],
      [AUTOMATED, { versions: [version(from, { handle: `SHA256:${LEAF}`, expiresAt: to })] }],
    ];
    for (const [spec, record] of cases) {
      expect(evaluated(addTo(due, -1), spec, record)).toMatchObject({
        dueAt: due,
        endsAt: to,
        state: "stale",
      });
      expect(evaluated(due, spec, record).state).toBe("expired");
      expect(evaluated(staleFrom, spec, record).state).toBe("stale");
      expect(evaluated(addTo(at(staleFrom), -1), spec, record).state).toBe("active");
    }
  });

  test.each([[90], [45], [200], [6]])(
    "of %d days with ARI: at the end of the CA's window, whatever that is",
    (days) => {
      const [from, to] = lifeOf(days);
      const renewal = { start: addTo(at(from), days * 43_200), end: addTo(at(from), days * 50_000) };
      const record = { versions: [version(from, { handle: `SHA256:${LEAF}`, expiresAt: to, renewal })] };
      expect(evaluated(addTo(renewal.start, -1), AUTOMATED, record)).toMatchObject({
        dueAt: renewal.end,
        state: "active",
      });
      expect(evaluated(renewal.start, AUTOMATED, record).state).toBe("stale");
      expect(evaluated(renewal.end, AUTOMATED, record).state).toBe("expired");
    },
  );

  test.each([
    ["that ends before it starts", "2026-03-02", "2026-03-01"],
    ["of no length", "2026-03-01", "2026-03-01"],
    ["beyond the certificate's own end", "2026-03-01", "2026-04-02"],
  ])("a window %s says nothing", (_, start, end) => {
    const renewal = { start: at(start), end: at(end) };
    const versions = [version("2026-01-01", { handle: LEAF, expiresAt: at("2026-04-01"), renewal })];
    expect(evaluated("2026-01-10", AUTOMATED, { versions }).dueAt).toBe("2026-03-02T00:00:00Z");
  });

  test("a window that is past means now", () => {
    const renewal = { start: at("2026-01-02"), end: at("2026-01-03") };
    const versions = [version("2026-01-01", { handle: LEAF, expiresAt: at("2026-04-01"), renewal })];
    expect(evaluated("2026-01-10", AUTOMATED, { versions }).state).toBe("expired");
  });
});

test("one that was issued again with the dates of the one before is not stale at its birth", () => {
  // Authorities of companies make it for what is left of a year: 35 days, of which it is due after 5.
  const versions = [
    version("2026-01-10", { handle: LEAF, notBefore: at("2025-02-14"), expiresAt: at("2026-02-14") }),
  ];
  const found = (now: string) => evaluated(now, AUTOMATED, { versions });
  expect(found("2026-01-10").dueAt).toBe("2026-01-15T00:00:00Z");
  expect([found("2026-01-10").state, found("2026-01-12T12:00:00Z").state]).toEqual(["active", "stale"]);
});

describe("the earliest end of what is served counts", () => {
  const chain = [
    certificate(LEAF, "2026-01-01", "2026-04-01"),
    certificate(INTERMEDIATE, "2024-01-01", "2026-03-01"),
  ];

  test("an intermediate that ends before the leaf", () => {
    expect(evaluated("2026-01-10", DELEGATED, { served: served(chain) })).toMatchObject({
      endsAt: "2026-03-01T00:00:00Z",
      endSource: `end of CN=bb in the chain at ${PLACE}`,
    });
  });

  test("of an automated one where its version in use is served", () => {
    const versions = [version("2026-01-01", { handle: `SHA256:${LEAF}`, expiresAt: at("2026-04-01") })];
    expect(evaluated("2026-01-10", AUTOMATED, { versions, served: served(chain) }).endsAt).toBe(
      "2026-03-01T00:00:00Z",
    );
  });

  test("another certificate that some place serves makes nothing due, since a rotation would not mend it", () => {
    const versions = [version("2026-01-01", { handle: `SHA256:${OTHER}`, expiresAt: at("2026-04-01") })];
    const found = evaluated("2026-01-10", AUTOMATED, { versions, served: served(chain) });
    expect(found.endsAt).toBe("2026-04-01T00:00:00Z");
    expect(told(found)).toEqual(["chain-outdated warning"]);
  });

  test("of an automated one that is not adopted yet, and of a manual one", () => {
    for (const spec of [AUTOMATED, { ...AUTOMATED, method: "manual" as const, expiresAt: "2027-01-01" }]) {
      const record = { versions: [], served: served(chain) };
      expect(evaluated("2026-01-10", spec, record).endsAt).toBe("2026-03-01T00:00:00Z");
    }
  });

  test("a version lives while it is served, promoted or not", () => {
    const handle = `SHA256:${LEAF}`;
    const versions = [
      version("2026-01-01", { handle, promoted: false }),
      version("2026-02-01", { handle: OTHER }),
    ];
    const found = evaluated("2026-02-02", AUTOMATED, { versions, served: served(chain) });
    expect(found.live.map((one) => one.handle)).toEqual([handle, OTHER]);
    expect(evaluated("2026-02-02", AUTOMATED, { versions }).live.map((one) => one.handle)).toEqual([OTHER]);
  });

  test("a delegated one counts from what is served, not from a date in its document", () => {
    const found = evaluated(
      "2026-01-10",
      DELEGATED,
      { served: served(chain) },
      {
        rotateWithin: "90d",
      },
    );
    expect(found).toMatchObject({
      last: "2026-01-01T00:00:00Z",
      lastSource: "oldest certificate that is served",
    });
  });
});

describe("what is wrong where it is served", () => {
  const good = certificate(LEAF, "2026-01-01", "2026-04-01");
  const problem = (code: string, detail?: string) => ({
    chains: [
      {
        chain: [LEAF],
        problems: [{ code, about: "CN=x", ...(detail === undefined ? {} : { detail }) }],
      } as ServedPlace["chains"][number],
    ],
  });

  test.each([
    ["name-mismatch", "critical", undefined],
    ["self-signed", "critical", undefined],
    ["untrusted", "critical", undefined],
    ["revoked", "critical", undefined],
    ["incomplete", "warning", "found elsewhere"],
    ["incomplete", "critical", "not found"],
    ["misordered", "warning", undefined],
    ["extra", "warning", undefined],
    ["weak-key", "warning", undefined],
    ["weak-signature", "warning", undefined],
  ])("%s is %s", (code, level, detail) => {
    const found = evaluated("2026-01-10", DELEGATED, { served: served([good], problem(code, detail)) });
    expect(told(found)).toEqual([`chain-${code} ${level}`]);
    expect(found.level).toBe(level);
    const [finding] = found.findings;
    if (finding === undefined) throw new Error("no finding");
    expect(finding.discriminator).toBe(PLACE);
    const { message, fix } = findingText(finding);
    expect(message).toContain(PLACE);
    expect(message).toContain("CN=x");
    expect(`${message} ${fix}`).not.toMatch(/unknown|undefined/);
  });

  test("dates are judged at every instant anew", () => {
    const record = { served: served([good]) };
    const codes = (now: string) =>
      told(evaluated(now, DELEGATED, record)).filter((line) => line.startsWith("chain"));
    expect(codes("2025-12-31T23:59:59Z")).toEqual(["chain-not-yet-valid critical"]);
    expect(codes("2026-01-01")).toEqual([]);
    expect(codes("2026-03-31T23:59:59Z")).toEqual([]);
    expect(codes("2026-04-01")).toEqual(["chain-expired critical"]);
  });

  test("addresses that differ, but not while a rotation changes them over", () => {
    const both = [good, certificate(OTHER, "2026-01-01", "2026-04-01")];
    const chains = [
      { addresses: ["192.0.2.1"], chain: [LEAF] },
      { addresses: ["192.0.2.2"], chain: [OTHER] },
    ];
    const record = { served: { ...served(both), places: [{ place: PLACE, chains }] } };
    expect(told(evaluated("2026-01-10", DELEGATED, record))).toEqual(["chain-differs warning"]);
    expect(told(evaluated("2026-01-10", DELEGATED, { ...record, rotation: rotation() }))).toEqual([]);
  });

  test("a server that goes on with the old one is told once consumers had their time to change over", () => {
    const versions = [
      version("2025-10-01", { handle: `SHA256:${LEAF}`, expiresAt: at("2026-01-20") }),
      version("2026-01-01", { handle: `SHA256:${OTHER}`, expiresAt: at("2026-04-01") }),
    ];
    const old = served([certificate(LEAF, "2025-10-01", "2026-01-20")]);
    const found = (now: string, fact: Parameters<typeof rotation>[0]) =>
      told(evaluated(now, AUTOMATED, { versions, served: old, rotation: rotation(fact) }));
    const confirming = { step: "confirm", promotedAt: at("2026-01-02") } as const;
    expect(found("2026-01-02T23:59:59Z", confirming)).toEqual([]);
    expect(found("2026-01-03", confirming)).toEqual(["chain-outdated warning"]);
    expect(found("2026-01-03", { step: "issue" })).toEqual([]);
  });

  test("a place that cannot be seen is told with what was seen before", () => {
    const unseen = [{ code: "refused", message: "nothing listens there", since: at("2026-01-05") }];
    const found = evaluated("2026-01-10", DELEGATED, { served: served([good], { unseen }) });
    expect(told(found)).toEqual(["endpoint-unreachable warning"]);
    expect(found.endsAt).toBe("2026-04-01T00:00:00Z");
  });

  test("nothing is told of a retired one", () => {
    const record = { served: served([good], problem("untrusted")) };
    expect(told(evaluated("2026-01-10", { ...DELEGATED, retiredAt: "2026-01-02" }, record))).toEqual([]);
  });
});
