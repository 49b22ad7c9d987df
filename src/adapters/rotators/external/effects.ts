import { EffectError } from "../../../core/model/errors.ts";
import type { Instant } from "../../../core/model/instant.ts";
import type { Evidence, Fence, Issued, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { type Description, readEvidence, readIssued, readVersions } from "./answers.ts";
import type { Peer } from "./peer.ts";

/** What identifies a version to the server. */
type VersionName = Pick<ObservedVersion, "handle" | "slot">;

/**
 * Every effect is answered with what lives at the server afterwards, and counts as done only when that shows it: an
 * answer that does not is UNKNOWN.
 */
export async function adoptVersion(
  peer: Peer,
  version: ObservedVersion,
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  const after = await peer.act("adopt", { version: named(version), mark }, readVersions, signal);
  checkDone(peer, "adopt", hasMark(find(after, version), mark));
}

/** One new version beside those that are there. */
export async function issueVersion(
  peer: Peer,
  description: Description,
  mark: Mark,
  occupied: readonly ObservedVersion[],
  signal: AbortSignal,
): Promise<Issued> {
  const { issued, after } = await peer.act(
    "issue",
    { mark, occupied: occupied.map(named) },
    (answer, reading) => ({
      issued: readIssued(answer, description, occupied, reading),
      after: readVersions(answer, reading),
    }),
    signal,
  );
  const made = find(after, issued);
  checkDone(peer, "issue", made?.live === true && made.slot === issued.slot && hasMark(made, mark));
  return issued;
}

export async function deactivateVersion(
  peer: Peer,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const left = await change(peer, "deactivate", version, fence, signal);
  checkDone(peer, "deactivate", left?.live === false && left.reactivatable && hasMark(left, fence.next));
}

export async function reactivateVersion(
  peer: Peer,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const left = await change(peer, "reactivate", version, fence, signal);
  checkDone(peer, "reactivate", left?.live === true && hasMark(left, fence.next));
}

export async function revokeVersion(
  peer: Peer,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const left = await change(peer, "revoke", version, fence, signal);
  checkDone(peer, "revoke", left === undefined || (!left.live && !left.reactivatable));
}

/** Ends what the version minted from `since` on. */
export async function containVersion(
  peer: Peer,
  version: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  return peer.act("contain", { version: named(version), since }, readEvidence, signal);
}

async function change(
  peer: Peer,
  operation: string,
  version: ObservedVersion,
  { expected, next }: Fence,
  signal: AbortSignal,
): Promise<ObservedVersion | undefined> {
  const fence = { expected: expected ?? null, next };
  return find(await peer.act(operation, { version: named(version), fence }, readVersions, signal), version);
}

function named({ handle, slot }: VersionName): VersionName {
  return { handle, slot };
}

function find(versions: readonly ObservedVersion[], { handle }: VersionName): ObservedVersion | undefined {
  return versions.find((version) => version.handle === handle);
}

function hasMark(version: ObservedVersion | undefined, { rotation, attempt, epoch }: Mark): boolean {
  const mark = version?.mark;
  return mark?.rotation === rotation && mark.attempt === attempt && mark.epoch === epoch;
}

function checkDone(peer: Peer, operation: string, done: boolean): void {
  if (done) return;
  throw new EffectError("unknown", "external-not-applied", `${peer.label} did not ${operation}`, {
    evidence: "it accepted the request, and says that something else is there",
    fix: "look into the log of the rotator's server; the next run asks again",
  });
}
