import type { Credential } from "../documents/credential.ts";
import { type Instant, parseInstant } from "../model/instant.ts";
import { canAuthenticate, currentVersion } from "../rotation/reconcile.ts";
import type { Served } from "../state/served.ts";
import type { Status, VersionFact } from "../state/status.ts";
import { compareKeys } from "./order.ts";
import { isServed, servedEnd, servedSince } from "./served-facts.ts";

/** The provider's own end of the version in use. */
export interface OwnEnd {
  readonly at: Instant;
  readonly source: string;
  /** From when on its lifetime runs. */
  readonly since: Instant;
  /** When the provider wants it renewed (RFC 9773). */
  readonly renewal?: { readonly start: Instant; readonly end: Instant };
}

/** The dates that arithmetic works with, and where they come from. */
export interface CredentialFacts {
  /** Versions that were able to authenticate when last observed, and are before their own end. */
  readonly live: readonly VersionFact[];
  /** Creation of the oldest live version, or what stands for it. */
  readonly last: Instant;
  readonly lastSource: string;
  readonly end: OwnEnd | undefined;
  /** The record's versions, and not the document, say what lives. */
  readonly observed: boolean;
}

/**
 * Automated and delegated credentials take versions and dates from the status file if it knows of any, else from the
 * document; manual ones take them from the document. A record that once knew versions and has none any more says that
 * nothing lives. A certificate counts as live only while promoted or served.
 */
export function factsOf(credential: Credential, status: Status | undefined, now: Instant): CredentialFacts {
  const { spec } = credential;
  const versions = status?.versions ?? [];
  const live = versions.filter((version) => isLive(version, credential, status?.served, now));
  const observed = spec.method !== "manual" && (versions.length > 0 || status?.adoptedAt !== undefined);
  const { last, lastSource } = lastOf(credential, observed ? status : undefined, live, status?.served);
  return { live, last, lastSource, observed, end: endOf(credential, status, observed, last) };
}

function isLive(
  version: VersionFact,
  { spec }: Credential,
  served: Served | undefined,
  now: Instant,
): boolean {
  if (!canAuthenticate(version, now)) return false;
  return spec.type !== "tls-certificate" || version.promoted || isServed(version, served);
}

function lastOf(
  { spec }: Credential,
  status: Status | undefined,
  live: readonly VersionFact[],
  served: Served | undefined,
): Pick<CredentialFacts, "last" | "lastSource"> {
  const oldest = byCreation(live)[0];
  const version = oldest ?? byCreation(status?.versions ?? []).at(-1);
  if (status !== undefined && version !== undefined) {
    const what =
      oldest === undefined ? "newest version, since none can authenticate," : "oldest live version";
    const declared = version.declared === true ? ", a date that people declared" : "";
    return { last: version.createdAt, lastSource: `creation of the ${what} ${version.handle}${declared}` };
  }
  const rotatedAt = status?.rotatedAt;
  if (rotatedAt !== undefined) return { last: rotatedAt, lastSource: "last recorded rotation" };
  const since = spec.method === "delegated" ? servedSince(served) : undefined;
  if (since !== undefined) return { last: since, lastSource: "oldest certificate that is served" };
  const [text, field] =
    spec.rotatedAt === undefined ? [spec.createdAt, "createdAt"] : [spec.rotatedAt, "rotatedAt"];
  return { last: instantIn(text), lastSource: `${field} of the document` };
}

/**
 * The record's word about the version in use, for certificates also where a person rotates them: what is served is
 * what counts. The document's `expiresAt` speaks of the version that was there when it was written, so it says nothing
 * about a version that was issued since.
 */
function endOf(
  { spec }: Credential,
  status: Status | undefined,
  observed: boolean,
  last: Instant,
): OwnEnd | undefined {
  const versions = status?.versions ?? [];
  const inUse = observed || spec.type === "tls-certificate" ? currentVersion(versions) : undefined;
  const served = servedEnd(status?.served, spec.method === "automated" ? inUse : undefined);
  if (served !== undefined) return { ...served, ...renewalOf(inUse) };
  if (inUse?.expiresAt !== undefined) {
    return {
      at: inUse.expiresAt,
      source: `end of the version in use ${inUse.handle}`,
      since: inUse.notBefore ?? inUse.createdAt,
      ...renewalOf(inUse),
    };
  }
  if (spec.expiresAt === undefined || inUse?.origin === "issued") return undefined;
  return { at: instantIn(spec.expiresAt), source: "expiresAt of the document", since: last };
}

function renewalOf(version: VersionFact | undefined): Pick<OwnEnd, "renewal"> {
  return version?.renewal === undefined ? {} : { renewal: version.renewal };
}

function byCreation(versions: readonly VersionFact[]): readonly VersionFact[] {
  return versions.toSorted((a, b) => compareKeys([a.createdAt, a.handle], [b.createdAt, b.handle]));
}

/** An instant of a document, which was checked when it was read. */
export function instantIn(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`a date that is none passed validation: ${text}`);
  return instant;
}
