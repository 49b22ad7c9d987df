import type { EvaluatedCredential } from "../../evaluate/evaluation.ts";
import { addTo, type Instant, secondsBetween } from "../../model/instant.ts";
import { currentVersion } from "../../rotation/reconcile.ts";
import type { CheckInput } from "../check-input.ts";
import type { Check, Measurement } from "../check-result.ts";
import { HOLDS, testCredentials } from "../population.ts";

const DAY = 86_400;

/**
 * The longest lifetime in days of a certificate for TLS servers that browsers trust, by the day from which on it is valid:
 * the baseline requirements of the CA/Browser Forum, section 6.3.2.
 */
const LONGEST_LIFETIMES: readonly (readonly [from: string, days: number])[] = [
  ["2029-03-15T00:00:00Z", 47],
  ["2027-03-15T00:00:00Z", 100],
  ["2026-03-15T00:00:00Z", 200],
  ["2020-09-01T00:00:00Z", 398],
];

/** Hosts of ACME directories whose certificates browsers trust. Their staging hosts have other names. */
const PUBLIC_DIRECTORIES: ReadonlySet<string> = new Set([
  "acme-v02.api.letsencrypt.org",
  "acme.zerossl.com",
  "acme.ssl.com",
  "dv.acme-v02.api.pki.goog",
  "acme.digicert.com",
  "acme.sectigo.com",
  "api.buypass.com",
]);

/** Ends of credentials, and the lives of certificates. */
export const CERTIFICATE_CHECKS: readonly Check[] = [
  {
    id: "K12",
    name: "expired_active",
    title: "Nothing is kept in use past its own end",
    formula: "credentials before their own end / credentials that are not retired and whose end is known",
    not: "ends of what is not registered, or that a certificate is trusted and not revoked.",
    source: "documents",
    measure: expiredActive,
  },
  {
    id: "K13",
    name: "cert_renewal_timing",
    title: "Certificates are renewed before it gets late",
    formula:
      "at an instant: certificates in the first half of the time between due date and end, or before it / certificates with both. In a period: certificates renewed before that half was over / certificates for which it fell into the period.",
    not: "that what was issued is served; findings of the endpoints tell that.",
    source: "documents",
    measure: renewalTiming,
  },
  {
    id: "K14",
    name: "cert_lifetime_conformance",
    title: "Public certificates live no longer than browsers accept",
    formula:
      "certificates whose lifetime is within the limit for the day they begin / certificates from a public CA over ACME whose dates are on record",
    not: "certificates of other CAs: nothing here says whether browsers trust those.",
    source: "documents",
    measure: lifetimes,
  },
];

function expiredActive(input: CheckInput): Measurement {
  const { asOf } = input.evaluation;
  return testCredentials(
    input,
    `Ends as providers, endpoints or documents say, as of ${asOf}.`,
    (credential) => {
      const { endsAt, endSource, pastEnd } = credential;
      if (endsAt === undefined) return { outside: "nothing says when it ends" };
      return pastEnd ? { why: `past its own end ${endsAt} (${endSource ?? "its document"})` } : HOLDS;
    },
  );
}

function renewalTiming(input: CheckInput): Measurement {
  const { period, evaluation } = input;
  if (period !== undefined) {
    return {
      tested: period.renewals.map(({ id, lateAt, renewedAt }) => ({
        id,
        why: renewedAt === undefined || renewedAt > lateAt ? `not renewed by ${lateAt}` : undefined,
      })),
      evidence: `Certificates that were to be renewed from ${period.from} to ${period.to}.`,
    };
  }
  const { asOf } = evaluation;
  return testCredentials(input, `Certificates in use as of ${asOf}.`, (credential) => {
    if (credential.source.document.spec.type !== "tls-certificate") {
      return { outside: "it is no certificate" };
    }
    const lateAt = lateOf(credential);
    if (lateAt === undefined) return { outside: "its end or its due date is unknown" };
    if (asOf < lateAt) return HOLDS;
    const overdue = credential.findings.filter(({ code }) => code === "rotation-overdue");
    const accepted =
      !credential.pastEnd && overdue.length > 0 && overdue.every(({ waivedBy }) => waivedBy !== null);
    return {
      why: `not renewed by ${lateAt}, half of the time left at its due date`,
      ...(accepted ? { exception: overdue[0]?.waivedBy ?? undefined } : {}),
    };
  });
}

/** Half of the time between due date and end is gone. */
function lateOf({ dueAt, endsAt }: EvaluatedCredential): Instant | undefined {
  if (dueAt === undefined || endsAt === undefined) return undefined;
  return addTo(endsAt, -Math.max(0, secondsBetween(dueAt, endsAt)) / 2);
}

function lifetimes(input: CheckInput): Measurement {
  const evidence = "Dates of the versions in use, against section 6.3.2 of the baseline requirements.";
  return testCredentials(input, evidence, ({ name, source }) => {
    const { type, provider } = source.document.spec;
    if (type !== "tls-certificate") return { outside: "it is no certificate" };
    if (!isPublic(provider?.acme?.connection, input)) {
      return { outside: "nothing says that its CA is a public one" };
    }
    const version = currentVersion(input.state.statuses.get(name)?.versions ?? []);
    if (version?.expiresAt === undefined) return { outside: "its dates are not on record" };
    const from = version.notBefore ?? version.createdAt;
    // A certificate is valid through the second of its end.
    const seconds = secondsBetween(from, version.expiresAt) + 1;
    const most = LONGEST_LIFETIMES.find(([since]) => since <= from)?.[1];
    if (most === undefined || seconds <= most * DAY) return HOLDS;
    return { why: `it lives ${Math.ceil(seconds / DAY)} days from ${from} on, at most ${most} are accepted` };
  });
}

function isPublic(connection: string | undefined, { documents }: CheckInput): boolean {
  const acme =
    connection === undefined ? undefined : documents.connections.get(connection)?.document.spec.acme;
  const host = /^https:\/\/([^/:?#]+)/.exec(acme?.directory ?? "")?.[1];
  return host !== undefined && PUBLIC_DIRECTORIES.has(host);
}
