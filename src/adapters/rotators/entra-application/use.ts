import { EffectError } from "../../../core/model/errors.ts";
import { addTo, type Instant } from "../../../core/model/instant.ts";
import type { ObservedVersion, UseEvidence } from "../../../core/ports/rotator.ts";
import { dateIn, fieldsOf } from "./application.ts";
import { strangeAnswer } from "./failure.ts";
import { ask, type Graph, type GraphCall } from "./graph.ts";
import { placeOf } from "./site.ts";

/**
 * How late the report may tell of a sign-in, in seconds. Microsoft promises nothing for it; its other reports of
 * sign-in activity say a day, and this is twice as long. Until then the lack of a sign-in proves nothing.
 */
export const REPORTING_LAG = 48 * 3600;
/** A sign-in that the report puts on midnight was some time on that day, in seconds. */
const DAY = 86_399;
/** Otherwise it may have been so many seconds later. */
export const COARSENESS = 59;
/** How long after its making a client secret's use is our own look whether it works. */
const OWN_LOOK = 600;
const LARGEST_NUMBER_OF_PAGES = 20;

/** What the report says of one client secret; undefined: no sign-in. */
interface Activity {
  /** The report knows sign-ins of this application: not seeing one of this client secret means something. */
  readonly isCovered: boolean;
  readonly at: Instant | undefined;
}

/**
 * Whether a client secret was used since then, as the report of sign-in activity by credential tells it (beta): late, so
 * that a sign-in is proof and the lack of one is only worth something when there was time to tell. Our own look at a new
 * one is no use. Without the right to read the report, or its licence, the answer is `unknown`.
 */
export async function useOfSecret(
  graph: Graph,
  version: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<UseEvidence> {
  const activity = await activityOf(graph, version.handle, signal);
  if (typeof activity === "string") return { kind: "unknown", detail: activity };
  const { isCovered, at } = activity;
  const detail = `${version.handle} ${at === undefined ? "never signed in" : `signed in last ${at}`}`;
  if (at !== undefined && addTo(at, coarseness(at)) >= since && !isOwnLook(at, version.createdAt)) {
    return { kind: "used", at, detail };
  }
  if (!isCovered) {
    return { kind: "unknown", detail: `the report of sign-ins knows none of ${placeOf(graph.site)}` };
  }
  const told = addTo(since, REPORTING_LAG);
  if (graph.site.ports.clock.now() < told) {
    return { kind: "unknown", detail: `${detail}; the report may tell of later sign-ins until ${told}` };
  }
  return { kind: "silent", sampled: false, detail };
}

/** Why the report cannot be read; undefined: it can. Rejects with EffectError for what passes. */
export async function blindness(graph: Graph, signal: AbortSignal): Promise<string | undefined> {
  const activity = await activityOf(graph, "", signal);
  return typeof activity === "string" ? activity : undefined;
}

/** A text says why nobody can tell. */
async function activityOf(graph: Graph, keyId: string, signal: AbortSignal): Promise<Activity | string> {
  try {
    return await readActivity(graph, keyId, signal);
  } catch (error) {
    if (!(error instanceof EffectError) || error.retryable) throw error;
    const { message, evidence } = error;
    return [message, evidence].filter((part) => part !== undefined).join(": ");
  }
}

async function readActivity(graph: Graph, keyId: string, signal: AbortSignal): Promise<Activity> {
  const { site } = graph;
  const filter = encodeURIComponent(`appId eq '${site.applicationId}'`);
  let path = `/beta/reports/appCredentialSignInActivities?$filter=${filter}`;
  let isCovered = false;
  let latest: Instant | undefined;
  for (let pages = 0; pages < LARGEST_NUMBER_OF_PAGES; pages += 1) {
    const call: GraphCall = {
      method: "GET",
      path,
      action: "read the report of sign-ins",
      permission: "AuditLog.Read.All",
    };
    const asked = { place: placeOf(site), action: call.action, permission: call.permission };
    const { value, "@odata.nextLink": next } = fieldsOf(await ask(graph, call, signal)) ?? {};
    if (!Array.isArray(value)) throw strangeAnswer(asked, "it has no list of sign-ins");
    for (const entry of value.map(fieldsOf)) {
      if (!isSame(entry?.["appId"], site.applicationId)) continue;
      const { lastSignInDateTime } = fieldsOf(entry?.["signInActivity"]) ?? {};
      const at = dateIn(lastSignInDateTime);
      if (at === null) throw strangeAnswer(asked, "a sign-in in it has no date");
      if (at === undefined) continue;
      isCovered = true;
      if (isSame(entry?.["keyId"], keyId) && (latest === undefined || latest < at)) latest = at;
    }
    if (next === undefined) return { isCovered, at: latest };
    const url = typeof next === "string" ? URL.parse(next) : null;
    if (url?.origin !== site.endpoint.origin) throw strangeAnswer(asked, "it goes on at another server");
    path = `${url.pathname}${url.search}`;
  }
  // Not all of it was seen: a use is proof, and the lack of one is not.
  return { isCovered: false, at: latest };
}

function isSame(value: unknown, wanted: string): boolean {
  return typeof value === "string" && value.toLowerCase() === wanted.toLowerCase();
}

function coarseness(at: Instant): number {
  return at.endsWith("T00:00:00Z") ? DAY : COARSENESS;
}

/** Whether a sign-in can only have been our own look whether the new client secret works. */
function isOwnLook(at: Instant, createdAt: Instant | undefined): boolean {
  return createdAt !== undefined && at <= addTo(createdAt, OWN_LOOK);
}
