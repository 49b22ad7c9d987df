import type { DiscoveryRows } from "../../../../core/report/history-schema.ts";
import { ratioText } from "../../../../core/report/ratio-text.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { badge } from "../badges.ts";
import { dateOf, html, type Markup, said, timeOf } from "../markup.ts";
import { credentialLink, nothing, type Section } from "../section.ts";
import { table } from "../table.ts";

const REST = "api/v1/discovery.json";

/** What sources showed that the registry does not know, or knows otherwise. */
export function discoverySection({ discovery }: ReportModel): Section {
  return {
    id: "discovery",
    title: "Discovery",
    ...(discovery === null ? {} : { count: discovery.unmanaged.length }),
    body:
      discovery === null
        ? nothing("The settings declare no source of discovery.")
        : html`<p class="hint">Registered, of all that the sources showed: <b>${ratioText(discovery.managed)}</b>. Unmanaged: <b>${discovery.unmanaged.length}</b>, ghosts: <b>${discovery.ghosts.length}</b>, drift: <b>${discovery.drift.length}</b>, shared keys: <b>${discovery.shared.length}</b>.</p>
${sources(discovery)}${unmanaged(discovery)}${ghosts(discovery)}${drift(discovery)}${shared(discovery)}`,
  };
}

function sources({ sources }: DiscoveryRows): Markup {
  return table(
    [
      { title: "Source", of: ({ name }) => html`<b>${name}</b>` },
      { title: "Kind", of: ({ kind }) => kind },
      { title: "Looked at", of: ({ scannedAt }) => timeOf(scannedAt, "never"), isNumber: true },
      { title: "Whole", of: ({ complete, late }) => `${complete ? "yes" : "no"}${late ? ", late" : ""}` },
      { title: "Scanned", of: ({ scanned }) => scanned, isNumber: true },
      { title: "Seen", of: ({ sightings }) => sightings, isNumber: true },
      { title: "Problems", of: ({ problems }) => said(problems.join("; ") || "none") },
    ],
    sources,
    { caption: "Sources", rest: REST },
  );
}

function unmanaged({ unmanaged }: DiscoveryRows): Markup {
  if (unmanaged.length === 0) return nothing("Nothing unmanaged was seen.");
  return table(
    [
      { title: "Handle", of: ({ handle }) => html`<code>${handle}</code>` },
      { title: "Kind", of: ({ kind }) => kind },
      { title: "Place", of: ({ place }) => said(place) },
      { title: "Source", of: ({ source }) => source },
      { title: "Live", of: ({ live }) => (live ? "yes" : "no") },
      { title: "Created", of: ({ createdAt }) => dateOf(createdAt), isNumber: true },
      { title: "Last used", of: ({ lastUsedAt }) => dateOf(lastUsedAt), isNumber: true },
      { title: "Concerns", of: ({ concerns }) => said(concerns.join("; ") || "–") },
      { title: "Perhaps of", of: ({ ownerGuess }) => (ownerGuess === null ? "–" : said(ownerGuess)) },
      { title: "Waived by", of: ({ waivedBy }) => waivedBy ?? "–" },
    ],
    unmanaged,
    { caption: "Unmanaged: seen by a source, not registered", rest: REST },
  );
}

function ghosts({ ghosts }: DiscoveryRows): Markup {
  if (ghosts.length === 0) return html``;
  return table(
    [
      { title: "Credential", of: ({ credential }) => credentialLink(credential) },
      { title: "Handle", of: ({ handle }) => handle ?? "–" },
      { title: "Source", of: ({ source }) => source },
      { title: "Since", of: ({ since }) => dateOf(since), isNumber: true },
    ],
    ghosts,
    { caption: "Ghosts: registered, absent at the provider", rest: REST },
  );
}

function drift({ drift }: DiscoveryRows): Markup {
  if (drift.length === 0) return html``;
  return table(
    [
      { title: "Credential", of: ({ credential }) => credentialLink(credential) },
      { title: "Handle", of: ({ handle }) => html`<code>${handle}</code>` },
      { title: "Source", of: ({ source }) => source },
      { title: "Recorded", of: ({ recorded }) => said(recorded) },
      { title: "Seen", of: ({ seen }) => badge(seen) },
      { title: "Since", of: ({ since }) => dateOf(since), isNumber: true },
    ],
    drift,
    { caption: "Drift: changed outside", rest: REST },
  );
}

function shared({ shared }: DiscoveryRows): Markup {
  if (shared.length === 0) return html``;
  return table(
    [
      { title: "Handle", of: ({ handle }) => html`<code>${handle}</code>` },
      { title: "Kind", of: ({ kind }) => kind },
      {
        title: "Credential",
        of: ({ credential }) => (credential === null ? "unmanaged" : credentialLink(credential)),
      },
      { title: "Places", of: ({ places }) => said(places.join(", ")) },
    ],
    shared,
    { caption: "Shared keys: one key in several places", rest: REST },
  );
}
