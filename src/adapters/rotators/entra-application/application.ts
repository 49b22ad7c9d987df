import { type Instant, instantOf, parseInstant } from "../../../core/model/instant.ts";
import type { Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { sameVersion } from "../../../core/rotation/fence.ts";
import { strangeAnswer } from "./failure.ts";
import { ask, type Graph, type GraphCall, WRITES } from "./graph.ts";
import { readName, readTag } from "./mark.ts";
import { placeOf, type Site } from "./site.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Longest text of people that others get to see. */
const LONGEST_TEXT = 60;

/** A client secret of an application as Graph shows it; the secret itself is shown by nothing. */
export interface Password {
  readonly keyId: string;
  /** The name that people gave, or our mark. */
  readonly name: string | undefined;
  /** Its first characters, by which people know it. */
  readonly hint: string | undefined;
  readonly since: Instant | undefined;
  readonly until: Instant | undefined;
  readonly mark: Mark | undefined;
}

/** An application at one moment. */
export interface Application {
  readonly passwords: readonly Password[];
  readonly tags: readonly string[];
}

/** Where Graph has the application; `below`: an action, or a query. */
export function pathOf({ applicationId }: Site, below = ""): string {
  return `/v1.0/applications(appId='${applicationId}')${below}`;
}

/** The application with its client secrets and their marks. Rejects with EffectError. */
export async function readApplication(graph: Graph, signal: AbortSignal): Promise<Application> {
  const call: GraphCall = {
    method: "GET",
    path: pathOf(graph.site, "?$select=appId,passwordCredentials,tags"),
    action: "read the client secrets",
    permission: WRITES,
  };
  const answer = await ask(graph, call, signal);
  const asked = { place: placeOf(graph.site), action: call.action, permission: call.permission };
  const problem = (evidence: string) => strangeAnswer(asked, evidence);
  const fields = fieldsOf(answer);
  const { appId, passwordCredentials: credentials, tags } = fields ?? {};
  if (typeof appId !== "string" || appId.toLowerCase() !== graph.site.applicationId.toLowerCase()) {
    throw problem("it is about another application");
  }
  if (!Array.isArray(credentials)) throw problem("it has no list of client secrets");
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string")) {
    throw problem("it has no list of tags");
  }
  const found = credentials.map((credential: unknown) => passwordIn(credential));
  const passwords = found.filter((password) => password !== undefined);
  if (passwords.length < found.length) throw problem("a client secret in it has no id or no dates");
  if (new Set(passwords.map(({ keyId }) => keyId)).size < passwords.length) {
    throw problem("two client secrets in it have the same id");
  }
  return { passwords: marked(passwords, tags), tags };
}

/** A client secret without its mark, read from Graph's answer; undefined where it is none. */
export function passwordIn(credential: unknown): Omit<Password, "mark"> | undefined {
  const { keyId, displayName, hint, startDateTime, endDateTime } = fieldsOf(credential) ?? {};
  const id = typeof keyId === "string" ? keyId.toLowerCase() : "";
  const since = dateIn(startDateTime);
  const until = dateIn(endDateTime);
  if (!GUID.test(id) || since === null || until === null) return undefined;
  return { keyId: id, name: textIn(displayName), hint: textIn(hint), since, until };
}

/**
 * Marks stand in the names of those that we made, and in the application's tags for those that were there before us. A
 * mark that two have is nobody's: somebody copied it, and neither can be told from the other.
 */
function marked(passwords: readonly Omit<Password, "mark">[], tags: readonly string[]): readonly Password[] {
  const byTag = tags.map(readTag).filter((found) => found !== undefined);
  const each = passwords.map((password): Password => {
    const tagged = byTag.filter(({ keyId }) => keyId === password.keyId);
    const [tag, ...more] = tagged;
    return withMark(password, readName(password.name) ?? (more.length > 0 ? undefined : tag?.mark));
  });
  return each.map((password) => {
    const isTwice = each.some((other) => other !== password && sameVersion(other.mark, password.mark));
    return isTwice ? withMark(password, undefined) : password;
  });
}

function withMark(password: Omit<Password, "mark">, mark: Mark | undefined): Password {
  return { ...password, mark };
}

/** Able to sign in now. Its beginning is not looked at: Graph's clock may be ahead of ours. */
export function isLive({ until }: Password, now: Instant): boolean {
  return until === undefined || until > now;
}

/** What the engine is shown of a client secret. */
export function versionOf(password: Password, now: Instant): ObservedVersion {
  const { keyId, since, until, mark } = password;
  return {
    handle: keyId,
    slot: keyId,
    live: isLive(password, now),
    // A client secret that was removed or has ended never comes back.
    reactivatable: false,
    ...(since === undefined ? {} : { createdAt: since }),
    ...(until === undefined ? {} : { expiresAt: until }),
    ...(mark === undefined ? { note: described(password) } : {}),
    ...(mark === undefined ? {} : { mark }),
  };
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function shown(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, LONGEST_TEXT);
}

/** For people who must tell one from another: what the portal shows of it. */
export function described({ name, hint, since, until }: Password): string {
  return [
    name === undefined || name === "" ? "without a description" : `description "${shown(name)}"`,
    ...(hint === undefined || hint === "" ? [] : [`begins with ${shown(hint.slice(0, 3))}`]),
    ...(since === undefined ? [] : [`made ${since}`]),
    until === undefined ? "without an end" : `ends ${until}`,
  ].join(", ");
}

/** undefined: there is none; null: it is no date. Offsets of other zones than UTC are read as well. */
export function dateIn(value: unknown): Instant | undefined | null {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "string" || value.length > 40) return null;
  const exact = parseInstant(value);
  if (exact !== undefined) return exact;
  const [, local = "", sign, hours, minutes] = /^(.+T.+)([+-])(\d{1,2}):(\d{2})$/.exec(value) ?? [];
  const instant = parseInstant(`${local}Z`);
  if (instant === undefined) return null;
  const offset = Number(hours) * 3600 + Number(minutes) * 60;
  return instantOf(Date.parse(instant) / 1000 + (sign === "+" ? -offset : offset));
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
