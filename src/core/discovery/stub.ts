import type { CredentialType } from "../documents/common.ts";
import type { Credential } from "../documents/credential.ts";
import type { SightingFact } from "../state/discovery-book.ts";
import { plainLine } from "../text/plain-line.ts";
import { type GuessWorld, guessOwner, slugOf } from "./guess-owner.ts";
import type { SeenThing } from "./matched.ts";
import { publicName } from "./recognise.ts";

/** A document for something that nobody registered, for a person to complete. */
export interface Stub {
  readonly name: string;
  /** Empty texts are what nobody could guess: the document is not valid before a person has written them. */
  readonly spec: Credential["spec"];
  /** What it is, in lines above it. */
  readonly notes: readonly string[];
  /** By field of `spec`, or `owner.team`: that it is a guess, and from what. */
  readonly guesses: ReadonlyMap<string, string>;
}

const TYPES: Readonly<Record<SightingFact["kind"], CredentialType>> = {
  "aws-access-key": "api-key",
  "postgresql-login": "database-password",
  "tls-certificate": "tls-certificate",
  "ssh-key": "ssh-key",
  "kubernetes-tls": "tls-certificate",
  "github-secret": "api-key",
};
/** Hints of these say whose service it is, and not which team. */
const SERVICE_HINT = /service|app/i;
const MOST_ENDPOINTS = 100;
const ENDPOINT = /^[^\s/@]+:\d{1,5}$/;

/** What can be said of it without asking anybody. `isFree`: no other document has this name. */
export function stubOf(thing: SeenThing, world: GuessWorld, isFree: (name: string) => boolean): Stub {
  const { kind, source, places, fact } = thing;
  const owner = guessOwner(fact, world);
  const guesses = new Map<string, string>();
  const service = fact.ownerHints?.find((hint) => SERVICE_HINT.test(hint.source));
  guesses.set(
    "service",
    service === undefined ? "a guess: the source that showed it" : `a guess from ${service.source}`,
  );
  guesses.set(
    "owner",
    owner === undefined ? "FILL IN: nothing says who owns it" : `a guess from ${plainLine(owner.from, 60)}`,
  );
  const made = fact.createdAt ?? fact.changedAt;
  if (made === undefined) guesses.set("createdAt", "not known: the day on which it was seen first");
  const endpoints = places.filter((place) => ENDPOINT.test(place)).slice(0, MOST_ENDPOINTS);
  const isServed = kind === "tls-certificate" && endpoints.length > 0;
  return {
    name: freeName(nameOf(thing), isFree),
    spec: {
      type: TYPES[kind],
      service: slugOf(service?.text ?? "") || slugOf(source),
      owner: { team: owner?.team ?? "", contact: owner?.contact ?? "" },
      createdAt: (made ?? fact.firstSeenAt).slice(0, 10),
      method: "manual",
      ...(made !== undefined && fact.changedAt !== undefined && fact.changedAt > made
        ? { rotatedAt: fact.changedAt.slice(0, 10) }
        : {}),
      ...(fact.expiresAt === undefined ? {} : { expiresAt: fact.expiresAt.slice(0, 10) }),
      ...(isServed ? { endpoints } : {}),
      handle: publicName(fact),
    },
    notes: notesOf(thing),
    guesses,
  };
}

function notesOf({ source, places, fact, concerns, kind, handle }: SeenThing): readonly string[] {
  const more = places.length > 1 ? ` and ${places.length - 1} more` : "";
  const used = fact.lastUsedOn === undefined ? "" : `, last used ${fact.lastUsedOn}`;
  return [
    // As a field's value: there, a public identifier is none of the texts that look like a secret.
    `${kind}, handle: ${handle}, seen by ${source} at ${places[0] ?? ""}${more} since ${fact.firstSeenAt.slice(0, 10)}${used}`,
    ...concerns,
  ].map((note) => plainLine(note, 300));
}

/** From what people call it, never from a part that is secret: there is none. */
function nameOf({ kind, handle, places, fact }: SeenThing): string {
  const [place = ""] = places;
  const object = place.replace(/:\d+$/, "").split("/").at(-1) ?? "";
  switch (kind) {
    case "aws-access-key":
      return slugOf(`${object}-${handle.slice(-4)}`);
    case "ssh-key":
      return slugOf(`ssh-${fact.detail?.["comment"] ?? handle.replace(/^SHA256:/, "").slice(0, 12)}`);
    case "tls-certificate":
      return slugOf(`tls-${place}`);
    default:
      return slugOf(object === "" ? `${kind}-${handle}` : object);
  }
}

function freeName(wanted: string, isFree: (name: string) => boolean): string {
  const base = wanted === "" ? "discovered" : wanted;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (isFree(name)) return name;
  }
}
