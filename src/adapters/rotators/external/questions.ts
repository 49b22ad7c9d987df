import { templateParts } from "../../../core/delivery/render-values.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { deliverKind } from "../../../core/documents/deliver.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { Instant } from "../../../core/model/instant.ts";
import type { Issued, ObservedVersion, UseEvidence } from "../../../core/ports/rotator.ts";
import type { Pause } from "../../../core/ports/runtime.ts";
import { type Description, readDescription, readUse, readVerdict, readVersions } from "./answers.ts";
import { plainParts } from "./known-parts.ts";
import type { Peer } from "./peer.ts";

/** Seconds before each further try to sign in: a platform may learn of a new version a little later. */
const PAUSES = [1, 2, 4, 8];

export async function describe(peer: Peer, signal: AbortSignal): Promise<Description> {
  return peer.ask("describe", {}, readDescription, signal);
}

export async function observe(peer: Peer, signal: AbortSignal): Promise<readonly ObservedVersion[]> {
  return peer.ask("observe", {}, readVersions, signal);
}

/**
 * Asks the server for everything that it can know beforehand, compares it with what this run was bound to, and looks
 * whether a new version has room and has the parts that the targets want. Versions that are all nobody's are left to
 * the adoption, and those of ours to who removes orphans.
 */
export async function preflight(
  peer: Peer,
  bound: Description,
  spec: CredentialSpec,
  signal: AbortSignal,
): Promise<void> {
  const now = await describe(peer, signal);
  if (!isSame(bound, now)) {
    throw new CreError("external-changed", `${peer.label} has changed what it can do since this run began`, {
      fix: "nothing: the next run goes by what it says then",
    });
  }
  for (const part of wantedParts(spec)) {
    if (now.parts.includes(part)) continue;
    throw new CreError(
      "template-part-unknown",
      `a target wants the part ${part}, which ${peer.label} does not publish`,
      {
        fix: `use ${now.parts.map((one) => `{${one}}`).join(" ")}`,
      },
    );
  }
  const versions = await observe(peer, signal);
  const strangers = versions.filter(({ mark }) => mark === undefined);
  if (versions.length < now.slots || strangers.length === 0 || strangers.length === versions.length) return;
  throw new CreError("no-free-slot", `${peer.label} has no room for a new version`, {
    evidence: `it takes ${now.slots}, and not ours: ${strangers.map(described).join("; ")}`,
    fix: "find out whose it is, and remove it there: this tool never touches it",
  });
}

/** The server signs in as a consumer would; its own probe never counts as use. */
export async function verify(
  peer: Peer,
  { publicParts }: Description,
  issued: Issued,
  pause: Pause,
  signal: AbortSignal,
): Promise<void> {
  for (const [name, part] of issued.parts) if (!publicParts.includes(name)) peer.known.keep(part);
  const version = { handle: issued.handle, slot: issued.slot };
  for (let tries = 0; ; tries += 1) {
    const parts = plainParts(issued.parts);
    const verdict = await peer.ask("verify", { version, parts }, readVerdict, signal);
    if (verdict.accepted) return;
    const wait = PAUSES[tries];
    if (wait === undefined) {
      throw new CreError("verify-refused", `${peer.label} cannot sign in with the new version`, {
        ...(verdict.detail === undefined ? {} : { evidence: verdict.detail }),
        fix: "look into the log of the rotator's server, and whether the platform behind it accepts the version",
      });
    }
    await pause(wait, signal);
    signal.throwIfAborted();
  }
}

export async function inUse(
  peer: Peer,
  version: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<UseEvidence> {
  const fields = { version: { handle: version.handle, slot: version.slot }, since };
  return peer.ask("in-use", fields, (answer, reading) => readUse(answer, since, reading), signal);
}

/** Names of parts that the templates of the deliveries use. */
function wantedParts(spec: CredentialSpec): readonly string[] {
  const templates = (spec.deliver ?? []).flatMap((entry) => {
    const delivery = entry[deliverKind(entry)];
    return delivery !== undefined && "values" in delivery ? Object.values(delivery.values ?? {}) : [];
  });
  return [...new Set(templates.flatMap(templateParts))];
}

function isSame(a: Description, b: Description): boolean {
  return summary(a) === summary(b);
}

function summary({ operations, parts, publicParts }: Description): string {
  return JSON.stringify([[...operations].toSorted(), parts.toSorted(), publicParts.toSorted()]);
}

function described({ handle, live, createdAt, note }: ObservedVersion): string {
  const since = createdAt === undefined ? "" : `, since ${createdAt}`;
  return `${handle} (${live ? "can log in" : "cannot log in"}${since}${note === undefined ? "" : `, ${note}`})`;
}
