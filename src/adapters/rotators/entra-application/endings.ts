import { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { foreignMark, refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { type Application, type Password, pathOf, readApplication } from "./application.ts";
import { change, type Graph, WRITES } from "./graph.ts";
import { markTag, readTag } from "./mark.ts";
import { placeOf } from "./site.ts";
import { untilVisible } from "./visible.ts";

const FIX =
  "find out who made it or changed the application's tags cre:…: another run, another repository, or a person (the tenant's audit log tells)";
/** Refusals that say nothing of the client secret itself. */
const ABOUT_THE_CALLER = new Set(["permission-missing", "throttled", "login-refused", "conflict"]);

/** Marks a client secret that was there before us, in the tags of its application. Idempotent for the same mark. */
export async function adoptSecret(
  graph: Graph,
  version: ObservedVersion,
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  const application = await readApplication(graph, signal);
  const { keyId, mark: present } = presentIn(graph, application, version);
  if (present !== undefined && !sameVersion(present, mark)) {
    throw foreignMark(`the client secret ${keyId}`, present, undefined, FIX);
  }
  refuseStale(keyId, present, mark.epoch);
  const tag = markTag(keyId, mark);
  if (present?.epoch === mark.epoch) return;
  const others = application.tags.filter((each) => readTag(each)?.keyId !== keyId);
  await writeTags(graph, [...others, tag], signal);
  await untilVisible(graph, `${keyId} is marked`, ({ tags }) => tags.includes(tag), signal);
}

/**
 * Removes a client secret that is marked as ours. Absent is success. Nothing brings it back, and Graph compares nothing:
 * what holds another run back between this look and the removal is the lease, which is checked right before.
 */
export async function revokeSecret(
  graph: Graph,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const found = find(await readApplication(graph, signal), version);
  if (found !== undefined) {
    refuseForeign(found, fence);
    await removePassword(graph, found.keyId, signal);
  }
  const left = await untilVisible(
    graph,
    `${version.handle} is gone`,
    (application) => find(application, version) === undefined,
    signal,
  );
  await tidyUp(graph, left, signal);
}

/** Refuses a mark that is neither the expected one nor the one that the effect would leave, and an older run. */
function refuseForeign({ keyId, mark }: Password, { expected, next }: Fence): void {
  const fits =
    mark === undefined ? expected === undefined : sameVersion(mark, expected) || sameVersion(mark, next);
  if (!fits || mark === undefined) throw foreignMark(`the client secret ${keyId}`, mark, expected, FIX);
  refuseStale(keyId, mark, next.epoch);
}

/** Refused because it is gone already is success. */
async function removePassword(graph: Graph, keyId: string, signal: AbortSignal): Promise<void> {
  try {
    await change(graph, removal(graph, keyId), signal);
  } catch (error) {
    const isAboutIt =
      error instanceof EffectError && error.outcome === "refused" && !ABOUT_THE_CALLER.has(error.code);
    if (!isAboutIt) throw error;
    const { passwords } = await readApplication(graph, signal);
    if (passwords.some((password) => password.keyId === keyId)) throw error;
  }
}

/** The request that removes a client secret. */
export function removal({ site }: Graph, keyId: string) {
  return {
    method: "POST",
    path: pathOf(site, "/removePassword"),
    body: { keyId },
    action: "removePassword",
    permission: WRITES,
  } as const;
}

/** Marks of client secrets that are gone. Failing at this is no refusal any more: what mattered is done. */
async function tidyUp(graph: Graph, { tags, passwords }: Application, signal: AbortSignal): Promise<void> {
  const isStale = (tag: string): boolean => {
    const keyId = readTag(tag)?.keyId;
    return keyId !== undefined && passwords.every((password) => password.keyId !== keyId);
  };
  if (!tags.some(isStale)) return;
  try {
    await writeTags(
      graph,
      tags.filter((tag) => !isStale(tag)),
      signal,
    );
  } catch (error) {
    throw inDoubt(error);
  }
}

/** Graph takes the whole list: what somebody else adds between our look and this is lost, as it is for the portal. */
async function writeTags(graph: Graph, tags: readonly string[], signal: AbortSignal): Promise<void> {
  await change(
    graph,
    {
      method: "PATCH",
      path: pathOf(graph.site),
      body: { tags },
      action: "update the tags",
      permission: WRITES,
    },
    signal,
  );
}

function find({ passwords }: Application, { handle }: ObservedVersion): Password | undefined {
  return passwords.find(({ keyId }) => keyId === handle);
}

function presentIn({ site }: Graph, application: Application, version: ObservedVersion): Password {
  const found = find(application, version);
  if (found !== undefined) return found;
  throw new EffectError(
    "refused",
    "version-gone",
    `${placeOf(site)} has no client secret ${version.handle}`,
    {
      fix: "find out who removed it (the tenant's audit log tells)",
      retryable: false,
    },
  );
}
