import { X509Certificate } from "node:crypto";
import type { CertificateFacts } from "../../../core/certificates/certificate.ts";
import type { SeenChain } from "../../../core/certificates/judge.ts";
import { factsOf } from "./certificate.ts";
import type { PublicFetch } from "./fetch-public.ts";
import type { Revocations } from "./revocation/revocation.ts";
import { ScanFailure } from "./scan-failure.ts";
import { Signatures, type TrustPath, trustPath } from "./trust-path.ts";
import { pemCertificates, type TrustStore } from "./trust-store.ts";

const LARGEST_CERTIFICATE = 64 * 1024;
/** How many intermediates that a server left out are looked for. */
const MOST_MISSING = 4;

export interface ReaderSources {
  readonly store: TrustStore;
  /** Where what servers left out, and what issuers say of revocation, is asked for; absent: nobody is asked. */
  readonly outside?: { readonly fetch: PublicFetch; readonly revocations: Revocations };
}

/** Reads chains into facts; each certificate and each chain once, since many endpoints show the same. */
export class ChainReader {
  readonly #sources: ReaderSources;
  readonly #facts = new Map<string, CertificateFacts>();
  readonly #signatures = new Signatures();
  readonly #paths = new Map<string, Promise<TrustPath>>();

  constructor(sources: ReaderSources) {
    this.#sources = sources;
  }

  /** Rejects with a ScanFailure where a certificate cannot be read. */
  async read(
    chain: readonly X509Certificate[],
    stapled: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<Omit<SeenChain, "address" | "leaf">> {
    const facts = chain.map((certificate, at) => this.#factsOf(certificate, at));
    const path = await this.#pathOf(chain, signal);
    const leadsToRoot = path.facts.end === "trusted" || path.facts.end === "completed";
    const revocations = leadsToRoot ? this.#sources.outside?.revocations : undefined;
    const found = await revocations?.of(path.certificates, stapled, signal);
    // On record they are told by their place in what the server sent.
    const revoked = found?.flatMap(({ position, ...rest }) => {
      const { fingerprint256 } = path.certificates[position] as X509Certificate;
      const served = chain.findIndex((one) => one.fingerprint256 === fingerprint256);
      return served === -1 ? [] : [{ position: served, ...rest }];
    });
    return { chain: facts, path: path.facts, ...(revoked === undefined ? {} : { revoked }) };
  }

  #factsOf(certificate: X509Certificate, at: number): CertificateFacts {
    const known = this.#facts.get(certificate.fingerprint256);
    if (known !== undefined) return known;
    try {
      const facts = factsOf(certificate);
      this.#facts.set(certificate.fingerprint256, facts);
      return facts;
    } catch {
      throw new ScanFailure("unreadable", `certificate ${at + 1} of its chain cannot be read`);
    }
  }

  async #pathOf(chain: readonly X509Certificate[], signal: AbortSignal): Promise<TrustPath> {
    const key = chain.map(({ fingerprint256 }) => fingerprint256).join(" ");
    let path = this.#paths.get(key);
    if (path === undefined) {
      path = this.#follow(chain, signal);
      this.#paths.set(key, path);
    }
    return path;
  }

  async #follow(chain: readonly X509Certificate[], signal: AbortSignal): Promise<TrustPath> {
    const { store, outside } = this.#sources;
    const path = trustPath(chain, store, this.#signatures);
    if (outside === undefined || path.facts.end !== "unknown-issuer") return path;
    const found: X509Certificate[] = [];
    let last = path.certificates.at(-1);
    while (found.length < MOST_MISSING) {
      const issuer = await issuerOf(last, outside.fetch, signal);
      if (issuer === undefined) break;
      found.push(issuer);
      last = issuer;
      const longer = trustPath(chain, store, this.#signatures, found);
      if (longer.facts.end === "completed") return longer;
    }
    // What was found on the way to nowhere proves nothing.
    return path;
  }
}

/** What a certificate names as its issuer's own certificate (RFC 5280, caIssuers). */
async function issuerOf(
  certificate: X509Certificate | undefined,
  fetch: PublicFetch,
  signal: AbortSignal,
): Promise<X509Certificate | undefined> {
  const url = /^CA Issuers - URI:(http:\S+)$/m.exec(certificate?.infoAccess ?? "")?.[1];
  const bytes = url === undefined ? undefined : await fetch(url, { largest: LARGEST_CERTIFICATE, signal });
  if (bytes === undefined) return undefined;
  try {
    return new X509Certificate(pemCertificates(bytes.toString("latin1"))[0] ?? bytes);
  } catch {
    return undefined;
  }
}
