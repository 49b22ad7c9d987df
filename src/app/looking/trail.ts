import { sha256 } from "../../adapters/runtime/hash.ts";
import type { ReadSide } from "../../adapters/store/read-side.ts";
import type { AuditEntry } from "../../core/audit/entry.ts";
import { entriesOf, trailOf } from "../../core/audit/trail.ts";
import { type TrailVerdict, verifyTrail } from "../../core/audit/verify.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { AuditHead, StateFacts } from "../../core/state/facts.ts";
import { EMPTY_STATE } from "../../core/state/facts.ts";
import { nearest } from "../../core/text/nearest.ts";
import { lookAtMoment, type Moment, stateBranchOf } from "./look-around.ts";
import type { LookOptions } from "./sight.ts";

const END_OF_TIME = "9999-12-31T23:59:59Z" as Instant;

/** Head of the chain, with the commit that holds it; undefined: there is no trail yet. */
export interface Anchor extends AuditHead {
  readonly commit: string;
}

/** Checks the whole trail, also against what the commits of the state branch say its head was. */
export async function verifiedTrail(options: LookOptions, anchor: string | undefined): Promise<TrailVerdict> {
  const { side, state } = await recordsOf(options);
  return verifyTrail(await side.readAudit(state), sha256, anchor, await side.recordedHeads(state));
}

/**
 * The story of one credential, or the whole trail. Rejects with a CreError when neither the documents nor the trail
 * know the name.
 */
export async function storyOf(
  options: LookOptions,
  name: string | undefined,
): Promise<readonly AuditEntry[]> {
  const { side, state, moment } = await recordsOf(options);
  const all = entriesOf(await side.readAudit(state));
  if (name === undefined) return all;
  const story = trailOf(name, all);
  const { credentials } = moment.sight.documents;
  if (story.length > 0 || credentials.has(name)) return story;
  const near = nearest(name, [...credentials.keys(), ...all.flatMap(({ credential }) => credential ?? [])]);
  throw new CreError(
    "credential-unknown",
    `Neither the documents nor the trail know a credential \`${name}\`.`,
    {
      fix: near === undefined ? "`cre list` shows all." : `Did you mean \`${near}\`?`,
    },
  );
}

/** The head of the chain, to be kept elsewhere. */
export async function trailAnchor(options: LookOptions): Promise<Anchor | undefined> {
  const { side, sight, at } = await lookAtMoment(options);
  const { auditHead, commit } = await side.readState(stateBranchOf(sight.documents), at);
  return auditHead === undefined || commit === undefined ? undefined : { ...auditHead, commit };
}

interface Records {
  readonly side: ReadSide;
  readonly state: StateFacts;
  readonly moment: Moment;
}

/** The records, also where the end of the trail is damaged: that is for the verification to locate. */
async function recordsOf(options: LookOptions): Promise<Records> {
  const moment = await lookAtMoment(options);
  const { side, sight, at } = moment;
  const branch = stateBranchOf(sight.documents);
  try {
    return { side, moment, state: await side.readState(branch, at) };
  } catch (error) {
    if (!(error instanceof CreError) || error.code !== "audit-unreadable") throw error;
    const commit = at === undefined ? await side.stateAt(END_OF_TIME, branch) : at.commit;
    return { side, moment, state: { ...EMPTY_STATE, commit } };
  }
}
