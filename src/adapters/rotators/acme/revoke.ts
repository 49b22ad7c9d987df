import { servedEvidence } from "../../../core/certificates/standing.ts";
import { EffectError } from "../../../core/model/errors.ts";
import type { Evidence, Fence, ObservedVersion } from "../../../core/ports/rotator.ts";
import { foreignMark, refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import type { ChainLink } from "../../clients/x509/chain.ts";
import { CaRefusal } from "./failure.ts";
import { servedNow } from "./observe.ts";
import { certificateIn, handleOf } from "./place.ts";
import type { Site } from "./site.ts";

/** How a CA refuses what is not this account's, and what it never issued. */
const FOREIGN: ReadonlySet<string> = new Set(["acme-unauthorized", "acme-refused"]);
/** Reasons of RFC 5280 5.3.1 that CAs take from subscribers. */
const REASONS = { keyCompromise: 1, superseded: 4 } as const;

/**
 * The end of a version. One that consumers used before only runs out: nothing that still shows it stops working on a
 * visitor's next look at a revocation list. An orphan, whose key nobody has, is revoked as superseded.
 */
export async function revokeVersion(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const fact = site.recorded.get(version.handle);
  const mark = fact?.mark ?? version.mark;
  if (mark !== undefined && !sameVersion(mark, fence.expected) && !sameVersion(mark, fence.next)) {
    throw foreignMark(
      `the certificate ${version.handle}`,
      mark,
      fence.expected,
      "find out who set the state branch back",
    );
  }
  refuseStale(`the certificate ${version.handle}`, mark, fence.next.epoch);
  if (signal.aborted) {
    throw new EffectError("refused", "interrupted", `interrupted before ${version.handle} was revoked`);
  }
  if (fact === undefined || fact.promoted) return;
  const leaf = await certificateOf(version);
  if (leaf !== undefined) await revokeAt(site, leaf, "superseded", signal);
}

/**
 * After an incident: the CA says that the key is compromised, whoever asks it. What still serves the certificate is
 * named, since visitors who ask nobody take it until its end.
 */
export async function containCertificate(
  site: Site,
  version: Pick<ObservedVersion, "handle" | "slot">,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  const leaf = await certificateOf(version);
  const atCa = leaf === undefined ? unknownAt(site, version) : await endAt(site, leaf, signal);
  return [atCa, ...servedEvidence(version, await servedNow(site, signal), handleOf)];
}

async function endAt(site: Site, leaf: ChainLink, signal: AbortSignal): Promise<Evidence> {
  const place = `${handleOf(leaf.facts)} at ${site.ca.label}`;
  if (leaf.facts.notAfter <= site.ports.clock.now()) {
    return { place, dead: true, detail: `past its end since ${leaf.facts.notAfter}` };
  }
  try {
    await revokeAt(site, leaf, "keyCompromise", signal);
    return { place, dead: true, detail: "revoked for key compromise" };
  } catch (error) {
    // Asking again changes nothing: it is another account's or another CA's, and a person has to go there.
    if (!(error instanceof EffectError) || !FOREIGN.has(error.code)) throw error;
    return {
      place,
      dead: false,
      detail: `not revoked: ${error.evidence}; revoke it with the tool and at the CA that ordered it`,
    };
  }
}

function unknownAt({ ca }: Site, { handle }: Pick<ObservedVersion, "handle">): Evidence {
  return {
    place: `${handle} at ${ca.label}`,
    dead: false,
    detail: "not revoked: this tool has no copy of it; revoke it with the tool that ordered it, or at the CA",
  };
}

/** By the account's key: a CA refuses it for what another account ordered and whose names this one has not proven. */
async function revokeAt(
  site: Site,
  leaf: ChainLink,
  reason: keyof typeof REASONS,
  signal: AbortSignal,
): Promise<void> {
  await site.ca.act("revoke a certificate", signal, async ({ client }) => {
    try {
      // Its type for reasons is an enum with the same numbers.
      const data: object = { reason: REASONS[reason] };
      await client.revokeCertificate(leaf.pem, data);
    } catch (error) {
      if (!(error instanceof CaRefusal) || error.problem?.type !== "alreadyRevoked") throw error;
    }
  });
}

/** The certificate of a version as its slot says; undefined where we never had it. Never another one. */
async function certificateOf({
  handle,
  slot,
}: Pick<ObservedVersion, "handle" | "slot">): Promise<ChainLink | undefined> {
  const leaf = await certificateIn(slot);
  if (leaf === undefined || handleOf(leaf.facts) === handle) return leaf;
  throw new EffectError("refused", "foreign-mark", `${handle} is not what stands in its slot`, {
    evidence: `there is ${handleOf(leaf.facts)}`,
    fix: "find out who changed the record on the state branch",
    retryable: false,
  });
}
