import type { Credential } from "../documents/credential.ts";
import { type Instant, parseInstant } from "../model/instant.ts";
import { currentVersion } from "../rotation/reconcile.ts";
import type { Status, VersionFact } from "../state/status.ts";

/** The dates that arithmetic works with, and where they come from. */
export interface CredentialFacts {
  /** Versions able to authenticate now, as last observed; empty where only the document speaks. */
  readonly live: readonly VersionFact[];
  /** Creation of the oldest live version, or what stands for it. */
  readonly last: Instant;
  readonly lastSource: string;
  /** The provider's own end of the version in use. */
  readonly endsAt: Instant | undefined;
  /** The status file was used. */
  readonly observed: boolean;
}

/**
 * Automated credentials take versions and dates from the status file if it knows any, else from the document; all
 * others take them from the document. A certificate counts as live only while promoted.
 */
export function factsOf(credential: Credential, status: Status | undefined, now: Instant): CredentialFacts {
  const { spec } = credential;
  const versions = spec.method === "automated" ? (status?.versions ?? []) : [];
  if (versions.length === 0) {
    const [text, source] = spec.rotatedAt === undefined ? [spec.createdAt, "createdAt of the document"] : [spec.rotatedAt, "rotatedAt of the document"];
    return { live: [], last: instantIn(text), lastSource: source, endsAt: optional(spec.expiresAt), observed: false };
  }
  const counted = versions.filter(({ live, promoted, expiresAt }) => live && (expiresAt === undefined || expiresAt > now) && (promoted || spec.type !== "tls-certificate"));
  const oldest = byCreation(counted)[0];
  const chosen = oldest ?? byCreation(versions).at(-1);
  if (chosen === undefined) throw new Error("a version was there a moment ago");
  const what = oldest === undefined ? "newest version (none can log in)" : "oldest live version";
  const endsAt = currentVersion(versions)?.expiresAt ?? optional(spec.expiresAt);
  return { live: counted, last: chosen.createdAt, lastSource: `${what} ${chosen.handle}${chosen.declared === true ? ", declared by people" : ""}`, endsAt, observed: true };
}

function byCreation(versions: readonly VersionFact[]): readonly VersionFact[] {
  return versions.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));
}

function optional(text: string | undefined): Instant | undefined {
  return text === undefined ? undefined : instantIn(text);
}

/** An instant of a document, which was checked when it was read. */
export function instantIn(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`a date that is none passed validation: ${text}`);
  return instant;
}
