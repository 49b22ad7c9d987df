import type { CredentialDetail } from "../../../../core/report/api/api-schemas.ts";
import { badge, said, table } from "./detail-shapes.ts";
import { type Child, dateOf, element, timeOf } from "./elements.ts";

type Row = CredentialDetail["credential"];

const DECLARED = "As its document declares it; nobody looked who can read the stores.";

/** Who can use it, as its document says. */
export function access({ access }: Row): readonly Child[] {
  if (access === null) return [element("p", { class: "nothing" }, "Nobody declared who has access.")];
  if (access.length === 0) return [element("p", {}, "Nobody, says its document.")];
  return [
    element("p", { class: "hint" }, DECLARED),
    table(
      ["Principal", "Kind", "Purpose", "Until"],
      access.map(({ principal, kind, purpose, until }) => [
        said(principal),
        kind,
        purpose === null ? "–" : said(purpose),
        until ?? "–",
      ]),
    ),
  ];
}

/** Who is given it. */
export function consumers({ consumers }: Row): readonly Child[] {
  if (consumers.length === 0) return [];
  return [
    table(
      ["Consumer", "Delivered by"],
      consumers.map(({ delivery, consumer }) => [consumer === null ? "–" : said(consumer), delivery]),
    ),
  ];
}

/** Its versions, with those that live. */
export function versions({ versions }: Row): readonly Child[] {
  if (versions.length === 0) return [];
  return [
    table(
      ["Handle", "Created", "Ends", "Standing"],
      versions.map(({ handle, createdAt, declared, expiresAt, live, promoted, deactivatedAt }) => [
        element("code", {}, handle),
        [dateOf(createdAt), declared ? element("small", {}, "declared") : null],
        dateOf(expiresAt),
        [
          element("span", { class: live ? "chip live" : "chip" }, live ? "live" : "not live"),
          promoted ? element("span", { class: "chip" }, "promoted") : null,
          deactivatedAt === null ? null : element("small", {}, "deactivated ", dateOf(deactivatedAt)),
        ],
      ]),
    ),
  ];
}

/** Its rotations, the newest first. */
export function history({ history }: Row): readonly Child[] {
  if (history.length === 0) return [];
  return [
    table(
      ["Opened", "Reason", "Proven in use", "Old version dead", "Outcome", "By", "Entries"],
      history.map((story) => [
        timeOf(story.openedAt),
        story.emergency ? `${story.reason}, emergency` : story.reason,
        timeOf(story.confirmedAt),
        timeOf(story.oldEndedAt),
        badge(story.outcome),
        said(story.actor),
        `${story.fromSeq}–${story.toSeq}`,
      ]),
    ),
  ];
}

/** What the audit trail says of it. */
export function trail({ trail }: Row): readonly Child[] {
  if (trail.length === 0) return [];
  return [
    element(
      "ol",
      { class: "trail" },
      trail.map(({ seq, time, actor, text }) =>
        element(
          "li",
          {},
          element("span", { class: "soft" }, timeOf(time), ` · entry ${seq} · `, said(actor)),
          element("span", {}, said(text)),
        ),
      ),
    ),
  ];
}
