import { compareKeys } from "../evaluate/order.ts";
import type { Instant } from "../model/instant.ts";
import { sameValue } from "../state/same-facts.ts";
import type { Served, ServedCertificate, ServedChain, ServedPlace, Unseen } from "../state/served.ts";
import type { CertificateFacts } from "./certificate.ts";
import type { AddressScan } from "./endpoint.ts";
import { type ChainProblem, inOrder, judgeChain, keyText, type SeenChain } from "./judge.ts";

/** What one look at a place of a certificate gave. */
export interface PlaceLook {
  /** An endpoint, or the path of a file. */
  readonly place: string;
  /** What clients ask for there; undefined for a file. */
  readonly name: string | undefined;
  /** One for each address; of a file only one. Absent: nobody looked this time. */
  readonly scans?: readonly AddressScan[];
}

type RecordedProblem = NonNullable<ServedChain["problems"]>[number];

const MOST_NAMES = 100;
const LONGEST_TEXT = 300;

/**
 * The record after these looks at all places of a certificate, in their order. What could not be seen this time keeps
 * what was last seen there; the same facts give the same record, whatever the addresses of a name are today.
 */
export function servedAfter(before: Served | undefined, looks: readonly PlaceLook[], now: Instant): Served {
  const facts = new Map((before?.certificates ?? []).map((known) => [known.fingerprint, known]));
  for (const { scans = [] } of looks) {
    for (const scan of scans) {
      for (const certificate of "chain" in scan ? scan.chain : []) {
        facts.set(certificate.fingerprint, recorded(certificate));
      }
    }
  }
  const places = looks.flatMap((look) => {
    const known = before?.places.find(({ place }) => place === look.place);
    if (look.scans !== undefined) return [placeAfter(known, look, look.scans, now)];
    return known === undefined ? [] : [known];
  });
  const shown = new Set(places.flatMap(({ chains }) => chains.flatMap(({ chain }) => chain)));
  const certificates = [...facts.values()]
    .filter(({ fingerprint }) => shown.has(fingerprint))
    .toSorted((a, b) => compareKeys([a.fingerprint], [b.fingerprint]));
  const after = { certificates, places };
  const { since, ...rest } = before ?? { since: now };
  return { since: sameValue(rest, after) ? since : now, ...after };
}

function placeAfter(
  known: ServedPlace | undefined,
  { place, name }: PlaceLook,
  scans: readonly AddressScan[],
  now: Instant,
): ServedPlace {
  const seen = scans.filter((scan) => "chain" in scan);
  const failed = scans.filter((scan) => "failure" in scan);
  // A host without IPv6 cannot look at the addresses of IPv6: it has seen the place nevertheless.
  const telling = seen.length > 0 ? failed.filter(({ failure }) => failure.code !== "no-route") : failed;
  const unseen = grouped(telling, ({ failure: { code, message } }) => ({ code, message: plain(message) }));
  return {
    place,
    chains: seen.length === 0 ? (known?.chains ?? []) : chainsOf(seen, name, known),
    ...(unseen.length === 0
      ? {}
      : { unseen: unseen.map((one) => sinceWhen(known, one, seen.length > 0 || unseen.length > 1, now)) }),
  };
}

function chainsOf(
  seen: readonly SeenChain[],
  name: string | undefined,
  known: ServedPlace | undefined,
): ServedChain[] {
  const groups = grouped(seen, (scan) => {
    const chain = scan.chain.map(({ fingerprint }) => fingerprint);
    const found = judgeChain(scan, name).map(recordedProblem);
    const problems = inOrder([...found, ...(scan.revoked === undefined ? revokedBefore(known, chain) : [])]);
    return problems.length === 0 ? { chain } : { chain, problems };
  });
  if (groups.length < 2) return groups.map(({ value }) => value);
  return groups.map(({ value, addresses }) =>
    addresses.length > 0 ? Object.assign({ addresses }, value) : value,
  );
}

/** An issuer that does not answer today has not taken back what it said of this chain. */
function revokedBefore(known: ServedPlace | undefined, chain: readonly string[]): readonly RecordedProblem[] {
  const same = known?.chains.find((before) => before.chain.join() === chain.join());
  return (same?.problems ?? []).filter(({ code }) => code === "revoked");
}

function recordedProblem({ code, about, detail }: ChainProblem): RecordedProblem {
  return { code, about: plain(about), ...(detail === undefined ? {} : { detail: plain(detail) }) };
}

function sinceWhen(
  known: ServedPlace | undefined,
  { value, addresses }: Group<Pick<Unseen, "code" | "message">>,
  isMixed: boolean,
  now: Instant,
): Unseen {
  const where = isMixed && addresses.length > 0 ? { addresses } : {};
  const same = known?.unseen?.find(
    (one) => one.code === value.code && (one.addresses ?? []).join() === (where.addresses ?? []).join(),
  );
  return { ...where, ...value, since: same?.since ?? now };
}

interface Group<V> {
  readonly value: V;
  /** Sorted; none for a file. */
  readonly addresses: string[];
}

/** Those with the same to say, by address. */
function grouped<S extends { readonly address: string }, V>(
  scans: readonly S[],
  valueOf: (scan: S) => V,
): readonly Group<V>[] {
  const groups = new Map<string, Group<V>>();
  for (const scan of scans.toSorted((a, b) => compareKeys([a.address], [b.address]))) {
    const value = valueOf(scan);
    const key = JSON.stringify(value);
    const group = groups.get(key) ?? { value, addresses: [] };
    if (scan.address !== "") group.addresses.push(scan.address);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function recorded(certificate: CertificateFacts): ServedCertificate {
  const { fingerprint, subject, issuer, names, serial, notBefore, notAfter, signature, spki } = certificate;
  return {
    fingerprint,
    subject: plain(subject),
    issuer: plain(issuer),
    names: names.slice(0, MOST_NAMES).map(plain),
    serial: serial.slice(0, LONGEST_TEXT),
    notBefore,
    notAfter,
    key: keyText(certificate),
    signature: plain(signature),
    spki,
  };
}

/** Whoever made the certificate wrote these words: on one line, of bounded length, and nothing that steers a terminal. */
function plain(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "?");
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT - 1)}…` : line;
}
