import { expect, test } from "vitest";
import {
  fresh,
  inPeriod,
  keys,
  NOW,
  type Row,
  resultOf,
  waiver,
} from "../../../testing/compliance/check-world.ts";
import {
  at,
  connection,
  credential,
  exception,
  policy,
  status,
  version,
} from "../../../testing/evaluation/world.ts";

const acme = connection("ca", {
  acme: { directory: "https://acme-v02.api.letsencrypt.org/directory", accountKey: { env: "KEY" } },
});
const web = credential("web", {
  method: "automated",
  type: "tls-certificate",
  provider: { acme: { connection: "ca", names: ["www.example.com"] } },
} as Parameters<typeof credential>[1]);
const lasting = (from: string, to: string) => ({
  statuses: [status("web", { versions: [version(from, { expiresAt: at(to) })] })],
});
const renew = policy("tls", { renew: { beforeExpiry: "30d" } });

const CERTIFICATES: readonly Row[] = [
  {
    id: "K12",
    when: "its end is ahead",
    given: [[credential("c", { expiresAt: "2026-03-16" })]],
    gives: "pass 1/1 1",
  },
  {
    id: "K12",
    when: "its end is now",
    given: [[credential("c", { expiresAt: NOW })]],
    gives: "fail 0/1 0 c",
  },
  {
    id: "K12",
    when: "an exception speaks of it",
    given: [[credential("old", { expiresAt: NOW }), keys, waiver]],
    gives: "fail 0/1 0 old",
  },
  { id: "K12", when: "no end is known", given: [[fresh]], gives: "no-population 0/0 0" },
  {
    id: "K13",
    when: "half of the time is left",
    given: [[web, acme, renew], lasting("2026-01-01", "2026-03-31")],
    gives: "pass 1/1 1",
  },
  {
    id: "K13",
    when: "half of the time is gone",
    given: [[web, acme, renew], lasting("2026-01-01", "2026-03-30")],
    gives: "fail 0/1 0 web",
  },
  {
    id: "K13",
    when: "half of the time is gone with an exception",
    given: [
      [web, acme, renew, exception("x", { credentials: ["web"], policy: "tls" })],
      lasting("2026-01-01", "2026-03-30"),
    ],
    gives: "exception 0/1 1 web",
  },
  { id: "K13", when: "it is no certificate", given: [[fresh, keys]], gives: "no-population 0/0 0" },
  {
    id: "K13",
    when: "in a period one came late",
    given: inPeriod({
      renewals: [{ id: "w", credential: "w", lateAt: at("2026-01-05"), renewedAt: at("2026-01-06") }],
    }),
    gives: "fail 0/1 0 w",
  },
  {
    id: "K14",
    when: "398 days before the limit fell",
    given: [[web, acme], lasting("2026-03-01", "2027-04-01")],
    gives: "pass 1/1 1",
  },
  {
    id: "K14",
    when: "200 days and not a second more",
    given: [[web, acme], lasting("2026-03-15T00:00:00Z", "2026-09-30T23:59:59Z")],
    gives: "pass 1/1 1",
  },
  {
    id: "K14",
    when: "a second over 200 days",
    given: [[web, acme], lasting("2026-03-15T00:00:00Z", "2026-10-01T00:00:00Z")],
    gives: "fail 0/1 0 web",
  },
  {
    id: "K14",
    when: "the CA is a private one",
    given: [
      [
        web,
        connection("ca", { acme: { directory: "https://ca.internal/acme", accountKey: { env: "KEY" } } }),
      ],
      lasting("2026-03-15", "2030-01-01"),
    ],
    gives: "no-population 0/0 0",
  },
];

test.each(CERTIFICATES)("$id when $when", (row) => {
  expect(resultOf(row)).toEqual(row.gives);
});
