import type { X509Certificate } from "node:crypto";
import type { PathFacts } from "../../../core/certificates/path-facts.ts";
import { nameText } from "./certificate.ts";
import type { TrustStore } from "./trust-store.ts";

/** Signatures are the dear part; a server could send a hundred certificates of one name. */
const MOST_SIGNATURES = 400;

/** A path with the certificates on it, for who asks whether they are revoked. */
export interface TrustPath {
  readonly facts: PathFacts;
  /** Of the path, from the leaf upwards, the trusted root at its end included. */
  readonly certificates: readonly X509Certificate[];
}

/**
 * Follows the signatures of a served chain up to a trusted root, over certificates that may sign others. Dates play no
 * part. `found` are certificates that the server should have sent. What was sent goes before what is known, so that of
 * several ways the one that the server meant is taken, if it leads to a root.
 */
export function trustPath(
  served: readonly X509Certificate[],
  store: TrustStore,
  signatures: Signatures,
  found: readonly X509Certificate[] = [],
): TrustPath {
  const all = [...served, ...found];
  const search = new Search(all, store, signatures);
  const { way, root } = search.from(0);
  const top = all[way.at(-1) ?? 0];
  const anchor = root ?? (top !== undefined && store.has(top) ? top : undefined);
  const rootAt = served.findIndex(({ fingerprint256 }) => fingerprint256 === root?.fingerprint256);
  const positions = way.filter((at) => at < served.length).concat(rootAt === -1 ? [] : [rootAt]);
  const missing = way.filter((at) => at >= served.length).flatMap((at) => all[at] ?? []);
  const beside = search.leadingOn(way).filter((at) => at < served.length && !positions.includes(at));
  const broken = isSelfSigned(top) ? "self-signed" : "unknown-issuer";
  return {
    facts: {
      positions,
      end: anchor === undefined ? broken : missing.length > 0 ? "completed" : "trusted",
      ...(beside.length === 0 ? {} : { beside }),
      ...(anchor === undefined ? {} : { root: nameText(anchor.subject) }),
      ...(missing.length === 0 ? {} : { missing: missing.map(({ subject }) => nameText(subject)) }),
    },
    certificates: [...way.flatMap((at) => all[at] ?? []), ...(root === undefined ? [] : [root])],
  };
}

function isSelfSigned(certificate: X509Certificate | undefined): boolean {
  return (
    certificate !== undefined &&
    certificate.subject === certificate.issuer &&
    isSignedWith(certificate, certificate)
  );
}

/** A key that cannot be read, or an algorithm that is no more, signs nothing. */
function isSignedWith(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** Which certificate signed which, worked out once: an intermediate is in a thousand chains. */
export class Signatures {
  readonly #known = new Map<string, boolean>();

  isSigned(certificate: X509Certificate, issuer: X509Certificate): boolean {
    const key = `${certificate.fingerprint256} ${issuer.fingerprint256}`;
    const known = this.#known.get(key) ?? isSignedWith(certificate, issuer);
    this.#known.set(key, known);
    return known;
  }
}

interface Way {
  readonly way: readonly number[];
  /** The root beyond the way, if it is not on it. */
  readonly root?: X509Certificate;
  readonly ends: boolean;
}

class Search {
  readonly #all: readonly X509Certificate[];
  readonly #store: TrustStore;
  readonly #seen = new Set<string>();
  readonly #issuers = new Map<number, readonly number[]>();
  readonly #signatures: Signatures;
  #left = MOST_SIGNATURES;

  constructor(all: readonly X509Certificate[], store: TrustStore, signatures: Signatures) {
    this.#all = all;
    this.#store = store;
    this.#signatures = signatures;
  }

  /** Whether a certificate leads to a root does not depend on how one came to it: none is looked at twice. */
  from(at: number): Way {
    const certificate = this.#all[at];
    if (certificate === undefined) return { way: [], ends: false };
    this.#seen.add(certificate.fingerprint256);
    if (this.#store.has(certificate)) return { way: [at], ends: true };
    let longest: readonly number[] = [];
    for (const next of this.#issuersOf(at)) {
      if (this.#seen.has(this.#all[next]?.fingerprint256 ?? "")) continue;
      const { way, ...rest } = this.from(next);
      if (rest.ends) return { way: [at, ...way], ...rest };
      if (way.length > longest.length) longest = way;
    }
    const root = this.#store.named(certificate.issuer).find((one) => this.#isSignedBy(certificate, one));
    return root === undefined ? { way: [at, ...longest], ends: false } : { way: [at], root, ends: true };
  }

  /** Whatever signed a certificate of the way, or one that did: other ways, such as over another root. */
  leadingOn(way: readonly number[]): readonly number[] {
    const reached = new Set(way);
    const prints = new Set(way.map((at) => this.#all[at]?.fingerprint256));
    for (const at of reached) {
      for (const next of this.#issuersOf(at)) {
        const print = this.#all[next]?.fingerprint256;
        if (prints.has(print)) continue;
        prints.add(print);
        reached.add(next);
      }
    }
    return [...reached].filter((at) => !way.includes(at));
  }

  #issuersOf(at: number): readonly number[] {
    const known = this.#issuers.get(at);
    if (known !== undefined) return known;
    const certificate = this.#all[at];
    const issuers = this.#all.flatMap((other, position) =>
      certificate !== undefined && position !== at && other.ca && this.#isSignedBy(certificate, other)
        ? [position]
        : [],
    );
    this.#issuers.set(at, issuers);
    return issuers;
  }

  #isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
    if (certificate.issuer !== issuer.subject || !certificate.checkIssued(issuer)) return false;
    this.#left -= 1;
    return this.#left >= 0 && this.#signatures.isSigned(certificate, issuer);
  }
}
