import { addTo, type Instant } from "../../../core/model/instant.ts";
import { Secret, type SecretParts } from "../../../core/model/secret.ts";
import type { Evidence, Issued, Mark, ObservedVersion, UseEvidence } from "../../../core/ports/rotator.ts";
import type { Field } from "./field.ts";
import type { KnownParts } from "./known-parts.ts";

const HANDLE = /^[A-Za-z0-9][A-Za-z0-9._:@/+=-]{0,199}$/;
const SLOT = /^[A-Za-z0-9][A-Za-z0-9._:@/+=-]{0,63}$/;
const MARK_ID = /^[A-Za-z0-9._-]{1,80}$/;
const PART = /^[A-Za-z][A-Za-z0-9]{0,62}$/;
const OPERATION = /^[a-z][a-z-]{0,39}$/;
const MOST_VERSIONS = 50;
const MOST_PARTS = 32;
const LONGEST_PART = 64 * 1024;
/** How far the server's clock may be ahead of ours. */
const AHEAD_SECONDS = 300;
/** How long before its answer a version that was asked for just now can have been made. */
const FRESH_SECONDS = 600;

/** What a server says about itself for one object. */
export interface Description {
  readonly operations: ReadonlySet<string>;
  /** Names of the parts that a new version has. */
  readonly parts: readonly string[];
  /** Those of them that are no secret. */
  readonly publicParts: readonly string[];
  /** How many versions can be there at once. */
  readonly slots: number;
}

/** What the readers compare an answer with. */
export interface Reading {
  readonly known: KnownParts;
  readonly now: Instant;
}

export function readDescription(answer: Field): Description {
  const operations = answer
    .get("operations")
    .list(50)
    .map((one) => one.matching(OPERATION));
  const field = answer.get("parts");
  const parts = field.list(MOST_PARTS).map((one) => one.matching(PART));
  const publicParts = answer.optional("publicParts")?.list(MOST_PARTS) ?? [];
  if (parts.length === 0 || new Set(parts).size !== parts.length) throw field.wrong("needs names, each once");
  for (const one of publicParts) one.oneOf(parts);
  const offered = new Set(operations);
  if (offered.has("deactivate") !== offered.has("reactivate")) {
    throw answer.get("operations").wrong("has only one of deactivate and reactivate");
  }
  const slots = answer.get("slots").count(MOST_VERSIONS);
  if (slots < 2) throw answer.get("slots").wrong("is less than 2: a new version lives beside the old one");
  return { operations: offered, parts, publicParts: publicParts.map((one) => one.text()), slots };
}

/** What lives at the server: each handle and each slot once. */
export function readVersions(answer: Field, reading: Reading): readonly ObservedVersion[] {
  const field = answer.get("versions");
  const [handles, slots] = [new Set<string>(), new Set<string>()];
  return field.list(MOST_VERSIONS).map((one) => {
    const version = readVersion(one, reading);
    if (handles.has(version.handle)) throw one.get("handle").wrong("is that of another version, too");
    if (slots.has(version.slot)) throw one.get("slot").wrong("is that of another version, too");
    handles.add(version.handle);
    slots.add(version.slot);
    return version;
  });
}

function readVersion(field: Field, reading: Reading): ObservedVersion {
  const createdAt = field.optional("createdAt");
  const expiresAt = field.optional("expiresAt")?.instant();
  const mark = field.optional("mark");
  const note = field.optional("note");
  const shown = note === undefined ? undefined : reading.known.shown(note.text());
  return {
    handle: publicWord(field.get("handle"), HANDLE, reading),
    slot: publicWord(field.get("slot"), SLOT, reading),
    live: field.get("live").flag(),
    reactivatable: field.get("reactivatable").flag(),
    ...(createdAt === undefined ? {} : { createdAt: past(createdAt, reading) }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(mark === undefined ? {} : { mark: readMark(mark, reading) }),
    ...(shown === undefined ? {} : { note: shown }),
  };
}

function readMark(field: Field, reading: Reading): Mark {
  return {
    rotation: publicWord(field.get("rotation"), MARK_ID, reading),
    attempt: publicWord(field.get("attempt"), MARK_ID, reading),
    epoch: field.get("epoch").count(Number.MAX_SAFE_INTEGER),
  };
}

/** A new version. Its parts are known from here on, so that nothing that is written down can hold them. */
export function readIssued(
  answer: Field,
  description: Description,
  occupied: readonly ObservedVersion[],
  reading: Reading,
): Issued {
  const field = answer.get("issued");
  const parts = readParts(field.get("parts"), description, reading.known);
  const handle = publicWord(field.get("handle"), HANDLE, reading);
  const slot = publicWord(field.get("slot"), SLOT, reading);
  if (occupied.some((version) => version.handle === handle)) {
    throw field.get("handle").wrong("is that of a version before it");
  }
  if (occupied.some((version) => version.slot === slot)) {
    throw field.get("slot").wrong("is that of a version before it");
  }
  const createdAt = past(field.get("createdAt"), reading);
  if (createdAt < addTo(reading.now, -FRESH_SECONDS)) {
    throw field.get("createdAt").wrong(`is more than ${FRESH_SECONDS} s ago`);
  }
  const expiresAt = field.optional("expiresAt")?.instant();
  if (expiresAt !== undefined && expiresAt <= reading.now) {
    throw field.get("expiresAt").wrong("is over already");
  }
  return { handle, slot, createdAt, ...(expiresAt === undefined ? {} : { expiresAt }), parts };
}

function readParts(field: Field, { parts, publicParts }: Description, known: KnownParts): SecretParts {
  const read = new Map<string, Secret>();
  for (const [name, part] of field.entries(MOST_PARTS)) {
    if (!parts.includes(name)) continue;
    const text = part.text();
    const secret = new Secret(text);
    if (!publicParts.includes(name)) known.keep(secret);
    if (text === "" || text.length > LONGEST_PART || !text.isWellFormed()) {
      throw part.wrong(`is empty, longer than ${LONGEST_PART} characters, or no well-formed text`);
    }
    read.set(name, secret);
  }
  // Names come from the description, which has been checked.
  const missing = parts.find((name) => !read.has(name));
  if (missing !== undefined) throw field.wrong(`has no ${missing}, which the description promises`);
  return read;
}

export function readUse(answer: Field, since: Instant, reading: Reading): UseEvidence {
  const field = answer.get("use");
  const kind = field.get("kind").oneOf(["used", "silent", "unknown"]);
  const detail = words(field.get("detail"), reading);
  if (kind === "unknown") return { kind, detail };
  if (kind === "silent") return { kind, sampled: field.get("sampled").flag(), detail };
  const at = past(field.get("at"), reading);
  if (at < since) throw field.get("at").wrong("is before the instant that was asked about");
  return { kind, at, detail };
}

export function readEvidence(answer: Field, reading: Reading): readonly Evidence[] {
  return answer
    .get("evidence")
    .list(MOST_VERSIONS)
    .map((one) => ({
      place: words(one.get("place"), reading),
      dead: one.get("dead").flag(),
      detail: words(one.get("detail"), reading),
    }));
}

/** Whether the server could sign in with what it was sent, and its words about it. */
export function readVerdict(
  answer: Field,
  reading: Reading,
): { readonly accepted: boolean; readonly detail?: string } {
  const detail = answer.optional("detail");
  return {
    accepted: answer.get("accepted").flag(),
    ...(detail === undefined ? {} : { detail: words(detail, reading) }),
  };
}

/** Our record and the trail hold it for ever, so it must be no secret. */
function publicWord(field: Field, pattern: RegExp, { known }: Reading): string {
  const text = field.matching(pattern);
  if (known.isIn(text)) throw field.wrong("holds a secret: it is public and stays on record");
  return text;
}

function past(field: Field, { now }: Reading): Instant {
  const instant = field.instant();
  if (instant > addTo(now, AHEAD_SECONDS)) throw field.wrong("is in the future");
  return instant;
}

function words(field: Field, { known }: Reading): string {
  return known.shown(field.text()) ?? "(not shown: too long, not printable, or it holds a secret)";
}
