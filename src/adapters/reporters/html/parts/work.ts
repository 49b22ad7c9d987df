import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { badge } from "../badges.ts";
import { dateOf, html, type Markup, said, timeOf } from "../markup.ts";
import { credentialLink, nothing, type Section } from "../section.ts";
import { table } from "../table.ts";

/** Open rotations and what each waits for. */
export function rotationsSection({ rotations }: ReportModel): Section {
  return {
    id: "rotations",
    title: "Open rotations",
    count: rotations.length,
    body:
      rotations.length === 0
        ? nothing("No rotation is open.")
        : table(
            [
              { title: "Credential", of: ({ credential }) => credentialLink(credential) },
              { title: "Stands", of: ({ stands }) => badge(stands) },
              { title: "Step", of: ({ step }) => step ?? "–" },
              { title: "Waits for", of: ({ waitsFor }) => said(waitsFor) },
              { title: "Until", of: ({ until }) => timeOf(until), isNumber: true },
              { title: "Since", of: ({ since }) => timeOf(since), isNumber: true },
              { title: "What helps", of: ({ help }) => commands(help) },
            ],
            rotations,
            { caption: "Open rotations and what each waits for", rest: "api/v1/open-work.json" },
          ),
  };
}

/** Findings, the gravest first; those that an exception waives at the end. */
export function findingsSection({ findings }: ReportModel): Section {
  return {
    id: "findings",
    title: "Findings",
    count: findings.length,
    body:
      findings.length === 0
        ? nothing("There is no finding.")
        : table(
            [
              { title: "Finding", of: ({ code }) => html`<code>${code}</code>` },
              { title: "Level", of: ({ level }) => badge(level) },
              {
                title: "Credential",
                of: ({ credential }) => (credential === null ? "the repository" : credentialLink(credential)),
              },
              {
                title: "Problem and fix",
                of: ({ message, fix }) => html`<p>${said(message)}</p><p class="fix">${said(fix)}</p>`,
              },
              { title: "Waived by", of: ({ waivedBy }) => waivedBy ?? "–" },
            ],
            findings,
            { caption: "Findings, the gravest first", rest: "api/v1/findings.json" },
            100,
          ),
  };
}

/** Credentials that were reported as compromised. */
export function incidentsSection({ incidents }: ReportModel): Section {
  return {
    id: "incidents",
    title: "Incidents",
    count: incidents.length,
    body:
      incidents.length === 0
        ? nothing("No credential was reported as compromised.")
        : table(
            [
              { title: "Credential", of: ({ credential }) => credentialLink(credential) },
              { title: "At", of: ({ at }) => timeOf(at), isNumber: true },
              { title: "Standing", of: ({ standing }) => badge(standing) },
              { title: "Reported by", of: ({ by }) => said(by) },
              { title: "Reason", of: ({ reason }) => said(reason) },
            ],
            incidents,
            { caption: "Credentials that were reported as compromised", rest: "api/v1/open-work.json" },
          ),
  };
}

/** What keeps rotations back by somebody's word. */
export function holdsSection({ holds }: ReportModel): Section {
  return {
    id: "holds",
    title: "Holds",
    count: holds.length,
    body:
      holds.length === 0
        ? nothing("No hold is in force.")
        : table(
            [
              { title: "Hold", of: ({ id }) => html`<code>${id}</code>` },
              { title: "Covers", of: ({ covers }) => said(covers) },
              { title: "Until", of: ({ until }) => dateOf(until, "released"), isNumber: true },
              { title: "By", of: ({ by }) => (by === null ? "–" : said(by)) },
              { title: "Reason", of: ({ reason }) => said(reason) },
            ],
            holds,
            { caption: "Holds in force", rest: "api/v1/open-work.json" },
          ),
  };
}

/** The exceptions register. */
export function exceptionsSection({ exceptions }: ReportModel): Section {
  return {
    id: "exceptions",
    title: "Exceptions register",
    count: exceptions.length,
    body:
      exceptions.length === 0
        ? nothing("There is no exception.")
        : table(
            [
              { title: "Exception", of: ({ name }) => html`<code>${name}</code>` },
              { title: "About", of: ({ about }) => said(about) },
              { title: "Covers", of: ({ covers }) => covers, isNumber: true },
              { title: "Waives", of: ({ waives }) => waives, isNumber: true },
              {
                title: "From – to",
                of: ({ startsAt, expiresAt }) => html`${dateOf(startsAt)} – ${dateOf(expiresAt)}`,
                isNumber: true,
              },
              { title: "Counts", of: (row) => html`${row.counts ? "yes" : "no"}: ${said(row.why)}` },
              { title: "Requested by", of: ({ requestedBy }) => said(requestedBy) },
              { title: "Approved by", of: (row) => said(approversOf(row)) },
              {
                title: "Justification",
                of: ({ justification, compensatingControls }) =>
                  html`<p>${said(justification)}</p>${compensatingControls === null ? "" : html`<p class="fix">${said(compensatingControls)}</p>`}`,
              },
            ],
            exceptions,
            {
              caption: "Exceptions, whether they count, and who approved them",
              rest: "api/v1/exceptions.json",
            },
          ),
  };
}

function approversOf(row: ReportModel["exceptions"][number]): string {
  if (row.approvers.length > 0) return row.approvers.join(", ");
  return row.declaredApprover === null ? "–" : `${row.declaredApprover} (declared)`;
}

function commands(help: readonly string[]): Markup | string {
  if (help.length === 0) return "–";
  return html`${help.map((command) => html`<p><code>${command}</code></p>`)}`;
}
