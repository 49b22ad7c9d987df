import type { CredentialDetail } from "../../../../core/report/api/api-schemas.ts";
import { credentialHash } from "../data-places.ts";
import { toneOf } from "../tones.ts";
import { badge, list, said } from "./detail-shapes.ts";
import { access, consumers, history, trail, versions } from "./detail-tables.ts";
import { dueLine } from "./due-line.ts";
import { type Child, dateOf, element, timeOf } from "./elements.ts";

type Row = CredentialDetail["credential"];

/** Everything about one credential, the most asked first. */
export function detailParts(detail: CredentialDetail, asOf: string): readonly HTMLElement[] {
  const { credential, rotations, exceptions, incidents } = detail;
  const parts = [
    summary(credential),
    part("Due date", dueParts(credential, asOf)),
    part("Findings", findings(detail)),
    part("Open rotation", rotations.map(openRotation)),
    part("Incidents", incidents.map(incident)),
    part("Who has access", access(credential)),
    part("Consumers", consumers(credential)),
    part("Versions", versions(credential)),
    part("Rotation history", history(credential)),
    part("Audit trail", trail(credential)),
    part("Exceptions", exceptions.map(exception)),
    part("Facts", facts(credential)),
  ];
  return parts.flatMap((made) => made ?? []);
}

function part(title: string, children: readonly Child[]): HTMLElement | undefined {
  if (children.length === 0) return undefined;
  return element("section", {}, element("h3", {}, title), children);
}

function summary({
  state,
  level,
  type,
  service,
  team,
  contact,
  compliantStrict,
  compliantAdjusted,
}: Row): HTMLElement {
  const standing = compliantStrict
    ? "inside its policy"
    : compliantAdjusted
      ? "outside its policy, waived by an exception"
      : state === "retired"
        ? "outside of the population"
        : "outside its policy";
  return element(
    "div",
    { class: "drawer-summary" },
    element(
      "p",
      {},
      badge(state),
      level === "none" ? null : badge(level),
      element("span", { class: "soft" }, standing),
    ),
    element(
      "p",
      {},
      type,
      " of ",
      element("b", {}, said(service)),
      ", owned by ",
      element("b", {}, said(team)),
      " (",
      said(contact),
      ")",
    ),
  );
}

function dueParts(row: Row, asOf: string): readonly Child[] {
  if (row.policies.length === 0) return [element("p", { class: "nothing" }, "No policy matches it.")];
  return [
    dueLine(row, asOf),
    row.policies.map(({ policy, enforcement, arithmetic, exception, dueAt }) =>
      element(
        "div",
        { class: "policy" },
        element(
          "p",
          {},
          element("b", {}, policy),
          policy === row.policy && row.policies.length > 1
            ? element("span", { class: "chip" }, "strictest")
            : null,
          element("span", { class: "chip" }, enforcement === "rotate" ? "rotates" : "reports"),
          exception === null ? null : element("span", { class: "chip" }, `exception ${exception}`),
          element("span", { class: "soft" }, "due ", dateOf(dueAt)),
        ),
        element("p", { class: "arithmetic" }, arithmetic),
      ),
    ),
  ];
}

function findings({ findings }: CredentialDetail): readonly Child[] {
  return findings.map(({ code, level, message, fix, waivedBy }) =>
    element(
      "div",
      { class: `finding ${toneOf(level)}` },
      element(
        "p",
        {},
        badge(level),
        element("code", {}, code),
        waivedBy === null ? null : element("span", { class: "chip" }, `waived by ${waivedBy}`),
      ),
      element("p", {}, said(message)),
      element("p", { class: "fix" }, said(fix)),
    ),
  );
}

function openRotation({
  stands,
  step,
  waitsFor,
  since,
  until,
  help,
  reason,
  emergency,
}: CredentialDetail["rotations"][number]): HTMLElement {
  return element(
    "div",
    { class: "finding" },
    element(
      "p",
      {},
      badge(stands),
      step === null ? null : element("span", {}, "at step ", element("b", {}, step)),
      emergency ? badge("emergency") : null,
    ),
    element("p", {}, said(waitsFor)),
    list([
      ["Reason", reason],
      ["Since", timeOf(since)],
      ["Until", timeOf(until)],
      ["What helps", help.length === 0 ? null : help.map((command) => element("code", {}, command))],
    ]),
  );
}

function incident({ id, at, by, reason, standing }: CredentialDetail["incidents"][number]): HTMLElement {
  return element(
    "div",
    { class: "finding worst" },
    element("p", {}, badge(standing), element("code", {}, id)),
    list([
      ["At", timeOf(at)],
      ["Reported by", said(by)],
      ["Reason", said(reason)],
    ]),
  );
}

function exception(row: CredentialDetail["exceptions"][number]): HTMLElement {
  const {
    name,
    about,
    phase,
    counts,
    why,
    startsAt,
    expiresAt,
    justification,
    compensatingControls,
    requestedBy,
  } = row;
  const approved =
    row.approvers.length > 0
      ? row.approvers.join(", ")
      : row.declaredApprover === null
        ? "–"
        : `${row.declaredApprover} (declared)`;
  return element(
    "div",
    { class: "finding" },
    element(
      "p",
      {},
      element("b", {}, name),
      element("span", { class: "chip" }, phase),
      element("span", { class: "soft" }, counts ? "counts" : "does not count", ": ", said(why)),
    ),
    list([
      ["About", said(about)],
      ["From, to", [dateOf(startsAt), " – ", dateOf(expiresAt)]],
      ["Requested by", said(requestedBy)],
      ["Approved by", said(approved)],
      ["Justification", said(justification)],
      ["Compensating controls", compensatingControls === null ? null : said(compensatingControls)],
    ]),
  );
}

function facts(row: Row): readonly Child[] {
  const labels = Object.entries(row.labels).map(([key, value]) =>
    element("span", { class: "chip" }, `${key}=${value}`),
  );
  return [
    list([
      ["Method", row.provider === null ? row.method : `${row.method}, ${row.provider}`],
      ["Last rotated", [timeOf(row.lastRotatedAt), element("small", {}, row.lastRotatedSource)]],
      ["Registered since", row.createdAt],
      [
        "Its own end",
        row.ownEnd === null ? null : [timeOf(row.ownEnd), element("small", {}, row.ownEndSource)],
      ],
      ["Retired at", row.retiredAt],
      [
        "Compromised",
        row.compromisedAt === null ? null : [timeOf(row.compromisedAt), said(row.compromisedBecause ?? "")],
      ],
      ["Labels", labels.length === 0 ? null : labels],
      ["Served at", row.endpoints.length === 0 ? null : row.endpoints.join(", ")],
      [
        "Depends on",
        row.dependsOn.length === 0
          ? null
          : row.dependsOn.map((name) => element("a", { href: credentialHash(name) }, name)),
      ],
      ["Document", element("code", {}, `${row.file}:${row.line}`)],
    ]),
  ];
}
