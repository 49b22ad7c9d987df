import { type Instant, instantOf, parseInstant } from "../../../core/model/instant.ts";
import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import type { VersionFact } from "../../../core/state/status.ts";
import { renewalId } from "../../clients/x509/chain.ts";
import { certificateIn } from "./place.ts";
import type { Site } from "./site.ts";

type Window = NonNullable<ObservedVersion["renewal"]>;

/**
 * When the CA wants this certificate renewed (ARI, RFC 9773), as far as it says so and what it says makes sense.
 * Undefined otherwise, without a word: then its lifetime decides.
 */
export async function renewalWindow(
  { ca }: Site,
  { slot, createdAt, expiresAt }: Pick<VersionFact, "slot" | "createdAt" | "expiresAt">,
  signal: AbortSignal,
): Promise<Window | undefined> {
  try {
    const { renewalInfo } = await ca.directory(signal);
    const id = renewalInfo === undefined ? undefined : await renewalIdIn(slot);
    if (renewalInfo === undefined || id === undefined) return undefined;
    return readWindow(await ca.look(`${renewalInfo.replace(/\/$/, "")}/${id}`, signal), {
      createdAt,
      expiresAt,
    });
  } catch {
    // It is an offer: a CA that is out does not keep a run from looking at anything else.
    return undefined;
  }
}

/** What ARI calls the certificate in a slot. */
export async function renewalIdIn(slot: string): Promise<string | undefined> {
  const leaf = await certificateIn(slot);
  return leaf === undefined ? undefined : renewalId(leaf.der);
}

/**
 * The window in an answer; undefined for one that is none, that goes beyond the certificate's own end, or that had begun
 * before there was this certificate: one that is renewed at once would be renewed for ever.
 */
export function readWindow(
  answer: unknown,
  { createdAt, expiresAt }: { readonly createdAt: string; readonly expiresAt: string | undefined },
): Window | undefined {
  // `as`: each field is looked at.
  const { suggestedWindow } = (answer ?? {}) as { suggestedWindow?: { start?: unknown; end?: unknown } };
  const start = momentOf(suggestedWindow?.start);
  const end = momentOf(suggestedWindow?.end);
  if (start === undefined || end === undefined || end <= start) return undefined;
  if (start <= createdAt || (expiresAt !== undefined && end > expiresAt)) return undefined;
  return { start, end };
}

/** RFC 3339 with whatever offset and precision a CA writes. */
function momentOf(value: unknown): Instant | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return undefined;
  const read = parseInstant(value);
  if (read !== undefined) return read;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : instantOf(at / 1000);
}
