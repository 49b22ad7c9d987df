import type { SeenThing, Shared, SourceStanding } from "../../discovery/matched.ts";
import type { Circumstances } from "../circumstances.ts";
import type { Level } from "../finding.ts";
import { waiverOfSighting } from "../sighting-waivers.ts";
import type { Draft, Examined } from "./examined.ts";
import type { Facts, FindingDraft } from "./make-finding.ts";

/** What discovery says of things that nobody registered, and of the sources themselves. */
export function discoveryDrafts(circumstances: Circumstances): readonly FindingDraft[] {
  const { discovery, input } = circumstances;
  if (discovery === undefined) return [];
  const settings = input.documents.settings;
  const level = settings?.document.spec.unmanaged ?? "warning";
  const made = (draft: Draft, sighted?: SeenThing | Shared): FindingDraft => ({
    ...draft,
    ...(settings === undefined ? {} : { source: settings }),
    waivedBy:
      sighted === undefined ? undefined : waiverOfSighting(circumstances.exceptions, draft.code, sighted),
  });
  return [
    ...discovery.unmanaged.map((thing) => made(unmanagedDraft(thing, level), thing)),
    ...discovery.shared.filter(isStray).map((shared) => made(sharedDraft(shared), shared)),
    ...discovery.things
      .filter((thing) => isStray(thing) && thing.concerns.length > 0)
      .map((thing) => made(concernDraft(thing), thing)),
    ...discovery.sources.flatMap(incompleteDrafts).map((draft) => made(draft)),
  ];
}

function isStray({ credential }: SeenThing | Shared): boolean {
  return credential === undefined;
}

/** What cannot do any harm now may wait. */
function unmanagedDraft(thing: SeenThing, level: Level): Draft {
  return {
    code: "unmanaged",
    level: thing.fact.live ? level : "warning",
    discriminator: thing.key,
    facts: thingFacts(thing),
  };
}

/** What discovery says of a registered credential. */
export function placeFindings({ source, status, circumstances }: Examined): readonly Draft[] {
  const { discovery } = circumstances;
  const { name } = source.document.metadata;
  if (discovery === undefined) return [];
  const isOurs = ({ credential }: { readonly credential: string | undefined }): boolean =>
    credential === name;
  const ghosts = discovery.ghosts.filter(isOurs).map((ghost): Draft => {
    const { handle = "", lookedAt, since } = ghost;
    const facts = { source: ghost.source, handle, lookedAt, since };
    return { code: "ghost", level: "warning", discriminator: ghost.source, facts };
  });
  // What the rotator itself has seen is told by the record.
  const drift = status?.behind !== undefined ? [] : discovery.drift.filter(isOurs);
  return [
    ...ghosts,
    ...drift.map((one): Draft => {
      const { handle, place, recorded, seen, since } = one;
      const reason = `${handle} at ${place}: ${seen}, on record is: ${recorded}`;
      const facts = { source: one.source, reason, since };
      return { code: "drift", level: one.grave ? "critical" : "warning", discriminator: one.key, facts };
    }),
    ...discovery.shared.filter(isOurs).map(sharedDraft),
    ...discovery.things.filter((thing) => isOurs(thing) && thing.concerns.length > 0).map(concernDraft),
  ];
}

function sharedDraft({ key, kind, handle, places, since }: Shared): Draft {
  const facts = { kind, handle, place: places[0] ?? "", places: places.length, since };
  return { code: "shared-credential", level: "warning", discriminator: key, facts };
}

function concernDraft(thing: SeenThing): Draft {
  const { kind, handle, source, places, concerns } = thing;
  const facts = {
    kind,
    handle,
    source,
    place: places[0] ?? "",
    places: places.length,
    concerns: concerns.join("; "),
  };
  return { code: "discovery-concern", level: "warning", discriminator: thing.key, facts };
}

function incompleteDrafts(source: SourceStanding): readonly Draft[] {
  const reason = whyIncomplete(source);
  if (reason === undefined) return [];
  const facts = { source: source.name, reason };
  return [{ code: "discovery-incomplete", level: "warning", discriminator: source.name, facts }];
}

function whyIncomplete({ scannedAt, wholeAt, complete, late, problems }: SourceStanding): string | undefined {
  if (scannedAt === undefined) return "no run has looked at it yet";
  if (!complete) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    return `${problems[0] ?? "a look is under way, the next run goes on with it"}${more}`;
  }
  return late ? `the newest whole look is of ${wholeAt}, older than its interval allows` : undefined;
}

function thingFacts({ kind, handle, source, places, fact }: SeenThing): Facts {
  const { createdAt, lastUsedOn, ownerHints = [] } = fact;
  const [hint] = ownerHints;
  return {
    kind,
    handle,
    source,
    place: places[0] ?? "",
    places: places.length,
    live: fact.live ? 1 : 0,
    firstSeenAt: fact.firstSeenAt,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(lastUsedOn === undefined ? {} : { lastUsedOn }),
    ...(hint === undefined ? {} : { owner: `${hint.text} (${hint.source})` }),
  };
}
