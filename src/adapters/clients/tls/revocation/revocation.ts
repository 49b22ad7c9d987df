import type { X509Certificate } from "node:crypto";
import type { Revoked } from "../../../../core/certificates/path-facts.ts";
import { epochSeconds, instantOf } from "../../../../core/model/instant.ts";
import type { Clock } from "../../../../core/ports/runtime.ts";
import { loadX509 } from "../../x509/library.ts";
import type { PublicFetch } from "../fetch-public.ts";
import { RevocationList } from "./crl.ts";
import { ocspRequest, type Standing, standingIn } from "./ocsp.ts";

const LARGEST_RESPONSE = 64 * 1024;
/** Lists of large authorities without shards are larger than anybody wants to read for one certificate. */
const LARGEST_LIST = 8 * 1024 * 1024;

/** Asks issuers whether they have revoked certificates; each list and each answer once. */
export class Revocations {
  readonly #fetch: PublicFetch;
  readonly #clock: Clock;
  readonly #lists = new Map<string, Promise<RevocationList | undefined>>();
  readonly #standings = new Map<string, Promise<Said | undefined>>();

  constructor(fetch: PublicFetch, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /**
   * What is revoked of a path: certificates from the leaf to the root, each signed by the next. `stapled` is about the
   * leaf. Undefined: nobody says that any is, and not every issuer has answered.
   */
  async of(
    path: readonly X509Certificate[],
    stapled: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<readonly Revoked[] | undefined> {
    const all = await Promise.all(
      path.slice(0, -1).map(async (certificate, position) => {
        const issuer = path[position + 1] as X509Certificate;
        const said = await this.#standing(certificate, issuer, position === 0 ? stapled : undefined, signal);
        return typeof said === "object" ? Object.assign({ position }, said) : said;
      }),
    );
    const revoked = all.filter((said) => typeof said === "object");
    return revoked.length === 0 && all.includes(undefined) ? undefined : revoked;
  }

  async #standing(
    certificate: X509Certificate,
    issuer: X509Certificate,
    stapled: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<Said | undefined> {
    const now = epochSeconds(this.#clock.now());
    const brought = stapled === undefined ? undefined : standingIn(stapled, certificate, issuer, now);
    if (brought !== undefined) return saidBy(brought, "OCSP");
    const key = `${certificate.fingerprint256} ${issuer.fingerprint256}`;
    let asked = this.#standings.get(key);
    if (asked === undefined) {
      asked = this.#ask(certificate, issuer, signal);
      this.#standings.set(key, asked);
    }
    return asked;
  }

  async #ask(
    certificate: X509Certificate,
    issuer: X509Certificate,
    signal: AbortSignal,
  ): Promise<Said | undefined> {
    const now = epochSeconds(this.#clock.now());
    const { ocsp, lists } = await sourcesOf(certificate);
    for (const url of ocsp) {
      const body = { type: "application/ocsp-request", bytes: ocspRequest(certificate, issuer) };
      const response = await this.#fetch(url, { body, largest: LARGEST_RESPONSE, signal });
      const said = response === undefined ? undefined : standingIn(response, certificate, issuer, now);
      if (said !== undefined) return saidBy(said, "OCSP");
    }
    for (const url of lists) {
      const list = await this.#list(url, issuer, signal);
      const said = list?.standingOf(certificate, now);
      if (said !== undefined) return saidBy(said, "CRL");
    }
    return undefined;
  }

  async #list(
    url: string,
    issuer: X509Certificate,
    signal: AbortSignal,
  ): Promise<RevocationList | undefined> {
    const key = `${url} ${issuer.fingerprint256}`;
    let asked = this.#lists.get(key);
    if (asked === undefined) {
      asked = this.#fetch(url, { largest: LARGEST_LIST, signal }).then((bytes) =>
        bytes === undefined ? undefined : RevocationList.read(bytes, issuer),
      );
      this.#lists.set(key, asked);
    }
    return asked;
  }
}

/** Of one certificate; undefined where nobody says anything. */
type Said = Omit<Revoked, "position"> | "good";

function saidBy(standing: Standing, by: Revoked["by"]): Said {
  if (standing.kind === "good") return "good";
  const { at, reason } = standing;
  return { at: instantOf(at), by, ...(reason === undefined ? {} : { reason }) };
}

/** No more than two of each: the rest are mirrors. */
const MOST_SOURCES = 2;

interface Sources {
  readonly ocsp: readonly string[];
  readonly lists: readonly string[];
}

/** The library is stricter than those who take the certificate: what it cannot read names nobody. */
async function sourcesOf(certificate: X509Certificate): Promise<Sources> {
  return sourcesIn(certificate).catch(() => ({ ocsp: [], lists: [] }));
}

async function sourcesIn(certificate: X509Certificate): Promise<Sources> {
  const x509 = await loadX509();
  const parsed = new x509.X509Certificate(certificate.raw);
  const ocsp = parsed.getExtension(x509.AuthorityInfoAccessExtension)?.ocsp ?? [];
  const points = parsed.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
  const lists = points.flatMap(({ distributionPoint }) =>
    (distributionPoint?.fullName ?? []).flatMap(({ uniformResourceIdentifier: url }) => url ?? []),
  );
  return {
    ocsp: ocsp.map(({ value }) => value).slice(0, MOST_SOURCES),
    lists: lists.slice(0, MOST_SOURCES),
  };
}
